"""The built book, as a reader meets it, in a real browser that can reach no other host.

Every page is opened in light mode on a wide screen, in dark mode on a phone, and from the disk.
The controls of the widgets are tried in tests/test_controls.py.
"""

import gzip
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from browser import Visit, visit
from lessons.book import build

ROOT = Path(__file__).parent.parent
LESSONS = [path.relative_to(ROOT).with_suffix("").as_posix() for path in build.pages(ROOT) if path.suffix == ".ipynb"]
PAGES = [path.relative_to(ROOT).with_suffix("").as_posix() for path in build.pages(ROOT)]
EVERY_PAGE = pytest.mark.parametrize("page", [*PAGES, "search"])
EVERY_LESSON = pytest.mark.parametrize("page", LESSONS)

MOST_BYTES = 1_200_000
MOST_BYTES_GZIPPED = 450_000

VIEWS = 'script[type="application/vnd.jupyter.widget-view+json"]'


SETTLED = 600
"""Milliseconds after which the theme has looked again which boxes scroll (it waits for 300)."""


def open_folds(opened: Visit) -> None:
    """Open every fold, so that what it holds is looked at too."""
    opened.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    opened.page.wait_for_timeout(SETTLED)


SOME_OF_EACH_KIND = """() => {
    const seen = new Set();
    for (const token of document.querySelectorAll(".highlight span")) {
        const kind = token.className;
        if (seen.has(kind)) token.classList.add("kind-seen");
        seen.add(kind);
    }
    [...document.querySelectorAll(".aras-entry")].slice(20).forEach((row) => row.classList.add("kind-seen"));
}"""
"""A lesson has thousands of coloured words of code in a dozen colours: one word of each colour is looked at.
A page from the tables has hundreds of rows of one kind: twenty of them are."""


