"""Figures that carry their own description, caption and sources.

A figure of this course is an ordinary matplotlib figure with four things added: an
alternative text for readers who do not see it, a caption, the tables it was drawn from,
and a name by which it can be cited.  Shown as the last line of a cell, it prints the
picture with all four, in JupyterLab and in the book alike.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lessons import data

#: Okabe-Ito: eight colours that stay apart for readers with any kind of colour vision.
PALETTE: dict[str, str] = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}

#: Hatching for what colour alone must not say: control, claim, doubt.
HATCHES: dict[str, str] = {"control": "////", "claim": "\\\\\\\\", "partly": "....", "unknown": "xx"}

#: One style for every figure; text sizes are chosen for a page 390 px wide.  Importing this
#: module applies it, so that what a learner adds to a figure later looks the same.
STYLE: dict[str, object] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.labelsize": 10.5,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 10.5,
    "hatch.linewidth": 0.8,
    "axes.prop_cycle": matplotlib.cycler(
        color=[PALETTE[name] for name in ("blue", "orange", "green", "vermilion", "purple", "sky")]
    ),
}

matplotlib.rcParams.update(STYLE)

#: Pixels an inch of the stored picture, and CSS pixels an inch at which it is shown on a wide page.
DPI = 180
CSS_PX_PER_INCH = 108


class CourseFigure(Figure):
    """A matplotlib figure with its alternative text, caption and sources.

    Make one with :func:`new`.  ``alt`` and ``row`` are read by :class:`lessons.widgets.Explorer`.
    """

    alt: str
    caption: str
    name: str
    tables: tuple[str, ...]
    as_of: str
    precision: str
    row: dict[str, object]

    def avif(self, quality: int = 55) -> bytes:
        """The picture as AVIF bytes, a fifth of the weight of a PNG and two thirds of a WebP."""
        from PIL import Image

        raw = io.BytesIO()
        self.savefig(raw, format="png", dpi=DPI)
        raw.seek(0)
        out = io.BytesIO()
        Image.open(raw).convert("RGB").save(out, "AVIF", quality=quality, speed=8)
        return out.getvalue()

    def size_px(self) -> tuple[int, int]:
        """Width and height in CSS pixels at which the picture is meant to be seen."""
        width, height = self.get_size_inches()
        return round(width * CSS_PX_PER_INCH), round(height * CSS_PX_PER_INCH)

    def to_html(self) -> str:
        """The ``<figure>`` element: picture, alternative text, caption and source card."""
        width, height = self.size_px()
        picture = base64.b64encode(self.avif()).decode("ascii")
        return (
            f'<figure class="aras-figure" id="{html.escape(self.name)}">'
            f'<img src="data:image/avif;base64,{picture}" alt="{html.escape(self.alt)}" '
            f'width="{width}" height="{height}" decoding="async" style="max-width:100%;height:auto">'
            f"<figcaption>{html.escape(self.caption)}</figcaption>"
            f"{source_card(self.tables, as_of=self.as_of, precision=self.precision)}</figure>"
        )

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self.to_html(), "text/plain": f"{self.caption}\n{self.alt}"}, raw=True)


def new(
    *,
    alt: str,
    caption: str,
    tables: Sequence[str],
    name: str,
    as_of: str = "",
    precision: str = "",
    width: float = 5.6,
    height: float = 3.8,
    rows: int = 1,
    columns: int = 1,
    row: Mapping[str, object] | None = None,
    **subplot_options: object,
) -> tuple[CourseFigure, Axes]:
    """Start a figure: returns the figure and its axes (an array of axes when there are several).

    Parameters
    ----------
    alt
        What the picture shows, in one to three sentences, for a reader who cannot see it.
    caption
        What the reader should take from it.
    tables
        Names of the tables and layers it is drawn from, as in :func:`lessons.data.names`.
    name
        The label it can be cited by: ``fig-<lesson>-<what>``.
    as_of, precision
        Date or edition that the figure shows, and how precise it is; by default what the
        description of the first table says.
    width, height
        Inches.  Keep ``width`` at 5.6: text must be legible on a phone.
    row
        What the figure says as a row of a table, for the table beside an Explorer.

    Raises
    ------
    ValueError
        If the alternative text, the caption, the tables or the name is missing.

    Examples
    --------
    >>> fig, ax = new(
    ...     alt="One bar of height 1.", caption="A bar.", tables=["sources"], name="fig-00-bar"
    ... )
    >>> bars = ax.bar(["a"], [1])
    >>> fig.alt
    'One bar of height 1.'
    """
    for what, value in {"alt": alt, "caption": caption, "tables": tables, "name": name}.items():
        if not value:
            raise ValueError(
                f"The figure has no {what}. Every figure needs an alternative text (alt), a caption, "
                f"the tables it was drawn from and a name: write {what}=... in figures.new(...)."
            )
    if isinstance(tables, str):
        raise ValueError(f'tables is a list of names: write tables=["{tables}"].')
    card = data.source(tables[0])
    fig = CourseFigure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    fig.alt, fig.caption, fig.name, fig.tables = alt, caption, name, tuple(tables)
    fig.as_of = as_of or card.as_of
    fig.precision = precision or card.precision
    fig.row = dict(row or {})
    return fig, fig.subplots(rows, columns, **subplot_options)


def source_lines(tables: Sequence[str], *, as_of: str = "", precision: str = "") -> dict[str, object]:
    """What a source card says of some tables: a ``summary`` line and an item a table.

    ``tables`` are names as in :func:`lessons.data.names`; an unknown one raises
    :class:`lessons.data.UnknownName`.
    """
    cards = [data.source(table) for table in tables]
    publishers = list(dict.fromkeys(row["publisher"] for card in cards for row in card.sources if row["publisher"]))
    # Many sources are named where they belong, row by row; a few fit into the line.
    shown = "; ".join(publishers) if len(publishers) <= 3 else f"{len(publishers)} publishers, named row by row in the data"
    items = [
        {
            "title": card.title,
            "licence": "; ".join(card.licences),
            "precision": (precision if number == 0 and precision else card.precision).rstrip("."),
            "limits": card.limits,
            "path": card.path,
        }
        for number, card in enumerate(cards)
    ]
    return {"summary": f"Source: {shown}. As of {as_of or cards[0].as_of}.", "items": items}


def source_card(tables: Sequence[str], *, as_of: str = "", precision: str = "") -> str:
    """The source card as HTML: one line to see, the rest folded: licence, precision, limits, data."""
    lines = source_lines(tables, as_of=as_of, precision=precision)
    items = "".join(
        f"<li><strong>{html.escape(item['title'])}</strong>. Licence: {html.escape(item['licence'])}. "
        f"Precision: {html.escape(item['precision'])}. Limits: {html.escape(item['limits'])} "
        f'<a href="../{html.escape(item["path"])}" download>'
        f"Download {html.escape(item['path'].split('/')[-1])}</a></li>"
        for item in lines["items"]
    )
    return (
        f'<details class="aras-source"><summary>{html.escape(lines["summary"])}</summary>'
        f"<ul>{items}</ul></details>"
    )
