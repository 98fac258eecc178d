"""The claim ledger is held to the data: each figure comes out again, and a changed table turns it red."""

from __future__ import annotations

import hashlib
import json
import shutil

import pandas as pd
import pytest

from lessons import claims, data

LEDGER = data.load("claims").set_index("claim_id")


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the data folder that the course reads instead of its own; `change` rewrites one table of it."""
    shutil.copytree(data.COURSE_DATA, tmp_path / "data")
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path / "data"))

    def change(table, edit):
        description = tmp_path / "data/datapackage.json"
        package = json.loads(description.read_text(encoding="utf-8"))
        entry = next(resource for resource in package["resources"] if resource["name"] == table)
        file = tmp_path / "data" / entry["path"]
        rows = edit(pd.read_csv(file, dtype=str, keep_default_na=False))
        rows.to_csv(file, index=False, lineterminator="\n")
        entry["hash"] = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
        description.write_text(json.dumps(package), encoding="utf-8")

    return change


def put(where, column, value):
    """An edit that sets one column in the rows that a query finds."""

    def edit(rows):
        hit = rows.eval(where)
        assert hit.any(), f"no row with {where}"
        rows.loc[hit, column] = value
        return rows

    return edit


def told_of(claim_id):
    return [line for line in claims.disagreements() if line.startswith(f"{claim_id}:")]


# The ledger and its figures


@pytest.mark.parametrize("claim_id", claims.checked())
def test_the_figure_in_the_ledger_comes_out_again(claim_id):
    row, found = LEDGER.loc[claim_id], claims.check(claim_id)
    assert row["check"] == claims.function_name(claim_id)
    assert found.unit == row["figure_unit"]
    assert found.value == pytest.approx(row["figure"], abs=row["tolerance"])


@pytest.mark.parametrize("claim_id", claims.checked())
def test_the_verdict_is_one_that_the_figure_leaves_open(claim_id):
    found = claims.check(claim_id)
    assert set(found.leaves_open) <= set(claims.VERDICTS)
    assert LEDGER.loc[claim_id, "verdict"] in found.leaves_open, found.sentence


def test_at_least_thirty_claims_are_decided_by_a_figure():
    assert len(claims.checked()) >= 30
    deciding = [name for name in claims.checked() if len(claims.check(name).leaves_open) < len(claims.VERDICTS)]
    assert len(deciding) == len(claims.checked()), "a figure that leaves every verdict open decides nothing"


def test_every_check_named_in_the_ledger_exists_and_the_other_way_round():
    assert set(LEDGER["check"].dropna()) == {claims.function_name(name) for name in claims.checked()}
    assert claims.disagreements() == []


def test_a_figure_stands_with_its_unit_its_tolerance_and_what_it_is():
    numbers = LEDGER[["check", "figure_of", "figure", "figure_unit", "tolerance"]].notna()
    assert (numbers.all(axis=1) | ~numbers.any(axis=1)).all()


def test_sentences_of_the_checks_are_sentences():
    for found in claims.all_checks().values():
        assert found.sentence[0].isupper() or found.sentence[0].isdigit(), found.sentence
        assert found.sentence.endswith(".") and "nan" not in found.sentence, found.sentence


def test_the_ledger_as_a_table():
    table = claims.ledger()
    assert len(table) == len(LEDGER) and table.attrs["source_card"].name == "claims"
    assert table["agrees"].dropna().all() and table["agrees"].notna().sum() == len(claims.checked())
    assert table.loc[table["computed"].isna(), "sentence"].isna().all()


def test_a_claim_without_a_figure_says_so():
    with pytest.raises(data.UnknownName, match="pie-complete"):
        claims.check("pie-complet")


def test_a_claim_has_one_check():
    with pytest.raises(ValueError, match="has a check already: sum_of_pie"):
        claims.decides("pie-complete", "%")(lambda: (0, "", ()))


# Red when the data change

CHANGES = [
    ("pie-complete", "document_ethnicity", "row_id == 'pie-8'", "share_pct", "0", "the verdict 'contradicted' does not fit"),
    ("table-complete", "document_ethnicity", "row_id == 'table-12'", "share_pct", "1.2", "the data give 110.2"),
    ("third-partner", "armenia_iran_trade", "year == '2019'", "rank_turnover_origin", "4", "the data give 4 rank"),
    ("falling-currency", "rial_rate", "month == '2020-07'", "mean_rials_per_usd", "120000", "does not fit the figure"),
    ("april-worst", "iran_covid_2020_monthly", "month == '2020-07'", "new_deaths", "100", "the data give 0.0"),
    ("truck-bridge-point", "bridge_features", "feature_id == 'khudafarin_bridges'", "lat", "39.20", "the ledger 1.65"),
    ("recognised-status", "un_documents", "document_id == 'a-res-62-243'", "votes_for", "190", "does not fit"),
    ("only-route", "armenia_neighbours", "neighbour_id == 'georgia'", "open_2020", "false", "does not fit the figure"),
    ("armenia-russia-security", "arms_transfers", "recipient == 'Armenia' and supplier == 'Russia'", "tiv_million", "0.1", "%"),
]  # fmt: skip


@pytest.mark.parametrize(("claim_id", "table", "where", "column", "value", "says"), CHANGES, ids=[c[0] for c in CHANGES])
def test_a_changed_table_turns_its_claim_red(copy, claim_id, table, where, column, value, says):
    copy(table, put(where, column, value))
    assert says in " ".join(told_of(claim_id))


def test_a_changed_ledger_turns_red(copy):
    copy("claims", put("claim_id == 'border-765'", "figure", "765"))
    assert "the data give 585.5" in " ".join(told_of("border-765"))
    copy("claims", put("claim_id == 'low-oil'", "verdict", "contradicted"))
    assert "which leaves open: corroborated" in " ".join(told_of("low-oil"))
    copy("claims", put("claim_id == 'war-1990s'", "check", "no_such_function"))
    assert "the ledger says no_such_function" in " ".join(told_of("war-1990s"))
    copy("claims", lambda rows: rows[rows["claim_id"] != "pie-complete"])
    assert told_of("pie-complete") == ["pie-complete: there is a check, and no such claim in the ledger."]


def test_a_missing_row_is_named(copy):
    copy("bridge_features", lambda rows: rows[rows["feature_id"] != "khudafarin_bridges"])
    with pytest.raises(data.DataFileError, match="bridge_features.*feature_id = 'khudafarin_bridges'"):
        claims.check("truck-bridge-point")


# The ledger in words


def test_the_ledger_holds_the_claims_of_the_whole_document():
    assert len(LEDGER) >= 90
    assert {section.split(",")[0] for section in LEDGER["section"]} == {"Introduction", "Background", "Stance", "Truck crisis", "Conclusion"}
    assert set(LEDGER["verdict"]) == set(claims.VERDICTS)
    assert set(LEDGER["kind"]) == {"quantity", "date", "causal", "characterisation", "forecast"}
    assert LEDGER["paraphrase"].is_unique and LEDGER["quote"].is_unique


def test_quotations_are_short_and_as_they_were_found():
    places = data.load("document_quotes").set_index("claim_id")
    assert set(places.index) == set(LEDGER.index)
    for claim_id, quotation in LEDGER["quote"].items():
        place = places.loc[claim_id]
        assert len(quotation.split()) == place["words"] < 15, claim_id
        assert len(quotation) == place["length_characters"], claim_id
        assert claims.fingerprint(quotation) == place["sha256"], f"{claim_id}: not the words that were found in the document"


def test_quotations_together_are_a_small_part_of_the_document():
    """Short phrases may be quoted, the text may not be shipped."""
    places = data.load("document_quotes")
    length = int(data.source("document_quotes").limits.split("That text has ")[1].split(" ")[0].replace(",", ""))
    covered = {at for row in places.itertuples() for at in range(row.start_character, row.start_character + row.length_characters)}
    assert len(covered) < length / 4


@pytest.mark.parametrize("claim_id", LEDGER.index)
def test_a_verdict_has_evidence(claim_id):
    row = LEDGER.loc[claim_id]
    for_it, against = pd.notna(row["evidence_for"]), pd.notna(row["evidence_against"])
    assert for_it or against or row["verdict"] == "unverifiable"
    match row["verdict"]:
        case "corroborated":
            assert for_it
        case "contradicted":
            assert against
        case "contested":
            assert for_it and against
        case "imprecise":
            assert against, "what is imprecise about it?"
    assert pd.notna(row["would_change"])


def test_contradicted_rests_on_arithmetic_or_on_official_or_several_sources():
    official = data.load("sources").set_index("source_id")["ownership"].isin(["official", "international body", "open data"])
    for claim_id, row in LEDGER[LEDGER["verdict"] == "contradicted"].iterrows():
        ids = [row["source_id"], *str(row["more_source_ids"]).split(";")]
        assert any(official.get(key, False) for key in ids) or len(ids) > 1 or row["check"] in ("groups_that_differ",), claim_id


def test_sources_and_links_of_the_claims_exist():
    known = set(data.load("sources")["source_id"])
    for claim_id, row in LEDGER.iterrows():
        ids = {row["source_id"], *row["more_source_ids"].split(";")} if pd.notna(row["more_source_ids"]) else {row["source_id"]}
        assert ids <= known, claim_id
    assert set(LEDGER["link_id"].dropna()) <= set(data.load("document_links")["link_id"])


def test_hindsight_stands_only_in_its_own_column():
    after = r"\b202[1-9]\b|(?:September|October|November|December) 2020"
    later = LEDGER[["evidence_for", "evidence_against"]].apply(lambda column: column.str.contains(after, na=False))
    assert not later.any(axis=None), LEDGER.index[later.any(axis=1)].tolist()


def test_forecasts_are_not_called_wrong_by_what_came_later():
    forecasts = LEDGER[LEDGER["kind"] == "forecast"]
    assert not forecasts["verdict"].eq("contradicted").any()
    assert forecasts["hindsight"].notna().mean() > 0.8


def test_the_document_is_found_right_as_well_as_wrong():
    """A ledger that only finds faults would be no test."""
    share = LEDGER["verdict"].value_counts(normalize=True)
    assert share["corroborated"] > 0.2 and share["contradicted"] < 0.2


def test_lessons_named_in_the_ledger_are_those_of_the_course():
    assert LEDGER["lesson"].str.fullmatch(r"(0[0-9]|1[0-2])-[a-z0-9-]+").all()
    assert LEDGER["lesson"].nunique() >= 10
