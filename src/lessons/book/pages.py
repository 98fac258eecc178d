"""Pages that are written from the tables when the book is built, so that no fact stands in two places.

A page of `book/` holds a heading, a few sentences and one directive that names what follows:

    ```{from-tables} ledger
    ```

Each row becomes a section or an item of a list, with an id that stays (`claim-<claim_id>`,
`source-<source_id>` ...), so that lessons can link to it: `[Sumgait](../book/glossary.md#term-sumgait)`.
What a row says is written by a template of templates/pages/, which escapes all text of the tables.
`aras-pages.js` filters the rows; without it they all stand there.
"""

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from docutils import nodes
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from lessons import claims, data

TEMPLATES = Path(__file__).parent / "templates/pages"

ZONES = {"conflict zone": "In the area of the conflict", "outside": "Outside it"}
"""Headings of the page of place names."""

FEW = 3
"""Perspectives with fewer sources than these stand together on the page of sources."""

HOW_SEEN = {
    "recalled": "from memory, not checked",
    "public data repository": "data file",
    "package data": "data file",
    "whole text": "whole text read",
    "text of the page": "whole text read",
}
"""How a source was seen, by the beginning of its column how_seen; anything else is an excerpt that was read."""


@dataclass(frozen=True)
class Row:
    """One row on a page: its id, its markup, its heading if it has one, and what it can be filtered by."""

    id: str
    html: str
    title: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    """Value of each filter; several values with ";" between them."""


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    id: str
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Page:
    """What stands below the sentences of a page."""

    noun: str
    """What is counted, in the plural."""
    filters: dict[str, str]
    """Label of each filter by the key under which rows have a value."""
    groups: list[Group]
    before: str = ""
    """Markup above the first group."""
    around: tuple[str, str] = ("", "")
    """Markup before and after the rows of a group, when rows have no headings."""
    stepped: bool = False
    """Whether the reader can go from row to row with two buttons."""


class Entry(nodes.section):
    """A section about one row; its attribute `choices` goes into the page for the filters."""


# Reading the tables


def _records(name: str) -> list[dict[str, Any]]:
    """The rows of a table: text and numbers, empty text where nothing is known, days in ISO form."""
    table = data.load(name)
    for column in table.select_dtypes("datetime"):
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    return table.astype(object).where(table.notna(), "").to_dict("records")


def _source_ids(row: dict[str, Any]) -> list[str]:
    ids = [row.get("source_id", ""), *row.get("more_source_ids", "").split(";")]
    return list(dict.fromkeys(part.strip() for part in ids if part.strip()))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _addresses(text: str) -> list[str]:
    """The web addresses in a text; nothing else becomes a link."""
    return re.findall(r"https?://[^\s;()<>\"]+", text)


def _number(value: Any) -> str:
    """A number as people read it.

    >>> _number(28000.0), _number(20.3125), _number(0.8552), _number("")
    ('28,000', '20.3', '0.86', '')
    """
    if value == "":
        return ""
    if float(value).is_integer():
        return f"{float(value):,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _between(low: Any, high: Any) -> str:
    """A count or a range of counts.

    >>> _between(26, 32), _between(26, 26), _between("", 7), _between(1989, "")
    ('26 to 32', '26', 'up to 7', '1,989 or more')
    """
    if low == high or "" in (low, high):
        known = _number(low if low != "" else high)
        return known if low == high else f"{known} or more" if high == "" else f"up to {known}"
    return f"{_number(low)} to {_number(high)}"


def _upper_first(text: str) -> str:
    """A text that can begin a line: "Iran's policy" keeps its names, which `str.capitalize` would not."""
    return text[:1].upper() + text[1:]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _lesson(slug: str, lessons: Iterable[str]) -> dict[str, str]:
    """Name and, when the lesson is in the book, address of a lesson.

    >>> _lesson("03-lines-on-the-ground", [])
    {'name': 'Lesson 03, lines on the ground', 'address': ''}
    """
    number, _, words = slug.partition("-")
    address = f"../notebooks/{slug}.html" if f"notebooks/{slug}" in lessons else ""
    return {"name": f"Lesson {number}, {words.replace('-', ' ')}", "address": address}


