"""Checks that say what is wrong with an answer, and why it matters.

Assignments use them in the tests that a student sees and in the tests out of sight alike.  A check
looks at properties, not at how an answer was reached: row order, column order and the index are
free unless a check is told otherwise, numbers are compared within a stated tolerance, and a whole
number may be of any integer type.

A check that holds says nothing.  One that fails raises an AssertionError in plain words:

>>> table = pd.DataFrame({"group": ["a", "b"], "share_pct": [61.0, 41.0]})
>>> sums_to(table["share_pct"], 100)
Traceback (most recent call last):
    ...
AssertionError: The shares add up to 102, not 100: which rows overlap,
or are counted twice?
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import math
import numbers
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

# `nbgrader validate` cuts each line of a message at 87 characters, "AssertionError: " included.
LINE_WIDTH = 70

# A factor between the answer given and the expected one that betrays one slip of units or form.
SLIPS = {
    1e6: "a million times too large: square metres for square kilometres?",
    1e-6: "a million times too small: divided twice?",
    1e3: "a thousand times too large: metres for kilometres?",
    1e-3: "a thousand times too small: divided by 1,000, where an area needs 1,000,000?",
    100: "a hundred times too large: per cent for a fraction?",
    0.01: "a hundred times too small: a fraction for per cent?",
}


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a student's function gives back for these arguments.

    The function gets copies, so it cannot spoil the tables that later checks use.  What it writes
    to stderr, warnings among it, is shown as ordinary output: nbgrader takes any text on stderr for
    a failure, and a warning is none.

    Raises
    ------
    AssertionError
        If the function is still the empty one, stops with an error, or gives back nothing.

    Examples
    --------
    >>> call(sorted, [3, 1, 2])
    [1, 2, 3]
    >>> call(print)
    Traceback (most recent call last):
        ...
    AssertionError: print(...) gives back None: does its last line begin
    with `return`?
    """
    __tracebackhide__ = True
    name = getattr(function, "__name__", str(function))
    try:
        with contextlib.redirect_stderr(sys.stdout):
            answer = function(*copy.deepcopy(arguments))
    except NotImplementedError:
        _fail(
            f"{name} is not written yet: put your code in the cell above in place of the line "
            "`raise NotImplementedError()`, run that cell, then this one."
        )
    except Exception as error:
        _fail(f"{name}(...) stopped with {type(error).__name__}: {error}", error)
    if answer is None:
        _fail(f"{name}(...) gives back None: does its last line begin with `return`?")
    return answer


def close(
    given: Any,
    expected: float | Sequence[float],
    *,
    percent: float | None = None,
    within: float | None = None,
    what: str = "The answer",
    why: str = "",
) -> None:
    """Check one number, or several in their order, against expected ones.

    Parameters
    ----------
    given, expected
        Numbers, or two lists (columns, arrays) of the same length.
    percent
        The tolerance as a percentage of the expected number; 1 where no tolerance is given.
    within
        The tolerance in the unit of the numbers, instead of ``percent``.
    what, why
        What is checked, as the beginning of a sentence; why it matters, as a sentence.

    Examples
    --------
    >>> close(np.int64(1754), 1750, what="The area of Lachin")
    >>> close(1_754_000_000, 1754, what="The area of Lachin")
    Traceback (most recent call last):
        ...
    AssertionError: The area of Lachin is 1754000000; expected 1754
    (within 1 %). It is a million times too large: square metres for
    square kilometres?
    """
    __tracebackhide__ = True
    if isinstance(expected, numbers.Number):
        problem = _number_problem(given, expected, percent, within)
        if problem:
            _fail(f"{what} {problem} {why}")
        return
    expected = list(expected)
    if isinstance(given, str) or not isinstance(given, Iterable):
        _fail(f"{what} is {_shown(given)}; expected {len(expected)} numbers. {why}")
    given = list(given)
    if len(given) != len(expected):
        _fail(f"{what} has {len(given)} numbers; expected {len(expected)}. {why}")
    for place, (one, other) in enumerate(zip(given, expected), start=1):
        problem = _number_problem(one, other, percent, within)
        if problem:
            _fail(f"{what}, number {place}, {problem} {why}")


