"""Events, votes, lorries, sanctions, what came after, Iran's words and deeds, the glossary: what lessons lean on holds."""

import networkx as nx
import pandas as pd
import pytest

from lessons import data

DOCUMENT = "2020-08-04"


@pytest.fixture(scope="module")
def load():
    """Each table once, empty cells as empty text."""
    known = {}

    def table(name):
        if name not in known:
            known[name] = data.load(name)
        return known[name]

    return table


def overlap(first: str, second: str) -> bool:
    """Whether two dates of any precision can be the same day."""
    length = min(len(first), len(second))
    return first[:length] == second[:length]


# Events


def test_the_timeline_has_enough_events_from_1917_to_2025(load):
    events = load("events")
    assert len(events) >= 120
    assert events.date.str[:4].min() == "1917" and events.date.str[:4].max() == "2025"


def test_events_stand_in_the_order_of_their_dates(load):
    events = load("events")
    assert events.date.is_monotonic_increasing
    ended = events.dropna(subset="date_end")
    for event in ended.itertuples():
        length = min(len(event.date), len(event.date_end))
        assert event.date[:length] <= event.date_end[:length], event.event_id


def test_contested_events_have_two_sources_and_say_why(load):
    contested = load("events").query("contested")
    assert contested.more_source_ids.notna().all()
    why = contested.words_az.notna() | contested.words_hy.notna() | (contested.date_precision == "contested")
    assert why.all() and len(contested) > 30
    assert contested.query("date_precision == 'contested'").note.notna().all()


def test_both_sides_words_are_given_in_numbers_that_do_not_tilt(load):
    events = load("events")
    az, hy = events.words_az.notna().sum(), events.words_hy.notna().sum()
    assert min(az, hy) >= 15 and abs(az - hy) <= 8


@pytest.mark.parametrize(
    ("column", "table", "key", "first", "last"),
    [
        ("control_event_id", "control_events", "event_id", "date", "date_end"),
        ("un_document_id", "un_documents", "document_id", "date", "date"),
        ("hydro_event_id", "hydro_project", "event_id", "date", "date"),
    ],
)
def test_linked_events_have_the_dates_of_the_other_table(column, table, key, first, last, load):
    other = load(table).set_index(key)
    linked = load("events").dropna(subset=column)
    assert len(linked) >= 3
    for event in linked.itertuples():
        row = other.loc[getattr(event, column)]
        begin = str(row[first])[:10]
        assert overlap(event.date, begin), event.event_id
        if column == "control_event_id" and pd.notna(row[last]):
            assert event.date_end == str(row[last])[:10], event.event_id


def test_every_change_of_control_stands_in_the_timeline(load):
    assert set(load("control_events").event_id) == set(load("events").control_event_id.dropna())


@pytest.mark.parametrize(
    ("column", "table", "key", "share"),
    [("killings_event_id", "civilian_killings", "event_id", 0.85), ("displacement_flow_id", "displacements", "flow_id", 0.9)],
)
def test_killings_and_displacements_lie_within_the_dates_of_their_table(column, table, key, share, load):
    counted = load(table)
    linked = load("events").dropna(subset=column)
    for event in linked.itertuples():
        rows = counted[counted[key] == getattr(event, column)]
        assert len(rows), event.event_id
        assert event.date >= rows.start.min()[: len(event.date)], event.event_id
        end = event.date_end if pd.notna(event.date_end) else event.date
        assert end <= rows.end.max()[: len(end)] or overlap(end, rows.end.max()), event.event_id
    assert linked[column].nunique() >= share * (counted[key].nunique() - 3)


def test_one_noun_for_every_killing_and_every_side_among_the_dead(load):
    killings = load("events").dropna(subset="killings_event_id")
    counted = load("civilian_killings").dropna(subset="low_persons").event_id
    dead = killings.killings_event_id.isin(counted)
    assert killings.event[dead].str.startswith("Killing of ").all()
    assert killings.event[~dead].str.startswith("Violence against ").all()
    assert killings.event.str.contains("Armenian").sum() >= 5 and killings.event.str.contains("Azerbaijani").sum() >= 5


def test_displacements_in_every_direction_stand_in_the_timeline(load):
    moved = load("events").query("kind == 'displacement'")
    assert moved.event.str.contains("Azerbaijanis").sum() >= 3 and moved.event.str.contains("Armenians").sum() >= 3