class _Writer:
    """Fills the templates; knows the register of sources and which lessons are in the book."""

    def __init__(self, lessons: Iterable[str] = ()) -> None:
        self.lessons = set(lessons)
        self.sources = {row["source_id"]: row for row in _records("sources")}
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )
        self.environment.globals.update(sources_of=self.sources_of, lesson=lambda slug: _lesson(slug, self.lessons))
        self.environment.filters.update(number=_number, split=_split, addresses=_addresses)

    def sources_of(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.sources[key] for key in _source_ids(row) if key in self.sources]

    def write(self, template: str, **values: Any) -> str:
        return self.environment.get_template(template).render(**values)


def _grouped(kind: str, rows: Iterable[tuple[str, Row]]) -> list[Group]:
    """Rows gathered by the title of their group, in the order in which the titles come."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for title, row in rows:
        groups[title].append(row)
    return [Group(f"{kind}-{_slug(title)}", title, found) for title, found in groups.items()]


# The pages


def ledger(writer: _Writer) -> Page:
    """Every claim of the document, with what speaks for and against it."""
    rows = []
    for row in _records("claims"):
        computed = claims.check(row["claim_id"]) if row["claim_id"] in claims.checked() else None
        function = claims.function_name(row["claim_id"]) if computed else ""
        choices = {"verdict": row["verdict"], "family": row["family"], "lesson": row["lesson"], "kind": row["kind"]}
        html = writer.write("claim.html", row=row, computed=computed, function=function)
        title = f"Claim: {row['paraphrase']}"
        rows.append((_upper_first(row["family"]), Row(f"claim-{row['claim_id']}", html, title, choices)))
    filters = {"verdict": "Verdict", "family": "Subject", "lesson": "Lesson", "kind": "Kind of claim"}
    words = {
        name: next(entry for entry in data.source("claims").fields if entry["name"] == name)["description"]
        for name in ("verdict", "as_of")
    }
    counts = Counter(row.choices["verdict"] for _, row in rows)
    before = writer.write("ledger.html", counts=counts, words=words, limits=data.source("claims").limits)
    return Page("claims", filters, _grouped("claims", rows), before)


def figures(writer: _Writer) -> Page:
    """The figures of the document: what each showed, what is odd, what was rebuilt."""
    rows = []
    for row in _records("document_figures"):
        title = f"{_upper_first(row['figure_id'].replace('-', ' '))}, {row['kind']}: {row['subject']}"
        html = writer.write("figure.html", row=row, known=data.names())
        rows.append((f"In the section {row['section']}", Row(row["figure_id"], html, title)))
    return Page("figures", {}, _grouped("figures", rows))


def _counts(name: str, key: str, said: Callable[[dict[str, Any]], str]) -> dict[str, list[str]]:
    """What each counter says of an event, by the event's key in a table of counts."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in _records(name):
        number = _between(row["low_persons"], row["high_persons"])
        found[row[key]].append(f"{said(row)}: {number}, counted by {row['who_counts']}" if number else
                               f"{said(row)}: {row['who_counts']}")
    return found


