"""The tables: valid, adding up, agreeing with one another, and fair in what they put side by side."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from pyproj import Geod

from lessons import data, datacheck

TABLES = [name for name in data.names() if data.path(name).suffix == ".csv"]
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def load():
    """Each table once."""
    tables = {name: data.load(name) for name in TABLES}
    return tables.__getitem__


def km(first, second):
    return GEOD.inv(first.lon, first.lat, second.lon, second.lat)[2] / 1000


# One description, and what it promises


def test_every_file_keeps_to_its_description():
    told = [str(fault) for fault in datacheck.faults(data.folder())]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("name", TABLES)
def test_names_of_columns(name, load):
    table = load(name)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column) for column in table.columns)
    text = data.path(name).read_bytes()
    assert b"\r" not in text and text.endswith(b"\n") and not text.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", TABLES)
def test_numbers_carry_their_unit(name):
    for field in data.source(name).fields:
        if field["type"] in ("integer", "number"):
            assert field.get("unit"), f"{name}.{field['name']} has no unit"


@pytest.mark.parametrize("name", [name for name in TABLES if name != "sources"])
def test_every_row_has_a_source(name, load):
    assert load(name)["source_id"].notna().all()
    assert data.source(name).sources


def test_recalled_figures_are_marked(load):
    recalled = {
        (name, row.iloc[0])
        for name in TABLES
        for _, row in load(name).iterrows()
        if row.get("confidence") == "recalled"
    }
    assert recalled == {("held_area_totals", "de_waal")}, "a recalled row may not come or go unnoticed"
    census = load("nkao_census").set_index("census_id")["recalled_columns"]
    assert census.dropna().index.tolist() == ["1926", "1939", "1959", "1970", "1979"]


# The document's own figures


def test_the_pie_adds_to_102(load):
    pie = load("document_ethnicity").query("figure == 'pie'")
    assert pie.share_pct.sum() == pytest.approx(102)
    assert pie[pie.our_reading != "not in the Factbook"].share_pct.sum() == pytest.approx(100)


def test_the_table_adds_to_109_and_to_101_without_double_counting(load):
    table = load("document_ethnicity").query("figure == 'table'")
    assert table.share_pct.sum() == pytest.approx(109.2)
    assert table[~table.inside_persians].share_pct.sum() == pytest.approx(101.2)
    assert table[table.our_reading != "not in the Factbook"].share_pct.sum() == pytest.approx(100)


def test_printed_shares_and_numbers_agree(load):
    rows = load("document_ethnicity")
    read = rows.printed_as.str.strip("~%").str.replace(",", ".").astype(float)
    assert (read == rows.share_pct).all()


def test_eight_figures_and_fifteen_addresses(load):
    assert len(load("document_figures")) == 8
    links = load("document_links")
    assert links.link_id.str.startswith("link-").sum() == 13 and len(links) == 15


# Shares of Iran's peoples


def test_each_factbook_edition_adds_to_100_or_prints_no_share(load):
    rows = load("iran_ethnicity_estimates").query("publisher == 'CIA (US government)'")
    sums = rows.groupby(["concept", "edition_year"]).share_pct.agg(["sum", "count"])
    assert (sums["sum"][sums["count"] > 0] == 100).all()
    groups = sums.loc["ethnic group", "count"]
    assert groups.loc[:2014].gt(0).all() and groups.loc[2015:].eq(0).all()


def test_61_and_16_stand_in_four_editions_only(load):
    rows = load("iran_ethnicity_estimates").query("publisher == 'CIA (US government)' and concept == 'ethnic group'")
    share = rows.pivot(index="edition_year", columns="group", values="share_pct")
    assert share.index[share["Persian"] == 61].tolist() == [2011, 2012, 2013, 2014]
    assert share.index[share["Azerbaijani / Azeri"] == 24].tolist() == list(range(1993, 2011))
    assert (share.loc[1990:2010, "Persian"] == 51).all()


def test_lower_and_upper_shares_hold_the_share(load):
    rows = load("iran_ethnicity_estimates").dropna(subset="share_pct")
    assert rows.share_pct.between(rows.share_lower_pct, rows.share_upper_pct).all()


# The census


def test_census_parts_add_to_the_total(load):
    parts = ["armenians_persons", "azerbaijanis_persons", "russians_persons", "others_persons"]
    whole = load("nkao_census").query("kind == 'census'").dropna(subset=[*parts, "total_persons"])
    assert whole.year.tolist() == [1939, 1959, 1970, 1979, 1989]
    assert (whole[parts].sum(axis=1) == whole.total_persons).all()


def test_census_shares_fit_their_counts(load):
    rows = load("nkao_census").query("kind == 'census'").dropna(subset=["total_persons", "azerbaijanis_persons"])
    computed = 100 * rows.azerbaijanis_persons / rows.total_persons
    assert (computed - rows.azerbaijanis_pct).abs().max() < 0.02


# Areas and control


def test_held_parts_of_the_districts(load):
    districts = load("district_history")
    held = districts.area_soviet_km2 * districts.share_held_pct / 100
    assert (held - districts.area_held_km2).abs().max() < 5
    assert districts.area_held_km2.sum() == 7634


def test_totals_can_be_summed_from_the_districts(load):
    districts = load("district_history")
    totals = load("held_area_totals").set_index("estimate_id").area_km2
    full = districts.area_after_1991_km2.sum()
    kalbajar = districts.set_index("unit").loc["kalbajar"]
    assert totals["banner_sum"] == 4400 + 289 + full - 1840 + 1840
    assert totals["banner_without_shusha"] == 4400 + full
    assert totals["banner_soviet_kalbajar"] == 4400 + full - kalbajar.area_after_1991_km2 + kalbajar.area_soviet_km2
    assert totals["parts_held"] == 4388 + districts.area_held_km2.sum()


def test_printed_shares_of_azerbaijan_fit_the_total_area(load):
    rows = load("held_area_totals").dropna(subset="share_printed_pct")
    whole = load("denominators").set_index("denominator_id").area_km2[rows.denominator_id].to_numpy()
    assert (100 * rows.area_km2 / whole - rows.share_printed_pct).abs().max() < 0.05


def test_spans_of_control_follow_one_another(load):
    for unit, spans in load("control_by_unit").groupby("unit"):
        spans = spans.sort_values("from_date")
        assert spans.from_date.iloc[0] == pd.Timestamp("1988-01-01"), unit
        assert (spans.to_date.iloc[:-1].to_numpy() == spans.from_date.iloc[1:].to_numpy()).all(), unit
        assert pd.isna(spans.to_date.iloc[-1]), unit
        assert spans.status.iloc[-1] == "azerbaijan", unit


def test_spans_begin_with_their_event(load):
    spans = load("control_by_unit").dropna(subset="event_id")
    events = load("control_events").set_index("event_id").loc[spans.event_id]
    last = events.date_end.fillna(events.date)
    begin = spans.from_date.to_numpy()
    assert ((events.date.to_numpy() <= begin) & (begin <= last.to_numpy())).all()
    assert all(unit in units.split(";") for unit, units in zip(spans.unit, events.units, strict=True))


def test_spans_and_districts_give_the_same_dates_and_areas(load):
    spans = load("control_by_unit")
    for district in load("district_history").itertuples():
        held = spans[(spans.unit == district.unit) & (spans.held_km2 > 0)]
        assert held.from_date.min() == district.to_armenian_forces
        assert held.to_date.max() == district.to_azerbaijan
        assert held.held_km2.iloc[-1] == district.area_held_km2


def test_held_shares_and_areas_go_together(load):
    spans = load("control_by_unit")
    assert (spans.held_share_pct.isna() == spans.held_km2.isna()).all()
    whole = load("district_history").set_index("unit").area_soviet_km2.to_dict() | {"oblast": 4388}
    computed = spans.held_share_pct * spans.unit.map(whole) / 100
    assert (computed - spans.held_km2).abs().max() < 5


@pytest.mark.parametrize(
    ("day", "held", "unmeasured"),
    [("1990-01-01", 0, 1), ("1993-12-01", 8428, 1), ("2000-01-01", 11855, 0), ("2021-01-01", 3186, 0), ("2024-06-01", 0, 0)],
)
def test_held_area_on_a_day(day, held, unmeasured, load):
    spans = load("control_by_unit")
    day = pd.Timestamp(day)
    now = spans[(spans.from_date <= day) & ~(spans.to_date <= day)]
    assert len(now) == 8
    assert (now.held_km2.sum(), now.held_km2.isna().sum()) == (held, unmeasured)


def test_units_are_those_of_the_map(load):
    on_map = set(data.load("districts")["unit"])
    assert on_map == set(load("district_history").unit)
    assert set(load("control_by_unit").unit) == on_map | {"oblast"}


# The points at the Aras


def test_printed_degrees_and_decimals_agree(load):
    for point in load("bridge_points").itertuples():
        assert point.lat == pytest.approx(point.lat_degrees + point.lat_minutes / 60 + point.lat_seconds / 3600, abs=1e-6)
        assert point.lon == pytest.approx(point.lon_degrees + point.lon_minutes / 60 + point.lon_seconds / 3600, abs=1e-6)
        assert [float(number) for number in re.findall(r"[\d.]+", point.printed_as)] == [
            point.lat_degrees, point.lat_minutes, point.lat_seconds, point.lon_degrees, point.lon_minutes, point.lon_seconds,
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("point", "feature", "expected_km"),
    [
        ("point_1", "khudafarin_bridges", 1.65),
        ("point_1", "khoda_afarin_dam", 2.71),
        ("point_1", "khoda_afarin_village", 0.36),
        ("point_1", "khankendi", 77.14),
        ("point_2", "giz_galasi_dam", 0.85),
        ("point_2", "khudafarin_bridges", 9.43),
    ],
)
def test_distances_from_the_points(point, feature, expected_km, load):
    points, features = load("bridge_points").set_index("point_id"), load("bridge_features").set_index("feature_id")
    assert km(points.loc[point], features.loc[feature]) == pytest.approx(expected_km, abs=0.05)


def test_the_points_are_8_9_km_apart(load):
    first, second = (row for _, row in load("bridge_points").iterrows())
    assert km(first, second) == pytest.approx(8.87, abs=0.02)


def test_every_border_is_measured_from_both_points(load):
    assert set(load("bridge_border_offsets").groupby("border_id").point_id.nunique()) == {2}


# Side by side


@pytest.mark.parametrize(
    "flow",
    ["az_from_armenia_1987_91", "hy_from_azerbaijan_1987_90", "ring_1991", "az_from_districts_1992_94", "hy_1992", "hy_2020", "az_2020", "hy_2023"],
)
def test_displacements_in_every_direction(flow, load):
    assert flow in set(load("displacements").flow_id)


@pytest.mark.parametrize(
    "event",
    ["sumgait_1988", "gugark_1988", "kafan_1987", "baku_1990", "black_january_1990", "ring_1991", "khojaly_1992", "maragha_1992",
     "ganja_2020", "barda_2020", "stepanakert_2020", "martuni_2020", "nk_2023", "az_2023"],
)  # fmt: skip
def test_killings_of_civilians_on_every_side(event, load):
    rows = load("civilian_killings").query("event_id == @event")
    assert len(rows) and rows.who_counts.notna().all()


def test_courts_come_in_pairs(load):
    courts = load("court_decisions")
    for day in ("2015-06-16", "2021-12-07"):
        assert set(courts[courts.date == day].respondent) == {"Armenia", "Azerbaijan"}


def test_mines_and_heritage_of_both_sides(load):
    assert set(load("heritage").heritage_of) == {"Azerbaijani", "Armenian"}
    assert {"Nagorno-Karabakh and the districts", "districts under Azerbaijani control"} <= set(load("landmines").place)


def test_stories_start_on_both_sides(load):
    assert {"Azerbaijan", "Armenia"} <= set(load("story_starts").told_in)
    words = load("words_of_the_sides").groupby("event").used_by.nunique()
    assert (words > 1).all(), "an event has the words of one side only"


def test_one_verb_in_every_direction(load):
    taken = load("control_events").query("how == 'fighting' and from_control != to_control")
    taken = taken[taken.to_control.isin(["Azerbaijan", "Armenian forces"])]
    assert taken.event.str.contains("pass(?:es|ed)? to (?:the|its) control", regex=True).all()


#: Columns that quote, or hold a word because somebody uses it.
QUOTING = {"quote", "words", "their_word", "printed_as", "label_as_printed", "group_as_printed", "printed_in_document", "term", "address"}


@pytest.mark.parametrize("name", [name for name in TABLES if name != "sources"])
def test_status_words_stand_only_in_quotation_marks(name, load):
    loaded = re.compile(r"\b(liberat|occup|regime\b|illegal|so-called|separatist|terror|breakaway|blockad)", re.IGNORECASE)
    table = load(name)
    for column in table.columns.difference(QUOTING):
        if not pd.api.types.is_string_dtype(table[column]) or column.endswith(("source_id", "source_ids")):
            continue
        for text in table[column].dropna():
            own = re.sub(r"“[^”]*”|Terror Free Tomorrow", "", text)
            assert not loaded.search(own), f"{name}.{column}: {text}"


# Claims


def test_verdicts_are_given_for_the_day_of_the_document(load):
    claims = load("claims")
    assert (claims.as_of == pd.Timestamp("2020-08-04")).all()
    assert claims.verdict.nunique() == 5