@pytest.mark.parametrize("name", ["events", "truck_reports", "sanctions_actions", "iran_words_deeds"])
def test_what_is_later_than_the_document_is_marked(name, load):
    table = load(name)
    late = table.date.map(str) > DOCUMENT
    assert (late == table.hindsight).all()
    assert late.any() and not late.all()


def test_the_runoff_lies_112_days_before_the_document(load):
    vote = load("nk_elections_2020").query("round == 2").date.iloc[0]
    call = pd.Timestamp(load("truck_reports").set_index("report_id").date["khalafov-20200415"])
    assert (pd.Timestamp(DOCUMENT) - vote).days == 112
    assert (pd.Timestamp(DOCUMENT) - call).days == 111


# The vote of 2008


def test_votes_add_up_as_the_assembly_counted_them(load):
    votes = load("unga_62_243_votes")
    assert len(votes) == 192 and votes.country.is_unique
    counts = votes.vote.value_counts()
    assert counts.to_dict() == {"abstained": 100, "absent": 46, "in favour": 39, "against": 7}
    text = load("un_documents").set_index("document_id").loc["a-res-62-243"]
    assert [text.votes_for, text.votes_against, text.abstentions, text.absent] == [39, 7, 100, 46]


def test_iran_is_absent_and_the_three_chairs_voted_against(load):
    votes = load("unga_62_243_votes").set_index("country")
    assert votes.vote["Iran"] == "absent"
    assert (votes.vote[votes.minsk_co_chair] == "against").all() and votes.minsk_co_chair.sum() == 3


def test_the_roll_call_data_differ_from_the_list_in_pakistan_alone(load):
    votes = load("unga_62_243_votes")
    differ = votes[votes.vote != votes.roll_call_code]
    assert differ.country.to_list() == ["Pakistan"] and differ.note.notna().all()
    counts = votes.roll_call_code.value_counts()
    assert (counts["in favour"], counts["abstained"]) == (38, 101)


# The lorries


@pytest.fixture(scope="module")
def citations(load):
    """The reports as a graph: an arrow from each copy to what it draws on."""
    graph = nx.DiGraph()
    graph.add_nodes_from(load("truck_reports").report_id)
    for step in load("report_citations").itertuples():
        graph.add_edge(step.copy_report_id, step.origin_report_id)
    return graph


def test_steps_from_copy_to_origin_never_lead_in_a_circle(citations):
    assert nx.is_directed_acyclic_graph(citations)


def test_a_copy_is_never_older_than_what_it_draws_on(load):
    date = load("truck_reports").set_index("report_id").date
    for step in load("report_citations").itertuples():
        copy, origin = date[step.copy_report_id], date[step.origin_report_id]
        length = min(len(copy), len(origin))
        assert origin[:length] <= copy[:length], step.citation_id


def test_reports_have_one_place_each_in_time_and_copies_come_later(load):
    reports = load("truck_reports")
    assert reports.sequence.to_list() == list(range(1, len(reports) + 1))
    place = reports.set_index("report_id").sequence
    for step in load("report_citations").itertuples():
        assert place[step.origin_report_id] < place[step.copy_report_id], step.citation_id
    days = reports.query("date.str.len() == 10").date
    assert days.is_monotonic_increasing


def test_a_claim_is_a_copy_exactly_where_a_step_brings_it(load):
    claims = load("report_claims").set_index(["report_id", "truck_claim_id"])
    brought = set()
    for step in load("report_citations").dropna(subset="truck_claim_ids").itertuples():
        for claim in step.truck_claim_ids.split(";"):
            assert (step.origin_report_id, claim) in claims.index, f"{step.citation_id}: its origin does not carry {claim}"
            brought.add((step.copy_report_id, claim))
    assert brought == set(claims.index[claims.role == "copy"])


def test_every_claim_begins_somewhere(load):
    origins = load("report_claims").query("role == 'origin'")
    assert set(origins.truck_claim_id) == set(load("truck_claims").truck_claim_id)


def test_many_texts_of_april_2020_go_back_to_one_video(load, citations):
    texts = load("truck_reports").query("~hindsight and kind in ['report', 'opinion', 'document']").report_id
    carry = load("report_claims").query("truck_claim_id == 'lorries-there' and report_id in @texts")
    assert len(carry) >= 10
    for report in carry.report_id:
        assert "video-2020" in nx.descendants(citations, report), report


def test_the_bridge_appears_first_in_the_document(load):
    bridge = load("report_claims").query("truck_claim_id == 'bridge'")
    assert bridge.report_id.to_list() == ["document-2020"]


