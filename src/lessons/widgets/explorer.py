"""Explorer: any drawing function with one to three choices, alive with or without a kernel."""

from __future__ import annotations

import base64
import html
import itertools
import os
from collections.abc import Callable, Sequence

import pandas as pd
import traitlets

from lessons.figures import CourseFigure
from lessons.widgets.base import LessonWidget, pack, plain, table_html

#: Set while the book is built: every state is drawn, so that the page needs no kernel.
BOOK = "LESSONS_BOOK"


class Explorer(LessonWidget):
    """Try the choices of a drawing function and see its figure, its words and its table change.

    Parameters
    ----------
    draw
        A pure function of the choices that returns a :class:`lessons.figures.CourseFigure`.
        The figure's ``alt`` becomes the alternative text, its ``row`` a row of the table, and
        its ``caption`` the sentence that is spoken when the choice changes.
    controls
        One to three named lists of values, for example ``edition=[2010, 2011]``.  Numbers are
        stepped through; words are picked from a menu.  ``_`` in a name is shown as a space.

    Raises
    ------
    ValueError
        If there are no controls or more than three, or one has fewer than two values.

    Examples
    --------
    >>> from lessons import figures
    >>> def bar(height):
    ...     fig, ax = figures.new(alt=f"A bar of {height}.", caption=f"The bar is {height} high.",
    ...                           tables=["sources"], name="fig-00-bar", row={"height": height})
    ...     ax.bar(["a"], [height])
    ...     return fig
    >>> explorer = Explorer(bar, title="A bar", height=[1, 2])
    >>> explorer.choose(height=2)
    >>> explorer.frame["says"]
    'The bar is 2 high.'
    """

    _esm, _css = pack("explorer")

    controls = traitlets.List().tag(sync=True)
    choice = traitlets.List(traitlets.Int()).tag(sync=True)
    frames = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        draw: Callable[..., CourseFigure],
        *,
        title: str,
        tables: Sequence[str] = (),
        name: str = "",
        caption: str = "",
        notice: str = "",
        **controls: Sequence[object],
    ) -> None:
        if not 1 <= len(controls) <= 3:
            raise ValueError(f"An Explorer has one to three controls; {title!r} was given {len(controls)}.")
        for control, values in controls.items():
            if isinstance(values, str) or len(values) < 2:
                raise ValueError(f"The control {control!r} needs a list of at least two values; it was given {values!r}.")
        self._draw = draw
        self._values = {control: list(values) for control, values in controls.items()}
        described = [
            {
                "label": control.replace("_", " ").capitalize(),
                "options": [str(value) for value in values],
                "ordered": all(isinstance(value, (int, float)) for value in values),
            }
            for control, values in controls.items()
        ]
        super().__init__(
            title=title, tables=tables, name=name, caption=caption, notice=notice,
            controls=described, choice=[0] * len(controls),
        )
        states = itertools.product(*(range(len(values)) for values in self._values.values()))
        for state in states if os.environ.get(BOOK) else [tuple(self.choice)]:
            self._add(state)
        self.observe(lambda change: self._add(tuple(change["new"])), "choice")

    @traitlets.validate("choice")
    def _known(self, proposal: dict) -> list[int]:
        for index, (control, values) in zip(proposal["value"], self._values.items(), strict=True):
            if not 0 <= index < len(values):
                raise ValueError(f"{control!r} has {len(values)} values, numbered from 0; there is no number {index}.")
        return proposal["value"]

    def choose(self, **choices: object) -> None:
        """Set one or more controls by value; an unknown one raises ValueError and lists the known."""
        state = list(self.choice)
        for control, value in choices.items():
            if control not in self._values:
                raise ValueError(f"There is no control {control!r}; the controls are {', '.join(self._values)}.")
            if value not in self._values[control]:
                known = ", ".join(str(each) for each in self._values[control])
                raise ValueError(f"{control!r} cannot be {value!r}; it can be {known}.")
            state[list(self._values).index(control)] = self._values[control].index(value)
        self.choice = state

    @property
    def frame(self) -> dict[str, object]:
        """The state that is shown: ``alt``, ``says``, ``row``, ``image`` (AVIF bytes), ``width``, ``height``."""
        return self.frames[",".join(map(str, self.choice))]

    def _add(self, state: Sequence[int]) -> None:
        key = ",".join(map(str, state))
        if key in self.frames:
            return
        chosen = {control: values[index] for index, (control, values) in zip(state, self._values.items(), strict=True)}
        fig = self._draw(**chosen)
        width, height = fig.size_px()
        row = fig.row or {control.replace("_", " "): value for control, value in chosen.items()}
        frame = {
            "alt": fig.alt, "says": fig.caption, "image": fig.avif(), "width": width, "height": height,
            "row": {str(column): plain(value) for column, value in row.items()},
        }
        self.frames = {**self.frames, key: frame}

    def static_html(self) -> str:
        frame = self.frame
        picture = base64.b64encode(frame["image"]).decode("ascii")
        rows = pd.DataFrame([each["row"] for each in self.frames.values()])
        return (
            f'<img src="data:image/avif;base64,{picture}" alt="{html.escape(frame["alt"])}" '
            f'width="{frame["width"]}" height="{frame["height"]}">{table_html(rows)}'
        )