def faults(opened: Visit) -> list[str]:
    """What axe-core finds, one line for each element."""
    opened.page.evaluate(SOME_OF_EACH_KIND)
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(opened.page, context={"exclude": [[".kind-seen"]]}, options=options).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def overflow(opened: Visit) -> list[str]:
    """The elements that stick out of the page at its right, when the page scrolls sideways."""
    return opened.page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        return [...document.querySelectorAll("main *")]
            .filter((element) => element.getBoundingClientRect().right > width + 1)
            .map((element) => `${element.localName}.${element.className}`);
    }""")


def weight(opened: Visit, folder: Path) -> tuple[int, int]:
    """Bytes of everything that the page loaded, as files and gzipped."""
    names = {unquote(urlsplit(address).path).lstrip("/") for address in opened.loaded if address.startswith("http")}
    contents = [(folder / name).read_bytes() for name in names]
    return sum(map(len, contents)), sum(len(gzip.compress(content)) for content in contents)


@EVERY_PAGE
@pytest.mark.parametrize("mode, width", [("light", 1280), ("dark", 390)])
def test_page(chromium, book, book_address, page, mode, width):
    with visit(chromium, f"{book_address}/{page}.html", color_scheme=mode, width=width) as opened:
        assert opened.page.evaluate("document.documentElement.dataset.theme") == mode
        open_folds(opened)
        assert faults(opened) == []
        assert overflow(opened) == []
        assert opened.refused == []
        assert opened.complaints == []
        assert opened.missing == []
        raw, gzipped = weight(opened, book)
        assert raw <= MOST_BYTES
        assert gzipped <= MOST_BYTES_GZIPPED


@EVERY_PAGE
def test_page_from_the_disk_is_the_same(chromium, book, book_address, page):
    with visit(chromium, f"{book_address}/{page}.html") as opened:
        served = opened.page.locator("main").inner_text()
        widgets = opened.page.evaluate("document.documentElement.dataset.arasReady")
    with visit(chromium, (book / f"{page}.html").as_uri()) as opened:
        assert opened.page.locator("main").inner_text() == served
        assert opened.page.evaluate("document.documentElement.dataset.arasReady") == widgets
        assert opened.refused == []
        assert opened.complaints == []


@EVERY_LESSON
def test_every_widget_is_alive(chromium, book_address, page):
    with visit(chromium, f"{book_address}/{page}.html") as opened:
        views = opened.page.locator(VIEWS).count()
        assert int(opened.page.evaluate("document.documentElement.dataset.arasReady ?? 0")) == views
        assert opened.page.locator(".aras-host-note").all_inner_texts() == []


@EVERY_LESSON
def test_without_scripts_each_widget_leaves_a_picture(chromium, book_address, page):
    with visit(chromium, f"{book_address}/{page}.html", java_script_enabled=False, width=390) as opened:
        stills = opened.page.locator("main noscript").all()
        assert len(stills) == opened.page.locator(VIEWS).count()
        assert all(still.locator("figure.aras-figure").first.is_visible() for still in stills)


@EVERY_PAGE
def test_pictures_are_described(book, page):
    """Outside the pictures of the theme, which stand beside their name, each picture says what it shows."""
    main = BeautifulSoup((book / f"{page}.html").read_text(encoding="utf8"), "html.parser").find("article")
    for picture in main.find_all("img") if main else []:
        description = picture.get("alt", "")
        assert len(description) > 20, picture
        assert not re.search(r"\b[a-z][\w-]*/[\w-]+|\.(png|svg|webp)$", description), description


@cache
def ids_of(path: Path) -> set[str]:
    """The places of a page that a link can name; read once, since a page of evidence has hundreds of links."""
    return {element["id"] for element in BeautifulSoup(path.read_text(encoding="utf8"), "html.parser").find_all(id=True)}


def linked(opened: Visit) -> list[str]:
    """Addresses of all links of the page as it is now, those of its widgets among them."""
    return opened.page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.href)")


@EVERY_PAGE
def test_links_lead_somewhere(chromium, book, page):
    """Links to other pages, to places on them, and to data and notebooks; not links to other hosts."""
    dead = []
    home = (book / f"{page}.html").as_uri()
    with visit(chromium, home) as opened:
        for link in sorted(set(linked(opened))):
            parts = urlsplit(link)
            if parts.scheme != "file":
                continue
            target = Path(unquote(parts.path))
            if not target.is_file() or book not in target.parents:
                dead.append(link)
            elif parts.fragment and target == book / f"{page}.html":
                if not opened.page.evaluate("(id) => document.getElementById(id) !== null", unquote(parts.fragment)):
                    dead.append(link)
            elif parts.fragment:
                if unquote(parts.fragment) not in ids_of(target):
                    dead.append(link)
    assert dead == []


def test_the_first_address_leads_to_the_welcome_page(chromium, book_address):
    with visit(chromium, f"{book_address}/") as opened:
        opened.page.wait_for_url("**/book/welcome.html")
        assert opened.complaints == []


def test_no_page_is_left_over_and_no_solution_is_in_the_book(book):
    pages = {path.relative_to(book).with_suffix("").as_posix() for path in book.rglob("*.html")}
    assert pages == {*PAGES, "search", "index"}
    assert [path for path in book.rglob("*") if "assignments" in path.parts] == []


def test_search_is_loaded_when_it_is_used(chromium, book_address):
    with visit(chromium, f"{book_address}/book/welcome.html") as opened:
        assert not any("searchindex" in address for address in opened.loaded)
        opened.page.keyboard.press("Control+k")
        field = opened.page.get_by_role("dialog").get_by_role("searchbox", name="Search this book")
        assert field.evaluate("(element) => element === document.activeElement")
        field.fill("hindsight")
        field.press("Enter")
        opened.page.wait_for_selector("#search-results li a")
        opened.page.locator("#search-results").get_by_text("Names, lines and words").first.wait_for()
        assert opened.complaints == []


def test_one_way_to_search_is_shown(chromium, book_address):
    for width in (1280, 390):
        with visit(chromium, f"{book_address}/book/welcome.html", width=width) as opened:
            shown = [one for one in opened.page.locator(".search-button__button").all() if one.is_visible()]
            assert len(shown) == 1, f"at {width} px"


def test_colour_mode_is_changed_and_told_by_keyboard(chromium, book_address):
    with visit(chromium, f"{book_address}/book/welcome.html") as opened:
        button = opened.page.locator(".theme-switch-button")
        assert button.get_attribute("aria-label") == "Colour mode: as the system. Change it"
        button.press("Enter")
        button.press("Enter")
        assert opened.page.evaluate("document.documentElement.dataset.theme") == "light"
        assert button.get_attribute("aria-label") == "Colour mode: light. Change it"
        assert button.evaluate("(element) => element === document.activeElement"), "the focus stays on the button"
        opened.page.reload()
        assert opened.page.evaluate("document.documentElement.dataset.mode") == "light"


def test_contents_open_and_close_by_keyboard(chromium, book_address):
    with visit(chromium, f"{book_address}/book/welcome.html", width=390) as opened:
        button = opened.page.get_by_role("button", name="Contents of the book")
        button.press("Enter")
        entry = opened.page.get_by_role("dialog").get_by_role("link", name="Names, lines and words")
        assert entry.is_visible()
        opened.page.keyboard.press("Escape")
        assert not entry.is_visible()
        assert button.evaluate("(element) => element === document.activeElement"), "the focus comes back"
    with visit(chromium, f"{book_address}/book/welcome.html", width=1280) as opened:
        button = opened.page.get_by_role("button", name="Contents of the book")
        entry = opened.page.get_by_role("region", name="Book").get_by_role("link", name="Names, lines and words")
        assert entry.is_visible()
        button.press("Enter")
        entry.wait_for(state="hidden")
        assert button.get_attribute("aria-expanded") == "false"


def test_buttons_are_large_enough_for_a_finger(chromium, book_address):
    with visit(chromium, f"{book_address}/book/welcome.html", width=390, has_touch=True) as opened:
        for button in opened.page.locator(".bd-header-article :is(button, a)").all():
            if button.is_visible():
                box = button.bounding_box()
                assert min(box["width"], box["height"]) >= 44, button.get_attribute("aria-label")


def test_on_paper_there_is_the_text_in_light_colours_and_no_control(chromium, book_address):
    with visit(chromium, f"{book_address}/book/how-it-works.html", color_scheme="dark") as opened:
        opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        opened.page.emulate_media(media="print")
        assert opened.page.get_by_role("heading", level=1).is_visible()
        for part in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer"):
            assert not opened.page.locator(part).first.is_visible()
        assert opened.page.evaluate("document.documentElement.dataset.theme") == "light"
        opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert opened.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_without_scripts_the_contents_are_there_on_a_phone(chromium, book_address):
    with visit(chromium, f"{book_address}/book/welcome.html", java_script_enabled=False, width=390) as opened:
        assert opened.page.locator(".bd-sidebar-primary a", has_text="Names, lines and words").is_visible()
        assert overflow(opened) == []
