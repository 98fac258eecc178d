"""The rows that were checked a second time: still the same, on record, and as many of one society's losses as of the other's."""

import csv
import json

import pandas as pd
import pytest

from lessons import data

CHECKS = data.load("row_checks")
PACKAGE = json.loads((data.folder() / "datapackage.json").read_text(encoding="utf-8"))
KEYS = {resource["name"]: resource.get("schema", {}).get("primaryKey") for resource in PACKAGE["resources"]}


@pytest.fixture(scope="module")
def cells():
    """Each checked table as it stands in its file: key of a row, with | between its parts -> its cells."""

    def read(name):
        with data.path(name).open(encoding="utf-8", newline="") as file:
            return {"|".join(row[part] for part in KEYS[name]): row for row in csv.DictReader(file)}

    return {name: read(name) for name in CHECKS["table"].unique()}


def number(text):
    """The number that a cell is, or None where it holds words as well."""
    return pd.to_numeric(text, errors="coerce")


def test_at_least_sixty_rows_were_checked():
    assert len(CHECKS[["table", "row_key"]].drop_duplicates()) >= 60
    assert CHECKS["table"].nunique() >= 15
    assert not CHECKS.duplicated(["table", "row_key", "column", "source_id"]).any()


def test_most_checks_went_to_a_source_that_the_row_does_not_name():
    assert CHECKS["other_source"].mean() > 0.5


@pytest.mark.parametrize("check", list(CHECKS.itertuples()), ids=lambda check: check.check_id)
def test_a_value_that_changed_is_checked_again(check, cells):
    assert check.row_key in cells[check.table], f"{check.table} has no row {check.row_key}: check it again"
    row = cells[check.table][check.row_key]
    assert check.column in row, f"{check.table} has no column {check.column}"
    assert row[check.column] == check.value_in_table, f"{check.table}, {check.row_key}, {check.column}: check it again"


@pytest.mark.parametrize("check", list(CHECKS.itertuples()), ids=lambda check: check.check_id)
def test_whether_it_was_another_source_is_told_rightly(check, cells):
    row = cells[check.table][check.row_key]
    named = {row["source_id"], *row.get("more_source_ids", "").split(";")}
    assert check.other_source == (check.source_id not in named)


def test_numbers_that_agree_are_equal_and_those_that_do_not_differ():
    table, seen = CHECKS["value_in_table"].map(number), CHECKS["value_seen"].map(number)
    both = table.notna() & seen.notna()
    assert both.sum() > 80
    assert ((table == seen) == CHECKS["agrees"])[both].all()


def test_every_difference_and_every_mended_value_says_what_was_done():
    apart = CHECKS[~CHECKS["agrees"]]
    assert len(apart) and apart["note"].str.startswith("Kept").all()
    mended = CHECKS[CHECKS["value_before"].notna()]
    assert len(mended) and mended["note"].str.startswith("Mended").all()
    assert mended["agrees"].all() and (mended["value_before"] != mended["value_in_table"]).all()


def test_losses_of_both_societies_are_checked_alike():
    whose = {"civilian_killings": "victims", "displacements": "group", "casualties": "side"}
    counts = {"Azerbaijani": 0, "Armenian": 0}
    for name, column in whose.items():
        rows = CHECKS.loc[CHECKS["table"] == name, "row_key"].drop_duplicates()
        people = data.load(name).set_index(KEYS[name][0])[column]
        for side in counts:
            counts[side] += people.loc[rows].str.contains(side).sum()
    assert min(counts.values()) >= 20
    assert abs(counts["Azerbaijani"] - counts["Armenian"]) <= 3, counts