def test_a_call_in_2020_and_a_note_in_2021_are_two_kinds_of_act(load):
    kind = load("truck_reports").set_index("report_id").kind
    assert kind["khalafov-20200415"] == "call" and kind["note-20210811"] == "note"


# Sanctions


def test_mentions_of_sanctions_merge_into_fewer_acts(load):
    mentions = load("sanctions_mentions")
    actions = load("sanctions_actions").set_index("action_id")
    behind = actions.loc[mentions.action_id.unique()]
    sanctions = behind[behind.is_sanction & (behind.kind == "listing")]
    assert len(mentions) > len(behind) and len(sanctions) == 2
    assert set(sanctions.authority) == {"US Department of the Treasury", "US Department of Commerce"}


def test_two_sentences_tell_of_the_same_act_of_august_2019(load):
    same = load("sanctions_mentions").query("action_id == 'entity-list-2019'")
    assert len(same) == 4 and same.date_printed.any() and not same.date_printed.all()


def test_one_georgian_and_two_armenian_entries_of_seventeen_entities(load):
    entries = load("entity_list_2019").set_index("destination").entries
    listed = load("sanctions_actions").set_index("action_id").entities_listed["entity-list-2019"]
    assert (entries["Armenia"], entries["Georgia"], entries.sum(), listed) == (2, 1, 19, 17)


def test_reports_and_banks_caution_have_no_legal_effect(load):
    actions = load("sanctions_actions")
    assert (actions.is_sanction == (actions.legal_effect != "no legal effect")).all()


# After the document


def test_announced_places_have_the_dates_of_the_control_table(load):
    control = load("control_events").set_index("event_id")
    for place in load("war2020_control").itertuples():
        assert place.announced_on == control.loc[place.control_event_id, "date"]
        if pd.notna(place.denied_until):
            assert place.announced_on <= place.denied_until
    war = control[(control.date >= "2020-10-01") & (control.date <= "2020-12-01") & (control.to_control == "Azerbaijan")]
    assert set(war.index) == set(load("war2020_control").control_event_id)


def test_hadrut_and_shusha_were_denied_before_they_were_confirmed(load):
    places = load("war2020_control").set_index("control_event_id")
    denied = places.dropna(subset="denied_by")
    assert set(denied.index) == {"hadrut-2020", "shusha-2020"} and denied.two_sided.all()


def test_numbers_of_the_war_agree_with_the_common_tables(load):
    rows = load("war2020_casualties")
    for column, table, key in (("casualty_id", "casualties", "casualty_id"), ("killing_id", "civilian_killings", "killing_id")):
        other = load(table).set_index(key)
        for row in rows.dropna(subset=column).itertuples():
            same = other.loc[getattr(row, column)]
            assert (row.low_persons, row.high_persons) == (same.low_persons, same.high_persons), row.count_id


def test_civilians_of_both_sides_are_counted_apart(load):
    civilians = load("war2020_casualties").query("kind == 'civilians'")
    assert {"Azerbaijan", "Armenians"} <= set(civilians.side)


def test_arrivals_only_grow_and_end_as_in_the_table_of_displacements(load):
    arrivals = load("displacement_2023").sort_values("row")
    assert arrivals.arrived_persons.is_monotonic_increasing and arrivals.date.is_monotonic_increasing
    moved = load("displacements").set_index("displacement_id")
    for row in arrivals.dropna(subset="displacement_id").itertuples():
        low, high = moved.loc[row.displacement_id, ["low_persons", "high_persons"]]
        assert low * 0.99 <= row.arrived_persons <= high
    assert arrivals.arrived_persons.iloc[-1] == moved.loc["hy_2023-3", "low_persons"]


def test_all_nine_points_of_the_statement_stand_in_the_table(load):
    assert load("ceasefire2020_terms").clause.to_list() == list(range(1, 10))


def test_shares_of_votes_fit_the_votes(load):
    first = load("nk_elections_2020").query("round == 1")
    whole = first.votes / first.share_pct
    assert whole.max() / whole.min() < 1.01
    assert load("nk_elections_2020").query("round == 2").share_pct.sum() == 100


def test_deaths_recorded_one_by_one_are_those_of_the_common_table(load):
    deaths = load("ucdp_deaths").query("1991 <= year <= 1994").groupby("country").deaths.sum()
    counted = load("casualties").set_index("casualty_id").low_persons
    assert deaths["Azerbaijan"] == counted["war1-all-4"] and deaths["Armenia"] == counted["war1-all-5"]