def timeline(writer: _Writer) -> Page:
    """All dated events in order, by decade; killings and displacements with every count of them."""
    killings = _counts(
        "civilian_killings", "event_id", lambda row: f"{row['victims']} killed, {row['place']} (by whom: {row['by_whom']})")
    displacements = _counts(
        "displacements", "flow_id",
        lambda row: f"{row['group']} displaced from {row['from_place']} to {row['to_place'] or 'other places'}")
    rows = []
    for row in sorted(_records("events"), key=lambda row: row["date"]):
        choices = {
            "actor": row["actors"],
            "kind": row["kind"],
            "time": "hindsight, after the document" if row["hindsight"] else "up to the document",
        }
        anchor = f"event-{row['event_id']}"
        counts = [*killings[row["killings_event_id"]], *displacements[row["displacement_flow_id"]]]
        html = writer.write("event.html", row=row, id=anchor, choices=choices, counts=counts)
        rows.append((f"{row['date'][:3]}0-{row['date'][:3]}9", Row(anchor, html, choices=choices)))
    filters = {"actor": "Actor", "kind": "Kind", "time": "Time"}
    return Page("events", filters, _grouped("years", rows), around=('<ol class="aras-rows">', "</ol>"), stepped=True)


def who(writer: _Writer) -> Page:
    """States, bodies, companies and people, each in one neutral line."""
    kinds = {"state": "States", "body": "Bodies and institutions", "company": "Companies", "person": "People"}
    order = list(kinds)
    rows = []
    for row in sorted(_records("actors"), key=lambda row: (order.index(row["kind"]), row["name"])):
        choices = {
            "side": row["side"],
            "kind": row["kind"],
            "document": "named in the document" if row["in_document"] else "not named in the document",
        }
        html = writer.write("actor.html", row=row)
        rows.append((kinds[row["kind"]], Row(f"actor-{row['actor_id']}", html, row["name"], choices)))
    filters = {"side": "Speaks or acts for", "kind": "Kind", "document": "In the document"}
    return Page("entries", filters, _grouped("actors", rows))


def names_of_places(writer: _Writer) -> Page:
    """Each place with its names in every language and script."""
    rows = []
    for row in _records("toponyms"):
        choices = {"zone": row["zone"], "kind": row["kind"]}
        html = writer.write("place.html", row=row, id=f"place-{row['place_id']}", choices=choices)
        rows.append((ZONES.get(row["zone"], _upper_first(row["zone"])), Row(f"place-{row['place_id']}", html, choices=choices)))
    around = (writer.write("places_head.html"), "</tbody></table></div>")
    return Page("places", {"zone": "Where", "kind": "Kind"}, _grouped("places", rows), around=around)


def loaded_words(writer: _Writer) -> Page:
    """Words that carry a verdict, each beside the one that the other side uses."""
    table = {row["term_id"]: row for row in _records("lexicon")}
    rows = []
    for first in table.values():
        second = table[first["partner_id"]]
        if list(table).index(first["term_id"]) > list(table).index(second["term_id"]):
            continue
        html = writer.write("words.html", pair=[first, second])
        title = f"“{first['term']}” and “{second['term']}”"
        sides = ";".join(row["side"] for row in (first, second))
        time = "after the document" if first["hindsight"] else "up to the document"
        anchor = f"words-{first['term_id'].rpartition('-')[0]}"
        heading = f"{first['side']}, and {second['side']}"
        rows.append((heading, Row(anchor, html, title, {"side": sides, "time": time})))
    return Page("pairs of words", {"side": "Used by", "time": "Time"}, _grouped("sides", rows))


def glossary(writer: _Writer) -> Page:
    """Every term in plain words, in the order of the alphabet."""
    table = {row["term_id"]: row for row in _records("glossary")}
    rows = []
    for row in sorted(table.values(), key=lambda row: row["term"].lower()):
        numbers = {
            number: next((name for name in writer.lessons if name.startswith(f"notebooks/{number}-")), "")
            for number in _split(row["lessons"])
        }
        related = [table[term_id] for term_id in _split(row["see_also"])]
        html = writer.write("term.html", row=row, lessons=numbers, related=related)
        choices = {"kind": row["kind"], "lesson": row["lessons"]}
        rows.append((row["term"][0].upper(), Row(f"term-{row['term_id']}", html, row["term"], choices)))
    return Page("terms", {"kind": "Kind", "lesson": "Lesson"}, _grouped("letter", rows))


