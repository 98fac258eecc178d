"""The checks of assignments: what they let pass, and what they say of what they do not."""

import math
import sys
import warnings

import geopandas as gpd
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbgrader.utils import determine_grade

from lessons import checks, figures

AREAS = pd.DataFrame({"unit": ["lachin", "qubadli"], "area_km2": [1754.0, 741.0], "held": [True, False]})


def says(check, *arguments, **named) -> str:
    """The message of a check that fails, on one line."""
    with pytest.raises(AssertionError) as failure:
        check(*arguments, **named)
    return " ".join(str(failure.value).split())


# call


def test_call_gives_copies_so_that_an_answer_cannot_spoil_the_table():
    def careless(table):
        table["area_km2"] = 0
        return table

    before = AREAS.copy()
    assert checks.call(careless, AREAS)["area_km2"].sum() == 0
    pd.testing.assert_frame_equal(AREAS, before)


def test_call_keeps_warnings_off_stderr(capsys):
    def warns():
        warnings.warn("only a warning")
        print("and a message", file=sys.stderr)
        return 1

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda *args, **_: print(args[0], file=sys.stderr)
        assert checks.call(warns) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "only a warning" in shown.out and "and a message" in shown.out


def unfinished():
    raise NotImplementedError()


def broken():
    return {}["unit"]


@pytest.mark.parametrize(
    ("function", "message"),
    [(unfinished, "unfinished is not written yet"), (broken, "broken(...) stopped with KeyError: 'unit'"),
     (lambda: None, "gives back None: does its last line begin with `return`?")],
)  # fmt: skip
def test_call_says_why_there_is_no_answer(function, message):
    assert message in says(checks.call, function)


# close


@pytest.mark.parametrize("given", [100, 100.9, np.int64(99), np.float32(100.5), pd.Series([100])[0]])
def test_close_takes_any_kind_of_number(given):
    checks.close(given, 100)


@pytest.mark.parametrize(
    ("given", "message"),
    [(101.1, "is 101.1; expected 100 (within 1 %)"), ("100", "is the text '100', not a number"),
     (math.nan, "is missing (nan)"), (None, "is missing (None)"), (pd.NA, "is missing (<NA>)"),
     (True, "is a bool, not a number"), ([100], "is a list, not a number"), (math.inf, "is inf; expected 100"),
     (10000, "a hundred times too large: per cent for a fraction?"), (1, "a fraction for per cent?"),
     (100e6, "square metres for square kilometres?"), (-100, "is -100")],
)  # fmt: skip
def test_close_says_what_is_wrong_with_a_number(given, message):
    assert message in says(checks.close, given, 100)


def test_close_compares_several_numbers_by_place():
    checks.close(pd.Series([1.0, 2.0], index=[9, 4]), [1, 2], within=0)
    assert "number 2, is 3; expected 2 (exactly)" in says(checks.close, [1, 3], [1, 2], within=0)
    assert "has 1 numbers; expected 2" in says(checks.close, [1], [1, 2])
    assert "is 5; expected 2 numbers" in says(checks.close, 5, [1, 2])


def test_close_forgives_binary_fractions_at_the_edge_of_the_tolerance():
    checks.close(0.1 + 0.2, 0.3, within=0)
    with pytest.raises(ValueError, match="not both"):
        checks.close(1, 1, percent=1, within=1)


# columns and rows


def test_columns_are_free_in_order_and_number_unless_asked():
    checks.columns(AREAS, ["area_km2", "unit"])
    assert "not asked for: 'held'" in says(checks.columns, AREAS, ["area_km2", "unit"], only=True)
    assert "Is 'area_km2' meant?" in says(checks.columns, AREAS, ["area_km"])
    assert "is a list; expected a table" in says(checks.columns, [1], ["unit"])


@pytest.mark.parametrize(
    "given",
    [
        AREAS[::-1],
        AREAS.set_axis([7, 7]),
        AREAS[["held", "area_km2", "unit"]].assign(extra=1),
        AREAS.assign(area_km2=[np.int64(1750), np.int64(742)]).astype({"held": object}),
        AREAS.convert_dtypes(),
        gpd.GeoDataFrame(AREAS),
    ],
    ids=["rows", "index", "columns", "whole numbers", "nullable types", "layer"],
)
def test_rows_are_compared_by_key_and_within_a_tolerance(given):
    checks.same_rows(given, AREAS, key="unit")
    assert checks.rows_right(given, AREAS, key="unit") == 1


@pytest.mark.parametrize(
    ("given", "message", "right"),
    [
        (AREAS[:1], "there is no row for 'qubadli'", 0.5),
        (pd.concat([AREAS, AREAS[:1]]), "there are 2 rows for 'lachin', where one is meant", 0.5),
        (pd.concat([AREAS, AREAS[:1].assign(unit="baku")]), "a row for 'baku', which was not asked for", 0.5),
        (AREAS.assign(area_km2=[1754, 7]), "area_km2 of 'qubadli' is 7; expected 741", 0.5),
        (AREAS.assign(held=[True, True]), "held of 'qubadli' is True; expected False", 0.5),
        (AREAS.assign(held=["yes", "no"]), "held of 'lachin' is 'yes'; expected True. So it is with 1 other rows", 0),
        (AREAS.assign(area_km2=["1754", None]), "area_km2 of 'lachin' is the text '1754', not a number", 0),
        (AREAS.iloc[:0], "there is no row for 'lachin'", 0),
    ],
)
def test_rows_that_differ_are_named_and_counted(given, message, right):
    assert message in says(checks.same_rows, given, AREAS, key="unit")
    assert checks.rows_right(given, AREAS, key="unit") == right