# Forecasts


def test_forecasts_are_claims_of_the_ledger_and_their_outcomes_hindsight(load):
    forecasts = load("forecasts")
    ledger = load("claims").set_index("claim_id")
    assert forecasts.hindsight.all()
    assert set(ledger.index[ledger.kind == "forecast"]) <= set(forecasts.claim_id)
    assert (forecasts.set_index("claim_id").quote == ledger.quote[forecasts.claim_id]).sum() >= 8


def test_each_forecast_has_a_test_and_three_horizons(load):
    forecasts = load("forecasts")
    scores = forecasts[["by_1_year", "by_3_years", "by_5_years"]]
    assert scores.notna().all(axis=None) and forecasts.test.notna().all()
    unscored = (scores == "cannot be scored").all(axis=1)
    assert (unscored == ~forecasts.scorable).all() and 0 < unscored.sum() < len(forecasts)


# Iran's words and deeds


def kappa(first: pd.Series, second: pd.Series) -> float:
    """Cohen's kappa of two coders, by hand."""
    table = pd.crosstab(first, second)
    codes = sorted(set(first) | set(second))
    table = table.reindex(index=codes, columns=codes, fill_value=0) / len(first)
    seen = sum(table.loc[code, code] for code in codes)
    chance = sum(table.loc[code].sum() * table[code].sum() for code in codes)
    return (seen - chance) / (1 - chance)


@pytest.mark.parametrize("what", ["direction", "strength"])
def test_two_coders_agree_in_much_and_not_in_all(what, load):
    items = load("iran_words_deeds")
    found = kappa(items[f"coder1_{what}"], items[f"coder2_{what}"])
    assert 0.4 < found < 0.95


def test_words_and_deeds_in_every_period_and_direction(load):
    items = load("iran_words_deeds")
    assert len(items) >= 50
    assert (items.groupby("kind").size() >= 20).all() and items.period.nunique() == 5
    for coder in ("coder1_direction", "coder2_direction"):
        assert (items.query("~hindsight")[coder].value_counts() >= 4).all() and items[coder].nunique() == 4


def test_codes_are_those_of_the_scheme(load):
    scheme = load("coding_scheme").groupby("variable").code.agg(set)
    items = load("iran_words_deeds")
    for coder in ("coder1", "coder2"):
        assert set(items[f"{coder}_direction"]) <= scheme["direction"]
        assert set(items[f"{coder}_strength"].astype(str)) <= scheme["strength"]
    assert set(items.kind) == scheme["kind"]


def test_items_have_the_dates_of_their_events(load):
    events = load("events").set_index("event_id")
    linked = load("iran_words_deeds").dropna(subset="event_id")
    assert len(linked) > 35
    for item in linked.itertuples():
        event = events.loc[item.event_id]
        last = event.date_end if pd.notna(event.date_end) else event.date
        assert abs(int(item.date[:4]) - int(event.date[:4])) <= 1, item.item_id
        assert item.date[:7] >= event.date[:7] and (overlap(item.date, last) or item.date[:7] <= _months_after(last, 1)), item.item_id


def _months_after(date: str, months: int) -> str:
    """The month some months after a date of any precision, as 2020-05."""
    year, month = int(date[:4]), int(date[5:7] or 12)
    return f"{year + (month + months - 1) // 12}-{(month + months - 1) % 12 + 1:02d}"


# Glossary


def test_the_glossary_is_long_enough_and_serves_every_lesson(load):
    glossary = load("glossary")
    assert len(glossary) >= 60 and glossary.term.str.lower().is_unique
    lessons = set(glossary.lessons.str.split(";").explode())
    assert lessons == {f"{number:02d}" for number in range(13)}


def test_terms_point_to_other_terms(load):
    glossary = load("glossary")
    for row in glossary.dropna(subset="see_also").itertuples():
        assert row.term_id not in row.see_also.split(";"), row.term_id
    assert glossary.see_also.notna().mean() > 0.8


def test_loaded_terms_have_the_words_of_both_sides(load):
    glossary = load("glossary")
    loaded = glossary[glossary.word_az.notna() | glossary.word_hy.notna()]
    both = loaded.word_az.notna() & loaded.word_hy.notna()
    assert len(loaded) >= 15 and both.all()


def test_definitions_are_short_and_plain(load):
    words = load("glossary").definition.str.split().str.len()
    assert words.max() <= 60 and words.min() >= 6