def _used_by() -> dict[str, list[str]]:
    """The tables and layers that rest on each source."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in data.names():
        if name != "sources":
            for source in data.source(name).sources:
                found[source["source_id"]].append(name)
    return found


def how_seen(text: str) -> str:
    """One of a few words for how a source was seen.

    >>> how_seen("excerpt of the page read"), how_seen("recalled")
    ('excerpt read', 'from memory, not checked')
    """
    return next((said for start, said in HOW_SEEN.items() if text.startswith(start)), "excerpt read")


def sources(writer: _Writer) -> Page:
    """Every source, by perspective, with its owner and how much of it was read."""
    used_by = _used_by()
    table = list(writer.sources.values())
    counts = Counter(row["perspective"] or "unknown" for row in table)

    def place(row: dict[str, Any]) -> tuple:
        number = counts[row["perspective"] or "unknown"]
        return (-number, row["perspective"], row["title"]) if number >= FEW else (0, "", row["title"])

    rows = []
    for row in sorted(table, key=place):
        perspective = row["perspective"] or "unknown"
        heading = _upper_first(perspective) if counts[perspective] >= FEW else "Other and mixed perspectives"
        choices = {"perspective": perspective, "owner": row["ownership"] or "unknown", "seen": how_seen(row["how_seen"])}
        anchor = f"source-{row['source_id']}"
        html = writer.write(
            "source.html", row=row, id=anchor, choices=choices, used_by=used_by[row["source_id"]],
            addresses=_addresses(row["address"]),
        )
        rows.append((heading, Row(anchor, html, choices=choices)))
    by_heading = Counter(heading for heading, _ in rows)
    by_owner = Counter(row.choices["owner"] for _, row in rows)
    by_seen = Counter(row.choices["seen"] for _, row in rows)
    before = writer.write("sources.html", total=len(rows), tables=[
        ("Perspective", by_heading), ("Ownership", by_owner), ("How it was seen", by_seen)])
    filters = {"perspective": "Perspective", "owner": "Ownership", "seen": "How it was seen"}
    return Page("sources", filters, _grouped("sources", rows), before, around=('<ol class="aras-rows">', "</ol>"))


def _field_type(entry: dict[str, Any]) -> str:
    return {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no", "any": "shape"}.get(
        entry.get("type", "string"), entry.get("type", ""))


def data_cards(writer: _Writer) -> Page:
    """One card a table and layer, as datapackage.json describes them."""
    described = data.described(data.folder() / "datapackage.json")
    kinds = {".csv": "Tables", ".parquet": "Map layers", ".png": "Pictures"}
    rows = []
    for name, resource in sorted(described.items(), key=lambda item: item[1].get("title", item[0])):
        suffix = Path(resource["path"]).suffix
        if suffix not in kinds:
            continue
        loaded = None if suffix == ".png" else data.load(name)
        fields = resource.get("schema", {}).get("fields", [])
        html = writer.write(
            "resource.html", name=name, resource=resource, suffix=suffix, fields=fields, field_type=_field_type,
            count=None if loaded is None else len(loaded), sources=data.source(name).sources,
            address=f"../data/{resource['path']}", geojson=f"../data/{resource['path'].removesuffix(suffix)}.geojson",
        )
        licences = "; ".join(licence.get("name", "") for licence in resource.get("licenses", []))
        choices = {"kind": kinds[suffix], "licence": licences}
        rows.append((kinds[suffix], Row(f"data-{name}", html, resource.get("title", name), choices)))
    rows.sort(key=lambda titled: list(kinds.values()).index(titled[0]))
    return Page("tables and layers", {"kind": "Kind", "licence": "Licence"}, _grouped("files", rows))


PAGES: dict[str, Callable[[_Writer], Page]] = {
    "ledger": ledger,
    "figures": figures,
    "timeline": timeline,
    "who": who,
    "names": names_of_places,
    "words": loaded_words,
    "glossary": glossary,
    "sources": sources,
    "data": data_cards,
}
"""What the directive can name."""


# Into the book


def _raw(html: str) -> nodes.raw:
    return nodes.raw(text=html, format="html")


def _filter_form(writer: _Writer, page: Page) -> str:
    rows = [row for group in page.groups for row in group.rows]
    values = {
        key: Counter(value for row in rows for value in _split(row.choices.get(key, ""))) for key in page.filters
    }
    return writer.write("filters.html", page=page, values=values, total=len(rows))


@cache
def _files() -> tuple[str, ...]:
    """Everything that these pages are made of; a page is written anew when one of them has changed."""
    here = Path(__file__)
    return tuple(map(str, [here, Path(claims.__file__), Path(data.__file__), *sorted(TEMPLATES.iterdir())]))


class FromTables(SphinxDirective):
    """```{from-tables} NAME``` puts one of `PAGES` in its place."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in PAGES:
            raise self.error(f"There is no page called {name!r} from the tables; there are {', '.join(PAGES)}.")
        for file in (*_files(), str(data.folder() / "datapackage.json"), str(Path(self.env.srcdir) / "_toc.yml")):
            self.env.note_dependency(file)
        try:
            writer = _Writer(self.env.found_docs)
            page = PAGES[name](writer)
        except (data.DataFileError, data.UnknownName) as error:
            raise self.error(str(error)) from error
        out: list[nodes.Node] = [_raw(page.before)] if page.before else []
        if page.filters:
            out.append(_raw(_filter_form(writer, page)))
        out += [self._section(group, page) for group in page.groups]
        self.env.temp_data["aras_ids"] = [row.id for group in page.groups for row in group.rows]
        return out

    def _section(self, group: Group, page: Page) -> nodes.section:
        section = nodes.section(ids=[group.id], classes=["aras-group"])
        section += nodes.title(group.title, group.title)
        if group.rows[0].title:
            for row in group.rows:
                entry = Entry(ids=[row.id], classes=["aras-entry"], choices=row.choices)
                entry += [nodes.title(row.title, row.title), _raw(row.html)]
                section += entry
        else:
            section += _raw(page.around[0] + "".join(row.html for row in group.rows) + page.around[1])
        return section