def columns(table: Any, names: Sequence[str], *, only: bool = False, what: str = "The answer") -> None:
    """Check that ``table`` is a table with these columns, in any order.

    With ``only=True`` it may have no others.

    Examples
    --------
    >>> columns(pd.DataFrame({"Unit": [], "area_km2": []}), ["unit", "area_km2"])
    Traceback (most recent call last):
        ...
    AssertionError: The answer has no column 'unit'; its columns are
    'Unit', 'area_km2'. Is 'Unit' meant? Other cells find a column by its
    exact name.
    """
    __tracebackhide__ = True
    if not isinstance(table, pd.DataFrame):
        _fail(
            f"{what} is {_kind(table)}; expected a table (DataFrame) with the columns {_listed(names)}. "
            "A function over a table gives a table back, so that the next step can use it."
        )
    have = [str(name) for name in table.columns]
    for name in names:
        if name not in have:
            near = {other.lower(): other for other in have}
            guess = difflib.get_close_matches(name.lower(), near, n=1)
            hint = f"Is {near[guess[0]]!r} meant? " if guess else ""
            _fail(
                f"{what} has no column {name!r}; its columns are {_listed(have)}. {hint}"
                "Other cells find a column by its exact name."
            )
    extra = [name for name in have if name not in names]
    if only and extra:
        _fail(f"{what} has columns that were not asked for: {_listed(extra)}.")


def same_rows(
    given: Any,
    expected: pd.DataFrame,
    *,
    key: str,
    ordered: bool = False,
    percent: float | None = None,
    within: float | None = None,
    what: str = "The answer",
    why: str = "",
) -> None:
    """Check that a table has the rows of ``expected``, no more and no fewer.

    Parameters
    ----------
    given
        The answer.  It may have more columns than ``expected``; its index is not looked at.
    expected
        The rows wanted, each with its own value in the column ``key``.
    key
        The column by which rows are recognised.
    ordered
        Whether the order of the rows counts as well.
    percent, within
        Tolerance for numbers, as in :func:`close`.
    what, why
        As in :func:`close`.

    Examples
    --------
    >>> wanted = pd.DataFrame({"unit": ["A", "B"], "area_km2": [10.0, 20.0]})
    >>> same_rows(wanted[::-1].round(), wanted, key="unit")
    >>> same_rows(wanted.assign(area_km2=[10.0, 25.0]), wanted, key="unit")
    Traceback (most recent call last):
        ...
    AssertionError: The answer: area_km2 of 'B' is 25; expected 20 (within
    1 %).
    """
    __tracebackhide__ = True
    columns(given, list(expected.columns), what=what)
    wrong = _wrong_rows(given, expected, key, percent, within)
    if wrong:
        more = f" So it is with {len(wrong) - 1} other rows." if len(wrong) > 1 else ""
        _fail(f"{what}: {next(iter(wrong.values()))}{more} {why}")
    if ordered:
        order, wanted = given[key].tolist(), expected[key].tolist()
        for place, (one, other) in enumerate(zip(order, wanted), start=1):
            if one != other:
                _fail(f"{what}: row {place} is {one!r}, where {other!r} should stand. {why}")


def rows_right(
    given: Any,
    expected: pd.DataFrame,
    *,
    key: str,
    percent: float | None = None,
    within: float | None = None,
) -> float:
    """The part of the expected rows that an answer gets right, from 0 to 1, for partial credit.

    A row that was not asked for takes as much away as a wrong one.  Parameters as in
    :func:`same_rows`.

    >>> wanted = pd.DataFrame({"unit": ["A", "B"], "area_km2": [10.0, 20.0]})
    >>> rows_right(wanted.assign(area_km2=[10.0, 25.0]), wanted, key="unit")
    0.5
    """
    __tracebackhide__ = True
    columns(given, list(expected.columns))
    wrong = len(_wrong_rows(given, expected, key, percent, within))
    return max(0.0, 1 - wrong / len(expected))


def crs(layer: Any, expected: str | int | pyproj.CRS, *, what: str = "The layer") -> None:
    """Check that a layer knows its coordinate reference system (CRS) and that it is this one.

    Examples
    --------
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([46.7], [39.8]))
    >>> crs(points, "EPSG:4326")
    Traceback (most recent call last):
        ...
    AssertionError: The layer has no CRS; expected EPSG:4326. Without one,
    46.7 and 39.8 could be degrees or metres: say which with set_crs(...).
    """
    __tracebackhide__ = True
    if not isinstance(layer, (gpd.GeoDataFrame, gpd.GeoSeries)):
        _fail(f"{what} is {_kind(layer)}; expected a map layer (GeoDataFrame).")
    wanted = pyproj.CRS.from_user_input(expected)
    name = wanted.to_string() if wanted.to_epsg() else wanted.name
    if layer.crs is None:
        first = layer.geometry.iloc[0].representative_point() if len(layer) else None
        example = f"{first.x:.4g} and {first.y:.4g}" if first is not None else "its numbers"
        _fail(
            f"{what} has no CRS; expected {name}. Without one, {example} could be degrees or metres: "
            "say which with set_crs(...)."
        )
    if not layer.crs.equals(wanted, ignore_axis_order=True):
        _fail(
            f"{what} is in {layer.crs.name}; expected {name}. "
            "Change the coordinates with to_crs(...): set_crs(...) would only rename them."
        )


