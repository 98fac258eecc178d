"""The document's words, links, figures and outlets, and who is who: symmetrical, labelled by one rule, traceable."""

from __future__ import annotations

import pandas as pd
import pytest

from lessons import data


@pytest.fixture(scope="module")
def load():
    tables = {}

    def get(name):
        if name not in tables:
            tables[name] = data.load(name)
        return tables[name]

    return get


# Loaded terms


def test_every_term_has_a_partner_from_the_other_side(load):
    terms = load("lexicon").set_index("term_id")
    for term_id, row in terms.iterrows():
        partner = terms.loc[row["partner_id"]]
        assert partner["partner_id"] == term_id, "partners name each other"
        assert partner["side"] != row["side"], f"{term_id}: both are words of one side"
        assert (partner["about"], partner["alternatives"], partner["hindsight"]) == (row["about"], row["alternatives"], row["hindsight"])


def test_the_two_sides_of_the_conflict_are_taught_alike(load):
    """As many loaded words of one side as of the other; the rest pair with Iran or the United States."""
    terms = load("lexicon").set_index("term_id")
    two = {"Azerbaijani and Turkish", "Armenian"}
    between = [{row["side"], terms.loc[row["partner_id"], "side"]} == two for _, row in terms.iterrows()]
    sides = terms.loc[between, "side"].value_counts()
    assert sides["Azerbaijani and Turkish"] == sides["Armenian"] >= 15
    assert terms["side"].value_counts()["Iranian"] >= 5


def test_pairs_that_the_course_teaches_are_there(load):
    terms = load("lexicon").set_index("term_id")
    pairs = {frozenset((row["term"], terms.loc[row["partner_id"], "term"])) for _, row in terms.iterrows()}
    for pair in [("occupied", "liberated"), ("separatist", "Artsakh Republic"), ("anti-terrorist measures", "ethnic cleansing")]:
        assert frozenset(pair) in pairs


@pytest.mark.parametrize(
    ("term", "hits"),
    [("occupied", 10), ("occupation", 2), ("separatist", 3), ("illegal", 4), ("regime", 3), ("breakaway", 2), ("so-called", 1),
     ("smuggling", 3), ("Azeri", 0), ("Stepanakert", 0), ("Khankendi", 1), ("Artsakh", 0), ("Shusha", 0), ("Shushi", 0)],
)  # fmt: skip
def test_counts_follow_the_one_stated_rule(term, hits, load):
    rows = load("lexicon").query("term == @term")
    assert len(rows) and (rows["count_document"] == hits).all()


def test_counts_add_up(load):
    terms = load("lexicon")
    assert (terms["count_prose"] + terms["count_captions"] == terms["count_document"]).all()
    assert (terms["count_in_this_sense"] <= terms["count_document"]).all()
    by_sense = terms.groupby("term")["count_in_this_sense"].sum()
    assert (by_sense <= terms.groupby("term")["count_document"].first()).all()


# Links and figures


def test_thirteen_links_and_two_in_a_caption(load):
    links = load("document_links")
    assert links["link_id"].str.startswith("link-").sum() == 13 and links["link_id"].str.startswith("caption-").sum() == 2
    assert links["same_page_as"].dropna().tolist() == ["link-3"]
    assert 15 - links["same_page_as"].notna().sum() == 14


def test_links_name_their_outlet(load):
    outlets = load("outlets").set_index("outlet_id")["outlet"]
    links = load("document_links")
    assert (links["outlet"].to_numpy() == outlets[links["outlet_id"]].to_numpy()).all()


def test_no_iranian_source_and_no_armenian_government_source_is_linked(load):
    links = load("document_links").merge(load("outlets"), on="outlet_id")
    assert not links["based_in"].isin(["Iran"]).any()
    assert not (links["based_in"].eq("Armenia") & links["ownership"].isin(["official", "state outlet"])).any()


def test_every_figure_can_be_drawn_anew_from_tables_of_the_course(load):
    figures = load("document_figures")
    assert len(figures) == 8
    for figure in figures.itertuples():
        assert set(figure.rebuilt_with.split(";")) <= set(data.names()), figure.figure_id


# Outlets by one rule


def test_outlets_are_labelled_by_the_rule_of_the_sources(load):
    rule = {field["name"]: field for field in data.source("sources").fields}["ownership"]
    own = {field["name"]: field for field in data.source("outlets").fields}["ownership"]
    assert own["constraints"] == rule["constraints"] and own["description"] == rule["description"]
    assert load("outlets")["ownership"].notna().all()


def test_state_outlets_are_called_so_on_every_side(load):
    outlets = load("outlets")
    paid = outlets[outlets["ownership"].isin(["state outlet", "state-funded", "official", "government-linked"])]
    for place in ("Turkey", "Azerbaijan", "Armenia", "Iran", "United States", "United Kingdom"):
        assert paid["based_in"].str.contains(place).any(), place


def test_an_unknown_owner_is_not_dressed_up(load):
    unknown = load("outlets").query("ownership == 'unknown'")
    assert unknown["who_pays"].str.contains("not |says").all()


# Who is who


def test_actors_of_every_side(load):
    sides = load("actors")["side"].value_counts()
    for side in ("Armenia", "Azerbaijan", "Iran", "United States", "international"):
        assert sides[side] >= 5, side
    assert {"Turkey", "Russia", "Armenians of Nagorno-Karabakh"} <= set(sides.index)


def test_terms_of_office_end_after_they_begin(load):
    actors = load("actors").dropna(subset=["from_date", "to_date"])
    assert (actors["from_date"].map(pd.Timestamp) < actors["to_date"].map(pd.Timestamp)).all()


def test_one_line_for_each_actor(load):
    what = load("actors")["what"]
    assert what.str.endswith(".").all() and what.str.len().max() < 220
