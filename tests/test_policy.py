"""Names and words: what every page, table and check keeps, so that a reader of either side finds it fair."""

import re
from pathlib import Path

import nbformat
import pytest

from lessons import data, names

ROOT = Path(__file__).parents[1]

#: Words that carry a side: they stand only inside attributed quotations (policy, rule 3).
LOADED = re.compile(r"\b(liberat\w*|occupi\w*|occupation|regimes?|illegal\w*|so-called|separatis\w*|puppet|terrorists?|blockad\w*)\b", re.I)
QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"|«[^»]*»|`[^`]*`")
LINK = re.compile(r"\]\([^)]*\)")

PAGES = sorted((ROOT / "book").glob("*.md"))
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
CHECKS = sorted((ROOT / "data/checks").glob("*.toml"))
# The columns in which the course itself speaks; titles, quotations and claims are other people's words.
OWN_COLUMNS = ("note", "says", "label", "event", "description", "status_words", "our_reading", "limits")


def words_of(path: Path) -> str:
    """What the course says in its own voice in a page, a lesson or a file of checks."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return "\n".join(re.findall(r'^\w+ = "+(.*?)"+$', text, re.M))
    return text


def bare(text: str) -> str:
    """A text without what it quotes, its code and the addresses of its links."""
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    return LINK.sub("]", QUOTED.sub(" ", text))


@pytest.mark.parametrize("path", PAGES + LESSONS + CHECKS, ids=lambda path: path.name)
def test_loaded_words_stand_only_inside_quotations(path):
    found = [match[0] for match in LOADED.finditer(bare(words_of(path)))]
    assert not found, f"put into an attributed quotation or say it neutrally: {sorted(set(found))}"


@pytest.mark.parametrize("name", [name for name in data.names() if data.path(name).suffix == ".csv"])
def test_loaded_words_stand_only_inside_quotations_in_what_tables_say(name):
    table = data.load(name)
    for column in table.columns.intersection(OWN_COLUMNS):
        for row, text in table[column].dropna().items():
            found = LOADED.findall(bare(text))
            assert not found, f"{name}, row {row + 2}, {column}: {found}"


def test_the_words_rule_would_notice():
    assert LOADED.search(bare("The occupied districts are shown."))
    assert not LOADED.search(bare("The UN text says “occupied”; the column `occupied_km2` counts."))


@pytest.mark.parametrize("path", PAGES + LESSONS, ids=lambda path: path.name)
def test_a_place_with_two_names_is_first_named_by_both(path):
    text = bare(words_of(path))
    for place in names.all_forms().itertuples():
        first, second = place.pair_az, place.pair_hy
        if not second or first == second:
            continue
        found = re.search(rf"\b({re.escape(first)}|{re.escape(second)})\b", text)
        if found:
            around = text[max(0, found.start() - len(second) - 4) : found.end() + len(first) + len(second) + 4]
            assert f"{first} / {second}" in around or f"{second} / {first}" in around, f"name both at first: {around!r}"


def test_labels_follow_the_policy_that_is_asked_for():
    place = "khankendi_stepanakert"
    assert names.label(place) == "Khankendi / Stepanakert"
    assert names.label(place, "hy") == "Ստեփանակերտ" and names.label(place, "az") == "Xankəndi"
    assert names.label(place, "printed") == "Khankendi"
    with pytest.raises(ValueError, match="no naming policy 'xx'"):
        names.label(place, "xx")
    with pytest.raises(KeyError):
        names.label("atlantis")