def labelled(figure: Any, *, alt_words: int = 12) -> None:
    """Check that a figure can be read: title, axis labels, alternative text, caption.

    ``figure`` is a figure of :func:`lessons.figures.new` or an Axes of one.  An axis whose ticks
    are words needs no label, nor does a map without axes.  The alternative text needs
    ``alt_words`` words; whether it is a good one, a person must say.

    Examples
    --------
    >>> fig = Figure()
    >>> labelled(fig)
    Traceback (most recent call last):
        ...
    AssertionError: The figure has no axes: nothing is drawn on it.
    """
    __tracebackhide__ = True
    if isinstance(figure, Axes):
        figure = figure.figure
    if not isinstance(figure, Figure):
        _fail(
            f"The answer is {_kind(figure)}; expected a figure. "
            "With fig, ax = figures.new(...), the last line is `return fig`."
        )
    drawn = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    if not drawn:
        _fail("The figure has no axes: nothing is drawn on it.")
    if not any(axes.has_data() for axes in drawn):
        _fail("The figure is empty: nothing is drawn on its axes.")
    titles = [figure.get_suptitle()] + [axes.get_title(loc) for axes in drawn for loc in ("left", "center", "right")]
    if not any(title.strip() for title in titles):
        _fail("The figure has no title: a reader who meets it alone cannot tell what it shows. Use ax.set_title(...).")
    for axes in drawn:
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            if not axis.get_label_text().strip() and _ticks_are_numbers(axis):
                _fail(
                    f"The {axis.axis_name} axis has no label: numbers without their unit can be read in "
                    f"any unit. Use ax.set_{axis.axis_name}label(...)."
                )
    alt = (getattr(figure, "alt", None) or "").strip()
    caption = (getattr(figure, "caption", None) or "").strip()
    if not alt:
        _fail(
            "The figure has no alternative text: a reader who cannot see it gets nothing. "
            "Make the figure with figures.new(alt=..., caption=..., tables=..., name=...)."
        )
    if len(alt.split()) < alt_words:
        _fail(
            f"The alternative text has {len(alt.split())} words: too few to say what the figure shows. "
            "Name the kind of figure, what is compared, and the main numbers."
        )
    if not caption:
        _fail("The figure has no caption: say in it what the reader should take from the figure.")
    if alt == caption:
        _fail("The alternative text repeats the caption: a reader who hears both hears one thing twice.")


def sums_to(values: Any, total: float, *, within: float = 0.05, what: str = "The shares") -> None:
    """Check that numbers add up to ``total``, within ``within``.

    A missing value counts as a failure: a sum that leaves something out proves nothing.

    >>> sums_to([51, 24, 8, 7, 3, 2, 2, 2, 1], 100)
    """
    __tracebackhide__ = True
    numbers_given = pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").astype(float)
    missing = int(numbers_given.isna().sum())
    if missing:
        _fail(f"{what} cannot be added up: {missing} of {len(numbers_given)} values are not numbers.")
    found = float(numbers_given.sum())
    if abs(found - total) > within + 1e-9:
        question = "which rows overlap, or are counted twice?" if found > total else "which rows are missing?"
        _fail(f"{what} add up to {_shown(round(found, 6))}, not {_shown(total)}: {question}")


def partial(earned: Any, points: float) -> float:
    """Points for a test that gives partial credit, always between 0 and ``points``.

    Must be the last line of the test cell: nbgrader reads the points from the cell's output.  It
    would give *full* marks for a score that is missing, negative or not a number (NaN) and no grade
    at all for one above the maximum; here the first three are 0, the last is the maximum, and the
    printed sentence says so.

    >>> partial(4, 6)
    4 of 6 points.
    4.0
    >>> partial(float("nan"), 6)
    The score is not a number (NaN): 0 of 6 points.
    0.0
    >>> partial(7, 6)
    The score, 7, is above the maximum: 6 of 6 points.
    6.0
    """
    if not math.isfinite(points) or points < 0:
        raise ValueError(f"points is {points}: expected the points of this cell, 0 or more.")
    try:
        score, note = float(earned), ""
    except (TypeError, ValueError):
        score, note = 0.0, f"The score is missing ({_shown(earned)}): "
    if math.isnan(score):
        score, note = 0.0, "The score is not a number (NaN): "
    elif score < 0:
        score, note = 0.0, f"The score, {_shown(earned)}, is below zero: "
    elif score > points:
        score, note = float(points), f"The score, {_shown(earned)}, is above the maximum: "
    print(f"{note}{_shown(round(score, 2))} of {_shown(points)} points.")
    return score


