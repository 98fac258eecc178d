"""The pages that are written from the tables: every row is there, can be linked to, found and filtered, and is only text."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from browser import visit
from lessons import claims, data
from lessons.book import pages

ROOT = Path(__file__).parent.parent
FILTERED = ("ledger", "timeline", "who-is-who", "place-names", "loaded-words", "glossary", "sources", "data")
LAYERS = [name for name in data.names() if data.path(name).suffix == ".parquet"]
TEXT_PAGE_BYTES_GZIPPED = 330_000


@cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")


def spoken(text: str) -> str:
    """A text in one line and with straight quotation marks: headings are printed with round ones."""
    return " ".join(text.translate(str.maketrans("‘’“”", "''\"\"")).split())


def ids(book: Path, page: str) -> list[str]:
    return [element["id"] for element in soup(book / f"book/{page}.html").find_all(id=True)]


ROWS = {
    "every claim": ("ledger", "claims", "claim_id", "claim-"),
    "every figure of the document": ("figures", "document_figures", "figure_id", ""),
    "every event": ("timeline", "events", "event_id", "event-"),
    "every actor": ("who-is-who", "actors", "actor_id", "actor-"),
    "every place": ("place-names", "toponyms", "place_id", "place-"),
    "every term": ("glossary", "glossary", "term_id", "term-"),
    "every source": ("sources", "sources", "source_id", "source-"),
}


@pytest.mark.parametrize("page, table, key, prefix", ROWS.values(), ids=ROWS)
def test_each_row_has_its_own_permanent_place(book, page, table, key, prefix):
    wanted = {f"{prefix}{value}" for value in data.load(table)[key]}
    assert wanted - set(ids(book, page)) == set()


def test_each_table_and_layer_has_a_card_with_its_download(book):
    described = data.described(data.folder() / "datapackage.json")
    page = soup(book / "book/data.html")
    for name, resource in described.items():
        if not resource["path"].startswith(("tables/", "layers/")):
            continue
        card = page.find(id=f"data-{name}")
        assert card, name
        words = spoken(card.get_text(" "))
        for part in ("title", "as_of", "limits", "precision"):
            assert spoken(resource[part]) in words, (name, part)
        for entry in resource.get("schema", {}).get("fields", []):
            assert card.find("code", string=entry["name"]), (name, entry["name"])
        links = [link["href"] for link in card.find_all("a", download=True)]
        assert f"../data/{resource['path']}" in links
        for link in links:
            assert (book / "book" / link).is_file(), link
        if resource["path"].endswith(".csv"):
            assert (book / f"data/{resource['path']}").read_bytes() == data.path(name).read_bytes()
            assert f"Rows {len(data.load(name)):,}" in words


@pytest.mark.parametrize("page", [*FILTERED, "figures"])
def test_no_id_stands_twice(book, page):
    found = ids(book, page)
    assert sorted(found) == sorted(set(found))


def test_each_claim_shows_its_verdict_evidence_and_computed_figure(book):
    page = soup(book / "book/ledger.html")
    for row in data.load("claims").itertuples():
        words = spoken(page.find(id=f"claim-{row.claim_id}").get_text(" "))
        assert row.verdict.capitalize() in words
        for text in (row.paraphrase, row.evidence_for, row.evidence_against, row.would_change, row.our_reading, row.hindsight):
            if isinstance(text, str):
                assert spoken(text) in words, row.claim_id
        if row.claim_id in claims.checked():
            assert spoken(claims.check(row.claim_id).sentence) in words


def test_killings_and_displacements_show_every_count_with_the_one_who_counted(book):
    page = soup(book / "book/timeline.html")
    events = data.load("events")
    for table, key, link in (("civilian_killings", "event_id", "killings_event_id"), ("displacements", "flow_id", "displacement_flow_id")):
        for row in data.load(table).to_dict("records"):
            for event in events.loc[events[link] == row[key], "event_id"]:
                assert row["who_counts"] in page.find(id=f"event-{event}").get_text(), event


def test_what_is_only_recalled_says_so(book):
    recalled = [row["source_id"] for row in data.load("sources").to_dict("records") if row["how_seen"].startswith("recalled")]
    assert recalled
    for source_id in recalled:
        assert "From memory, not checked" in soup(book / "book/sources.html").find(id=f"source-{source_id}").get_text()


def test_names_have_their_language_and_direction(book):
    row = soup(book / "book/place-names.html").find(id="place-khankendi_stepanakert")
    assert row.find(lang="hy").get_text() == "Ստեփանակերտ"
    assert row.find(lang="az").get_text() == "Xankəndi"
    assert row.find(lang="fa")["dir"] == "rtl"


@pytest.mark.parametrize("name", LAYERS)
def test_the_geojson_of_a_layer_has_the_same_features(book, name):
    layer = data.load(name)
    read = gpd.read_file(book / f"data/layers/{data.path(name).stem}.geojson")
    assert read.crs == layer.crs
    assert list(read["id"].astype(str)) == list(layer["id"].astype(str))
    assert set(read.columns) == set(layer.columns)
    assert (read.geom_type == layer.geom_type).all()
    # Half a metre; the files keep seven decimals of a degree.
    assert read.geometry.geom_equals_exact(layer.geometry, 5e-6).all()


@pytest.mark.parametrize("page", [*FILTERED, "figures"])
def test_pages_of_text_are_light(chromium, book, book_address, page):
    with visit(chromium, f"{book_address}/book/{page}.html") as opened:
        files = [address.removeprefix(book_address).split("?")[0].lstrip("/") for address in opened.loaded]
    assert sum(len(gzip.compress((book / name).read_bytes())) for name in files) <= TEXT_PAGE_BYTES_GZIPPED


# The filters


def shown(page: Page) -> int:
    return page.evaluate("[...document.querySelectorAll('.aras-entry')].filter((row) => row.offsetParent).length")


def said(page: Page) -> str:
    return page.get_by_role("status").first.inner_text()


@pytest.mark.parametrize("page", FILTERED)
def test_each_filter_moves_by_keyboard_and_says_how_many(chromium, book_address, page):
    with visit(chromium, f"{book_address}/book/{page}.html") as opened:
        total = shown(opened.page)
        assert said(opened.page).startswith(f"All {total} ")
        for select in opened.page.locator(".aras-filters select").all():
            select.focus()
            opened.page.keyboard.press("ArrowDown")
            label = select.locator("option:checked").inner_text()
            expected = int(re.search(r"\((\d+)\)$", label)[1])
            assert shown(opened.page) == expected, label
            assert said(opened.page).startswith(f"{'All' if expected == total else f'{expected} of'} {total} ")
            opened.page.keyboard.press("ArrowUp")
            assert shown(opened.page) == total
        words = opened.page.get_by_role("searchbox", name="With the words")
        words.focus()
        opened.page.keyboard.type("zzqx")
        assert shown(opened.page) == 0
        assert opened.page.locator(".aras-group:visible").count() == 0, "empty parts lose their heading"
        opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Enter")
        opened.page.wait_for_function("document.querySelector('.aras-count').textContent.startsWith('All')")
        assert shown(opened.page) == total
        assert opened.complaints == []


def test_names_are_found_without_their_marks_and_in_each_script(chromium, book_address):
    for words in ("Susa", "Şuşa", "Շուշի", "Шуша", "شوشا"):
        with visit(chromium, f"{book_address}/book/place-names.html") as opened:
            opened.page.get_by_role("searchbox", name="With the words").fill(words)
            assert opened.page.locator("#place-shusha_shushi").is_visible(), words
            assert shown(opened.page) < 10


def test_a_choice_stays_in_the_address_as_text(chromium, book_address):
    with visit(chromium, f"{book_address}/book/ledger.html") as opened:
        opened.page.get_by_label("Verdict").select_option("contested")
        address = opened.page.url
        assert "verdict=contested" in address
        number = shown(opened.page)
    with visit(chromium, address) as opened:
        assert shown(opened.page) == number
    hostile = "?verdict=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&words=%3Cscript%3Ealert(1)%3C/script%3E"
    with visit(chromium, f"{book_address}/book/ledger.html{hostile}") as opened:
        assert opened.page.locator("img[src=x]").count() == 0
        assert opened.page.get_by_role("searchbox", name="With the words").input_value() == "<script>alert(1)</script>"
        assert opened.complaints == []


def test_a_link_to_a_row_shows_it_whatever_the_filter(chromium, book_address):
    claim = data.load("claims").query("verdict == 'contradicted'").iloc[0].claim_id
    with visit(chromium, f"{book_address}/book/ledger.html?verdict=corroborated#claim-{claim}") as opened:
        opened.page.wait_for_function("document.querySelector('.aras-count').textContent.startsWith('All')")
        assert opened.page.locator(f"#claim-{claim}").is_visible()


IN_SIGHT = """(part) => {
    const { left, top } = part.getBoundingClientRect();
    return part.contains(document.elementFromPoint(left + 8, top + 8));
}"""
"""Whether the upper left corner of an element is on the screen, with nothing above it."""


def test_the_timeline_is_stepped_by_keyboard_within_what_is_shown(chromium, book_address):
    with visit(chromium, f"{book_address}/book/timeline.html", width=390) as opened:
        opened.page.get_by_label("Actor").select_option("Iran")
        rows = opened.page.locator(".aras-entry:not(.aras-left-out)")
        opened.page.get_by_role("button", name="Later").focus()
        for position in range(3):
            opened.page.keyboard.press("Enter")
            assert rows.nth(position).get_attribute("aria-current") == "true"
            assert rows.nth(position).locator("time").first.inner_text() in said(opened.page)
            assert said(opened.page).startswith(f"{position + 1} of {rows.count()} ")
            assert rows.nth(position).locator(".aras-what").evaluate(IN_SIGHT)
            assert opened.page.get_by_role("button", name="Later").evaluate(IN_SIGHT)
        opened.page.get_by_role("button", name="Earlier").press("Enter")
        assert rows.nth(1).get_attribute("aria-current") == "true"


@pytest.mark.parametrize("page", FILTERED)
def test_controls_are_large_enough_for_a_finger(chromium, book_address, page):
    with visit(chromium, f"{book_address}/book/{page}.html", width=390, has_touch=True) as opened:
        controls = opened.page.locator(".aras-filters :is(select, input, button), .aras-steps button, .aras-downloads a")
        for box in controls.evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())"):
            assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize("page", FILTERED)
def test_without_scripts_and_on_paper_every_row_is_there(chromium, book, book_address, page):
    total = len(soup(book / f"book/{page}.html").select(".aras-entry"))
    with visit(chromium, f"{book_address}/book/{page}.html", java_script_enabled=False, width=390) as opened:
        assert opened.page.locator(".aras-entry").count() == total
        assert opened.page.locator(".aras-entry").last.is_visible()
        assert not opened.page.locator(".aras-filters").is_visible()
    with visit(chromium, f"{book_address}/book/{page}.html?words=zzqx") as opened:
        assert shown(opened.page) == 0
        opened.page.emulate_media(media="print")
        assert shown(opened.page) == total
        assert not opened.page.locator(".aras-filters").is_visible()


def test_only_pages_from_the_tables_load_their_script(book):
    with_script = {path.stem for path in book.glob("**/*.html") if "aras-pages.js" in path.read_text(encoding="utf8")}
    assert with_script == {*FILTERED, "figures"}


def test_the_search_of_the_book_finds_rows(book):
    index = (book / "searchindex.js").read_text(encoding="utf8").encode().decode("unicode_escape")
    for words in ("xankəndi", "ստեփանակերտ", "степанакерт", "hassan rouhani"):
        assert words in index.lower(), words


# What a cell of a table may hold


HOSTILE = "<script>alert('x')</script> & \"quoted\" [a](javascript:alert(1)) {{ 7 * 7 }} {% raw %}"
TEXTS = {
    "claims": ["paraphrase", "quote", "evidence_for", "evidence_against", "would_change", "hindsight"],
    "document_figures": ["subject", "shows", "odd"],
    "events": ["event", "note"],
    "actors": ["name", "what", "note"],
    "toponyms": ["en", "az", "hy", "ru", "fa", "note"],
    "lexicon": ["term", "used_by", "alternatives"],
    "glossary": ["term", "definition", "note"],
    "sources": ["title", "publisher", "perspective", "licence"],
}


@pytest.fixture(scope="module")
def hostile_book(tmp_path_factory) -> Path:
    """The pages from the tables, built from data in whose every text somebody has put markup; folder of the pages."""
    here = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ROOT / "data", here / "data", ignore=shutil.ignore_patterns("make", "checks"))
    package = json.loads((here / "data/datapackage.json").read_text(encoding="utf8"))
    for resource in package["resources"]:
        resource["hash"] = ""
        resource["limits"] = resource.get("limits", "") + HOSTILE
        if resource["name"] in TEXTS:
            file = here / "data" / resource["path"]
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
            for column in TEXTS[resource["name"]]:
                table[column] += HOSTILE
            if resource["name"] == "sources":
                table["address"] = "javascript:alert(1) " + table["address"]
            table.to_csv(file, index=False)
    (here / "data/datapackage.json").write_text(json.dumps(package), encoding="utf8")
    source = here / "source"
    source.mkdir()
    chapters = [name for name in (*FILTERED, "figures") if shutil.copy(ROOT / f"book/{name}.md", source)]
    shutil.copy(ROOT / "book/names-policy.md", source)
    (source / "index.md").write_text("# Pages\n\nA link to [a claim](ledger.md#claim-pie-complete).\n\n```{toctree}\n" + "\n".join([*chapters, "names-policy"]) + "\n```\n")
    (source / "conf.py").write_text("extensions = ['myst_parser', 'lessons.book.pages']\nhtml_theme = 'basic'\n")
    (source / "_toc.yml").touch()
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", source, here / "out"],
        env={**os.environ, "LESSONS_DATA": str(here / "data")}, check=True, timeout=300,
    )
    return here / "out"


@pytest.mark.parametrize("page", [*FILTERED, "figures"])
def test_a_hostile_cell_is_only_text(hostile_book, page):
    found = BeautifulSoup((hostile_book / f"{page}.html").read_text(encoding="utf8"), "html.parser")
    text = found.get_text()
    assert "<script>alert('x')</script>" in text
    assert "{{ 7 * 7 }}" in text and "49 }" not in text
    assert not [script for script in found.find_all("script") if "alert" in script.get_text()]
    for link in found.find_all("a", href=True):
        assert not link["href"].lower().startswith(("javascript:", "data:")), link
    for element in found.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on")], element


def test_a_lesson_can_link_to_a_row(hostile_book):
    page = BeautifulSoup((hostile_book / "index.html").read_text(encoding="utf8"), "html.parser")
    assert page.find("a", href="ledger.html#claim-pie-complete", string="a claim")


def test_an_unknown_page_is_said_in_words(tmp_path):
    (tmp_path / "index.md").write_text("# Page\n\n```{from-tables} legder\n```\n")
    (tmp_path / "conf.py").write_text("extensions = ['myst_parser', 'lessons.book.pages']\nhtml_theme = 'basic'\n")
    (tmp_path / "_toc.yml").touch()
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", tmp_path, tmp_path / "out"], capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "There is no page called 'legder' from the tables; there are ledger, figures" in run.stderr


def test_ids_of_rows_are_made_of_plain_signs():
    """An id is part of an address: no spaces, no marks that an address would have to write otherwise."""
    writer = pages._Writer()
    for make in pages.PAGES.values():
        for group in make(writer).groups:
            for row in group.rows:
                assert re.fullmatch(r"[\w-]+", row.id, re.ASCII), row.id