def _open_entry(translator: HTML5Translator, node: Entry) -> None:
    translator.section_level += 1
    choices = {f"data-{key}": value for key, value in node["choices"].items()}
    translator.body.append(translator.starttag(node, "section", **choices))


def _close_entry(translator: HTML5Translator, node: Entry) -> None:
    translator.section_level -= 1
    translator.body.append("</section>\n")


def _let_lessons_link(app: Sphinx, doctree: nodes.document) -> None:
    """Tell MyST the ids of the rows, so that a link to one that is not there is a warning, and others are not."""
    ids = app.env.temp_data.pop("aras_ids", [])
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {}) if ids else {}
    slugs.update({row_id: (0, row_id, row_id) for row_id in ids})


def _add_script(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    if doctree is not None and any("aras-group" in node["classes"] for node in doctree.findall(nodes.section)):
        app.add_js_file("aras-pages.js", loading_method="defer")
        app.add_css_file("aras-pages.css")


def write_geojson(folder: Path) -> None:
    """Write each map layer below `folder` once more as GeoJSON, for programs that do not read parquet.

    Longitude and latitude keep seven decimals, about a centimetre.
    """
    # It tells of each file that it writes.
    logging.getLogger("pyogrio").setLevel(logging.WARNING)
    for path in folder.glob("layers/*.parquet"):
        gpd.read_parquet(path).to_file(path.with_suffix(".geojson"), driver="GeoJSON", COORDINATE_PRECISION=7)


def setup(app: Sphinx) -> dict:
    """Called by lessons.book."""
    app.add_directive("from-tables", FromTables)
    app.add_node(Entry, html=(_open_entry, _close_entry))
    app.connect("doctree-read", _let_lessons_link)
    app.connect("html-page-context", _add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