def _fail(message: str, cause: BaseException | None = None) -> NoReturn:
    """Raise an AssertionError; its place in the code is the last thing a student sees, so it is short."""
    __tracebackhide__ = True
    raise AssertionError(_in_lines(message)) from cause


def _in_lines(message: str) -> str:
    """A message in short lines, the first one shorter still: "AssertionError: " stands before it."""
    first = " " * len("AssertionError: ")
    text = textwrap.fill(" ".join(message.split()), LINE_WIDTH, initial_indent=first, break_on_hyphens=False)
    return text.removeprefix(first)


def _number_problem(given: Any, expected: float, percent: float | None, within: float | None) -> str:
    """What is wrong with a number, as the end of a sentence; empty when nothing is."""
    if percent is not None and within is not None:
        raise ValueError("Give a tolerance as percent or as within, not both.")
    if within is None:
        percent = 1.0 if percent is None else percent
        allowed, said = abs(expected) * percent / 100, f"within {percent:g} %"
    else:
        allowed, said = within, f"within {within:g}" if within else "exactly"
    wanted = f"expected {_shown(expected)} ({said})."
    if isinstance(given, str):
        return f"is the text {given!r}, not a number; {wanted}"
    if pd.api.types.is_scalar(given) and pd.isna(given):
        return f"is missing ({given}); {wanted}"
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, numbers.Number) or isinstance(given, complex):
        return f"is {_kind(given)}, not a number; {wanted}"
    # The last term forgives what is only the rounding of binary fractions.
    if abs(given - expected) <= allowed + 1e-9 * abs(expected):
        return ""
    slip = ""
    if expected and given:
        for factor, meaning in SLIPS.items():
            if abs(given / expected / factor - 1) < 0.05:
                slip = f" It is {meaning}"
    return f"is {_shown(given)}; {wanted}{slip}"


def _wrong_rows(
    given: pd.DataFrame, expected: pd.DataFrame, key: str, percent: float | None, within: float | None
) -> dict[Any, str]:
    """The rows in which a table differs from the expected one: the key and what is wrong."""
    if expected[key].duplicated().any():
        raise ValueError(f"The expected rows share values in the key column {key!r}.")
    wrong: dict[Any, str] = {}
    counted = given[key].value_counts()
    for name in expected[key]:
        if name not in counted.index:
            wrong[name] = f"there is no row for {name!r}."
        elif counted[name] > 1:
            wrong[name] = f"there are {counted[name]} rows for {name!r}, where one is meant."
    for name in counted.index.difference(expected[key]):
        wrong[name] = f"there is a row for {name!r}, which was not asked for."
    rows = given.drop_duplicates(key).set_index(key)
    for _, row in expected.iterrows():
        name = row[key]
        for column in expected.columns.drop(key):
            if name in wrong:
                break
            problem = _value_problem(rows.at[name, column], row[column], percent, within)
            if problem:
                wrong[name] = f"{column} of {name!r} {problem}"
    return wrong


def _value_problem(given: Any, expected: Any, percent: float | None, within: float | None) -> str:
    """What is wrong with the value of one cell of a table; empty when nothing is."""
    if pd.api.types.is_scalar(expected) and pd.isna(expected):
        missing = pd.api.types.is_scalar(given) and pd.isna(given)
        return "" if missing else f"is {_shown(given)}; expected a missing value."
    if isinstance(expected, numbers.Number) and not isinstance(expected, (bool, np.bool_)):
        return _number_problem(given, expected, percent, within)
    same = given == expected
    if pd.api.types.is_scalar(same) and not pd.isna(same) and bool(same):
        return ""
    return f"is {_shown(given)}; expected {_shown(expected)}."


def _ticks_are_numbers(axis: Axis) -> bool:
    """Whether the labels at an axis's ticks are numbers, which need a unit to be understood."""
    shown = [label.get_text().strip("$%~ ").replace("−", "-").replace(",", "") for label in axis.get_ticklabels()]
    return any(text.lstrip("-").replace(".", "", 1).isdigit() for text in shown)


def _shown(value: Any) -> str:
    """A value as a reader would write it."""
    if isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)):
        return f"{value:.10g}"
    return repr(value) if isinstance(value, str) else str(value)


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
