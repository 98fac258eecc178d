"""Board: cards that are ticked into a sum or sorted into bins, with a readout in words."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import traitlets

from lessons.widgets.base import LessonWidget, pack, table_html


@dataclass(frozen=True)
class Scene:
    """A drawn picture above a Board: SVG text, what it shows, and its size in CSS pixels."""

    svg: str
    alt: str
    width: int
    height: int


class Board(LessonWidget):
    """Cards to weigh by hand.  Make one with :meth:`sum` or :meth:`sort`."""

    _esm, _css = pack("board")

    board = traitlets.Dict().tag(sync=True)
    picked = traitlets.Int(0).tag(sync=True)
    out = traitlets.List().tag(sync=True)
    placed = traitlets.List(traitlets.Int()).tag(sync=True)

    @classmethod
    def sum(
        cls,
        sets: Mapping[str, pd.DataFrame],
        *,
        chooser: str,
        legend: str,
        whole: float = 100.0,
        unit: str = "%",
        start: Mapping[str, Sequence[str]] | None = None,
        **words: object,
    ) -> Board:
        """Tick groups in and out of a sum; the total speaks.

        Parameters
        ----------
        sets
            Sources by name.  Each is a table with the columns ``label`` (text), ``value`` (number)
            and ``shown`` (the value as printed, for example "~4%").
        chooser, legend
            What the menu of sources and the group of check boxes are called.
        whole
            What a complete sum is.
        start
            By source, the labels that start unticked.

        Raises
        ------
        ValueError
            If a table lacks a column, holds no number, or ``start`` names an unknown label.

        Examples
        --------
        >>> pie = pd.DataFrame({"label": ["a", "b"], "value": [61.0, 41.0], "shown": ["61%", "41%"]})
        >>> board = Board.sum({"The pie": pie}, chooser="Source", legend="Groups", title="Add it up")
        >>> board.total()
        102.0
        """
        described = []
        for name, table in sets.items():
            if missing := {"label", "value", "shown"} - {*table.columns}:
                raise ValueError(f"The source {name!r} has no column {', '.join(sorted(missing))}.")
            if table["value"].isna().any():
                raise ValueError(f"The source {name!r} has rows without a number; leave them out or give a number.")
            cards = [
                {"label": str(row.label), "value": float(row.value), "shown": str(row.shown)} for row in table.itertuples()
            ]
            described.append({"label": name, "cards": cards})
        unticked = []
        for each in described:
            labels = [card["label"] for card in each["cards"]]
            wanted = list((start or {}).get(each["label"], []))
            if unknown := [label for label in wanted if label not in labels]:
                raise ValueError(f"The source {each['label']!r} has no group {unknown[0]!r}; it has {', '.join(labels)}.")
            unticked.append([labels.index(label) for label in wanted])
        board = {"mode": "sum", "sets": described, "chooser": chooser, "legend": legend, "whole": whole, "unit": unit}
        return cls(board=board, out=unticked, **words)

    @classmethod
    def sort(
        cls,
        cards: pd.DataFrame,
        *,
        bins: Sequence[str],
        scene: Scene | None = None,
        **words: object,
    ) -> Board:
        """Sort statements into bins; once all are placed, each card says how we would and why.

        ``cards`` has the columns ``text``, ``bin`` (one of ``bins``) and ``why``.  Raises ValueError
        if a column is missing or a card belongs to no bin.
        """
        if missing := {"text", "bin", "why"} - {*cards.columns}:
            raise ValueError(f"The cards have no column {', '.join(sorted(missing))}.")
        if unknown := [bin_ for bin_ in cards["bin"] if bin_ not in bins]:
            raise ValueError(f"A card belongs to {unknown[0]!r}; the bins are {', '.join(bins)}.")
        board = {
            "mode": "sort",
            "bins": list(bins),
            "cards": [{"text": row.text, "bin": list(bins).index(row.bin), "why": row.why} for row in cards.itertuples()],
            "scene": vars(scene) if scene else None,
        }
        return cls(board=board, placed=[-1] * len(cards), **words)

    @traitlets.validate("picked")
    def _known(self, proposal: dict) -> int:
        count = len(self.board.get("sets", [0]))
        if not 0 <= proposal["value"] < count:
            raise ValueError(f"This board has {count} sources, numbered from 0; there is no number {proposal['value']}.")
        return proposal["value"]

    def total(self) -> float:
        """The sum of the ticked cards of the source that is shown, rounded to two decimals."""
        cards, out = self.board["sets"][self.picked]["cards"], self.out[self.picked]
        return round(math.fsum(card["value"] for i, card in enumerate(cards) if i not in out), 2)

    def static_html(self) -> str:
        if self.board["mode"] == "sum":
            return "".join(
                f"<h4>{html.escape(each['label'])}</h4>"
                + table_html(pd.DataFrame([{"Group": card["label"], "Printed": card["shown"]} for card in each["cards"]]))
                for each in self.board["sets"]
            )
        scene = self.board["scene"]
        picture = ""
        if scene:
            encoded = base64.b64encode(scene["svg"].encode()).decode("ascii")
            picture = (
                f'<img src="data:image/svg+xml;base64,{encoded}" alt="{html.escape(scene["alt"])}" '
                f'width="{scene["width"]}" height="{scene["height"]}">'
            )
        rows = [{"Statement": card["text"], "We would say": self.board["bins"][card["bin"]], "Why": card["why"]} for card in self.board["cards"]]
        return picture + table_html(pd.DataFrame(rows))