def test_row_order_counts_only_where_it_is_asked_for():
    checks.same_rows(AREAS.set_axis([5, 1]), AREAS, key="unit", ordered=True)
    message = says(checks.same_rows, AREAS[::-1], AREAS, key="unit", ordered=True)
    assert "row 1 is 'qubadli', where 'lachin' should stand" in message


def test_missing_values_must_be_missing():
    expected = AREAS.assign(note=[np.nan, "x"])
    checks.same_rows(AREAS.assign(note=[None, "x"]), expected, key="unit")
    assert "expected a missing value" in says(checks.same_rows, AREAS.assign(note=["y", "x"]), expected, key="unit")


# crs, labelled, sums_to


def test_crs_tells_a_missing_one_from_a_wrong_one():
    points = gpd.GeoSeries(gpd.points_from_xy([46.7], [39.8]))
    assert "has no CRS" in says(checks.crs, points, 4326)
    assert "is in WGS 84; expected EPSG:6933" in says(checks.crs, points.set_crs(4326), "EPSG:6933")
    assert "expected a map layer" in says(checks.crs, AREAS, 4326)
    checks.crs(points.set_crs(4326), "EPSG:4326")
    checks.crs(points.set_crs("OGC:CRS84"), "EPSG:4326")


def figure(**changes):
    settings = {
        "alt": "Two bars, one for each of two districts: 1,754 square kilometres for the first and 741 for the second.",
        "caption": "One district is more than twice the other.",
        "tables": ["districts"],
        "name": "fig-00-bars",
    }
    fig, ax = figures.new(**settings | changes)
    ax.bar(["a", "b"], [1754, 741])
    ax.set_title("Two districts")
    ax.set_ylabel("area, km²")
    return fig, ax


def test_a_figure_with_everything_is_labelled():
    fig, ax = figure()
    checks.labelled(fig)
    checks.labelled(ax)
    ax.set_title("")
    fig.suptitle("Two districts")
    checks.labelled(fig)


def test_a_map_without_axes_needs_no_axis_labels():
    fig, ax = figure()
    ax.set_axis_off()
    ax.set_ylabel("")
    checks.labelled(fig)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda fig, ax: ax.set_title(" "), "has no title"),
        (lambda fig, ax: ax.set_ylabel(""), "The y axis has no label: numbers without their unit"),
        (lambda fig, ax: setattr(fig, "alt", ""), "has no alternative text"),
        (lambda fig, ax: setattr(fig, "alt", "Two bars."), "has 2 words: too few"),
        (lambda fig, ax: setattr(fig, "caption", ""), "has no caption"),
        (lambda fig, ax: setattr(fig, "caption", fig.alt), "repeats the caption"),
        (lambda fig, ax: ax.cla(), "The figure is empty"),
        (lambda fig, ax: ax.remove(), "The figure has no axes"),
    ],
)
def test_a_figure_that_lacks_something_is_told_what(spoil, message):
    fig, ax = figure()
    spoil(fig, ax)
    assert message in says(checks.labelled, fig)


def test_no_figure_at_all():
    assert "expected a figure" in says(checks.labelled, (1, 2))


def test_sums_to_asks_for_the_rows():
    checks.sums_to([0.1] * 10, 1)
    checks.sums_to(pd.Series([60, 40]), 100)
    assert "add up to 102, not 100: which rows overlap" in says(checks.sums_to, [61, 41], 100)
    assert "add up to 98, not 100: which rows are missing?" in says(checks.sums_to, [57, 41], 100)
    assert "1 of 2 values are not numbers" in says(checks.sums_to, [57, None], 57)


# partial


def points_given_by_nbgrader(output: object, points: float) -> float:
    """The points nbgrader gives for a test cell that shows ``output``."""
    shown = nbformat.v4.new_output("execute_result", data={"text/plain": repr(output)}, execution_count=1)
    cell = nbformat.v4.new_code_cell(outputs=[shown])
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": points}
    return determine_grade(cell)[0]


@pytest.mark.parametrize(
    ("earned", "expected", "said"),
    [
        (4, 4, "4 of 6 points."),
        (np.float64(2.5), 2.5, "2.5 of 6 points."),
        (0, 0, "0 of 6 points."),
        (math.nan, 0, "The score is not a number (NaN): 0 of 6 points."),
        (-1000, 0, "The score, -1000, is below zero: 0 of 6 points."),
        (None, 0, "The score is missing (None): 0 of 6 points."),
        ("six", 0, "The score is missing ('six'): 0 of 6 points."),
        (7, 6, "The score, 7, is above the maximum: 6 of 6 points."),
        (math.inf, 6, "The score, inf, is above the maximum: 6 of 6 points."),
    ],
)
def test_partial_stays_between_nothing_and_the_maximum_and_says_so(earned, expected, said, capsys):
    score = checks.partial(earned, 6)
    assert score == expected
    assert capsys.readouterr().out.strip() == said
    assert points_given_by_nbgrader(score, 6) == expected


def test_why_partial_is_needed():
    """Without it nbgrader gives full marks for what is no score, and no grade for one too large."""
    assert points_given_by_nbgrader(math.nan, 6) == 6
    assert points_given_by_nbgrader(-1000, 6) == 6
    with pytest.raises(ValueError, match="greater than maximum"):
        points_given_by_nbgrader(7, 6)


def test_messages_fit_the_window_of_validate():
    message = ""
    try:
        checks.same_rows(AREAS.assign(area_km2=0), AREAS, key="unit", why="A long reason, " * 20)
    except AssertionError as failure:
        message = f"AssertionError: {failure}"
    assert all(len(line) <= 80 for line in message.splitlines())
