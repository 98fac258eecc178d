"""What every widget of the course has in common.

A widget is an `anywidget <https://anywidget.dev>`_: one Python class with its state and one
plain ES module beside it that draws the state.  In JupyterLab the two talk to each other; in
the book the page holds the saved state and the module works alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

import anywidget
import pandas as pd
import traitlets

from lessons import figures

VIEW = "application/vnd.jupyter.widget-view+json"

_HERE = Path(__file__).parent


def pack(name: str) -> tuple[str, str]:
    """The module and style sheet of a widget, with the shared ones inlined: ``(esm, css)``."""
    shared = re.sub(r"^export ", "", (_HERE / "shared.js").read_text(encoding="utf-8"), flags=re.M)
    own = (_HERE / f"{name}.js").read_text(encoding="utf-8")
    own = re.sub(r'^import [^;]*? from "\./shared\.js";\n', "", own, flags=re.M)
    css = (_HERE / "shared.css").read_text(encoding="utf-8") + (_HERE / f"{name}.css").read_text(encoding="utf-8")
    return f"{shared}\n{own}", css


class LessonWidget(anywidget.AnyWidget):
    """Base of the four kinds: Explorer, Atlas, Board and Quiz.

    Parameters of every kind
    ------------------------
    title
        What it is, shown on top and spoken as its name.
    name
        The label it can be cited by: ``fig-<lesson>-<what>``.
    caption
        One or two sentences under it.
    notice
        The sentence that says what to notice, folded away until the learner has tried.
    tables
        The tables and layers it draws on; they become its source card.
    """

    _esm = "export default {}"

    title = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    sources = traitlets.Dict().tag(sync=True)

    def __init__(self, *, title: str, tables: Sequence[str] = (), **traits: object) -> None:
        if not title:
            raise ValueError(f"{type(self).__name__} has no title: write title=\"...\".")
        super().__init__(
            title=title, sources=figures.source_lines(tables) if tables else {}, **traits
        )

    def static_html(self) -> str:
        """Markup for readers without JavaScript and for paper; text is escaped."""
        raise NotImplementedError

    def fallback_html(self) -> str:
        """The figure that stands in for the widget where scripts do not run."""
        return (
            f'<figure class="aras-figure"><p><strong>{html.escape(self.title)}</strong></p>'
            f"{self.static_html()}<figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        content, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        content["text/plain"] = self.title
        return content, metadata | {VIEW: {"fallback_html": self.fallback_html()}}


def table_html(table: pd.DataFrame) -> str:
    """A table as escaped HTML, for :meth:`LessonWidget.static_html`."""
    return f'<div class="aras-scroll" tabindex="0">{table.to_html(index=False, border=0, na_rep="–")}</div>'


def plain(value: object) -> str | int | float | bool | None:
    """A table's cell as JSON knows it: dates as ISO text, missing as None."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)) or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value
