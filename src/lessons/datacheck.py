"""Check every file of data/ against its description, and say each fault in words.

`python -m lessons data-check [FOLDER]` looks at the course's ``data`` folder, or at another folder
that holds a ``datapackage.json``. It names file, row, column and rule for every fault it finds, all
at once, and ends with exit code 1 if there is one. Rows are counted as a spreadsheet counts them:
the line of column names is row 1.

Types, allowed values, keys and checksums are those of the description and are tested by
frictionless. The rules below are this course's own; the description switches three of them on for a
column: ``script`` (the writing system of its letters), ``max_words``, and ``list_of`` (a
semicolon-separated list of keys of another table).
"""

from __future__ import annotations

import argparse
import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from frictionless import FrictionlessException, Package

from lessons import data

#: What every table and layer must say about itself.
DESCRIBED_BY = ("title", "description", "licenses", "as_of", "precision", "limits", "schema")

#: Folders in which every file must be described.
DESCRIBED_FOLDERS = ("tables", "layers", "checks")

#: Where the course's places lie, in degrees: from the Black Sea's east coast to the Caspian, and
#: north to where the pipeline to Novorossiysk turns west.
REGION_LON, REGION_LAT = (35.0, 54.0), (35.0, 46.0)

#: How many characters a date of each precision has.
DATE_LENGTH = {"day": 10, "month": 7, "year": 4}


@dataclass(frozen=True)
class Fault:
    """One fault. ``row`` and ``column`` are empty where the whole file is meant."""

    file: str
    rule: str
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = f"data/{self.file}"
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.rule}"


@dataclass(frozen=True)
class Table:
    """A CSV file as it stands: its description, and its rows as text with their row numbers."""

    resource: dict[str, Any]
    rows: list[tuple[int, dict[str, str]]]

    @property
    def name(self) -> str:
        return self.resource["name"]

    @property
    def file(self) -> str:
        return self.resource["path"]

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        return {field["name"]: field for field in self.resource["schema"]["fields"]}

    def fault(self, rule: str, row: int | None = None, column: str = "") -> Fault:
        return Fault(self.file, rule, row, column)


def faults(folder: Path) -> list[Fault]:
    """Every fault of a data folder, sorted by file, row and column.

    Raises lessons.data.DataFileError if the description itself cannot be read.
    """
    description = folder / "datapackage.json"
    resources = list(data.described(description).values())
    try:
        found = list(_described_rules(Package(str(description)), resources))
    except FrictionlessException as error:
        found = [Fault(description.name, reason.note) for reason in error.reasons or [error.error]]
    found += _gaps(folder, resources)
    tables = {table.name: table for table in _readable(folder, resources)}
    for table in tables.values():
        found += _cells(table, tables)
        found += _dates(table)
        found += _pairs(table)
    if len(tables) == sum(resource["path"].endswith(".csv") for resource in resources):
        found += _unused_sources(tables, resources)
    found += _claims(tables.get("claims"))
    return sorted(set(found), key=lambda fault: (fault.file, fault.row or 0, fault.column, fault.rule))


# What frictionless finds, in words


def _described_rules(package: Package, resources: list[dict[str, Any]]) -> Iterator[Fault]:
    by_name = {resource["name"]: resource for resource in resources}
    report = package.validate()
    for error in report.errors:
        yield Fault("datapackage.json", error.note)
    for task in report.tasks:
        file = by_name[task.name]["path"]
        by_row = defaultdict(list)
        for error in task.errors:
            by_row[getattr(error, "row_number", None)].append(error)
        for row, errors in by_row.items():
            yield from _row_faults(file, row, errors, by_name[task.name])


def _row_faults(file: str, row: int | None, errors: list, resource: dict[str, Any]) -> Iterator[Fault]:
    """The faults of one row, without those that only follow from another."""
    kinds = {error.type for error in errors}
    width = len(resource.get("schema", {}).get("fields", []))
    if "blank-row" in kinds:
        yield Fault(file, "This row is empty: take it out.", row)
        return
    if kinds & {"missing-cell", "extra-cell"}:
        few = "fewer" if "missing-cell" in kinds else "more"
        yield Fault(
            file,
            f"This row has {few} cells than the {width} columns. "
            "Look for a missing or extra comma; a text with a comma in it stands in double quotes.",
            row,
        )
        return
    for error in errors:
        if error.type == "primary-key" and "unique-error" in kinds:
            continue
        if error.type == "byte-count" and "hash-count" in kinds:
            continue
        if error.type == "scheme-error" and not error.note.rstrip("'").endswith(resource["path"]):
            continue  # the file of another table is missing, which is said there
        columns = error.to_dict().get("fieldNames") or [getattr(error, "field_name", "")]
        yield Fault(file, _in_words(error, resource), row, ", ".join(filter(None, columns)))


def _in_words(error: Any, resource: dict[str, Any]) -> str:
    """One sentence for what frictionless calls an error, and what to do about it."""
    cell = f'"{getattr(error, "cell", "")}"'
    field = {field["name"]: field for field in resource.get("schema", {}).get("fields", [])}.get(
        getattr(error, "field_name", ""), {}
    )
    match error.type:
        case "type-error":
            return f"{cell} is not {_type_in_words(field.get('type', ''))}."
        case "constraint-error":
            return _constraint_in_words(error.note, cell, field)
        case "unique-error" | "primary-key":
            what = cell if error.type == "unique-error" else "The key of this row"
            first = error.note.removeprefix("the same as in the row at position ")
            return f"{what} stands in row {first} already, and each may stand once: give this row its own."
        case "foreign-key":
            other = error.to_dict()
            return (
                f'"{", ".join(other["fieldCells"])}" does not exist in data/tables/{other["referenceName"]}.csv '
                f"(column {', '.join(other['referenceFieldNames'])}). Add it there, or correct it here."
            )
        case "incorrect-label" | "missing-label" | "extra-label" | "duplicate-label":
            names = ", ".join(known["name"] for known in resource["schema"]["fields"])
            return f"The column names are not the described ones. They must be, in this order: {names}."
        case "hash-count" | "byte-count":
            return (
                "The file is not the one that datapackage.json describes. "
                "If the change is meant, run: python data/make/package.py"
            )
        case "scheme-error":
            return "The file does not exist. Put it back, or take its entry out of datapackage.json."
        case "encoding-error":
            return "The file is not in UTF-8. Save it again as CSV UTF-8."
        case _:
            return error.message


def _type_in_words(kind: str) -> str:
    return {
        "integer": "a whole number",
        "number": "a number (write a point before decimals, and no unit)",
        "boolean": "true or false",
        "date": "a full date such as 1993-07-23",
    }.get(kind, f"of the type {kind}")


def _constraint_in_words(note: str, cell: str, field: dict[str, Any]) -> str:
    rules = field.get("constraints", {})
    unit = f" {field['unit']}" if field.get("unit") else ""
    if '"required"' in note:
        return f"This cell is empty, and it must not be. It holds: {field['description']}"
    if '"enum"' in note:
        return f"{cell} is not among the allowed values: {', '.join(map(str, rules['enum']))}."
    if '"minimum"' in note:
        return f"{cell} is less than {rules['minimum']}{unit}, the lowest value allowed."
    if '"maximum"' in note:
        return f"{cell} is more than {rules['maximum']}{unit}, the highest value allowed."
    return f"{cell} is not in the form that is asked for. {field['description']}"


# The course's own rules


def _gaps(folder: Path, resources: list[dict[str, Any]]) -> Iterator[Fault]:
    """Files without a description, and descriptions that leave something out."""
    described = {resource["path"] for resource in resources}
    for sub in DESCRIBED_FOLDERS:
        for file in sorted((folder / sub).rglob("*")):
            path = file.relative_to(folder).as_posix()
            if file.is_file() and not file.name.startswith(".") and path not in described:
                yield Fault(path, "This file is not described: add it to datapackage.json, or take it away.")
    for resource in resources:
        missing = [part for part in DESCRIBED_BY if not resource.get(part)]
        is_table = resource["path"].endswith(".csv")
        missing = [part for part in missing if part != "schema" or is_table]
        if missing:
            yield Fault("datapackage.json", f"The entry {resource['name']!r} says nothing about: {', '.join(missing)}.")
        for field in resource.get("schema", {}).get("fields", []):
            if not field.get("description"):
                yield Fault("datapackage.json", f"The entry {resource['name']!r} does not describe its column {field['name']!r}.")


def _readable(folder: Path, resources: list[dict[str, Any]]) -> Iterator[Table]:
    """The tables whose file exists and whose columns are the described ones."""
    for resource in resources:
        file = folder / resource["path"]
        if file.suffix != ".csv" or not file.is_file():
            continue
        try:
            with file.open(encoding="utf-8", newline="") as stream:
                reader = csv.DictReader(stream)
                rows = [(number, row) for number, row in enumerate(reader, start=2)]
        except UnicodeDecodeError:
            continue
        if reader.fieldnames == [field["name"] for field in resource["schema"]["fields"]]:
            full = [(number, row) for number, row in rows if None not in row and None not in row.values()]
            yield Table(resource, full)


def _cells(table: Table, tables: dict[str, Table]) -> Iterator[Fault]:
    """Stray spaces, writing systems, long quotations, lists of keys."""
    known = {}
    for name, field in table.fields.items():
        if "list_of" in field:
            other, column = field["list_of"].split(".")
            if other in tables:
                known[name] = {row[column] for _, row in tables[other].rows}
    for number, row in table.rows:
        for name, field in table.fields.items():
            cell = row[name]
            if cell != cell.strip():
                yield table.fault("There is a space before or after the text: take it out.", number, name)
            if stray := _other_letters(cell, field.get("script")):
                yield table.fault(f'"{cell}" is not in {field["script"]} script: look at "{stray}".', number, name)
            if len(cell.split()) > field.get("max_words", len(cell.split())):
                yield table.fault(
                    f"This text has {len(cell.split())} words; at most {field['max_words']} are allowed.", number, name
                )
            for part in cell.split(";") if cell and name in known else ():
                if part not in known[name]:
                    yield table.fault(
                        f'"{part}" does not exist in data/tables/{field["list_of"].split(".")[0]}.csv. '
                        "Add it there, or correct it here; between two names stands a ; without a space.",
                        number,
                        name,
                    )


def _other_letters(text: str, script: str | None) -> str:
    """The letters of a text that belong to another writing system than the one named."""
    if not script:
        return ""
    return "".join(
        letter for letter in text if letter.isalpha() and not unicodedata.name(letter, "").startswith(script.upper())
    )


def _dates(table: Table) -> Iterator[Fault]:
    """Dates exist, end after they begin, are as exact as their precision says, and say why if contested."""
    columns = list(table.fields)
    for precision in (name for name in columns if name.endswith("precision")):
        stem = precision.removesuffix("precision").removesuffix("_")
        first = next((name for name in (stem, f"{stem}_date", "start") if name in columns), None)
        if first is None:
            continue
        last = next((name for name in (f"{stem}_end", "end", "to_date") if name in columns and name != first), None)
        for number, row in table.rows:
            yield from _row_dates(table, number, row, first, last, precision)


def _row_dates(
    table: Table, number: int, row: dict[str, str], first: str, last: str | None, precision: str
) -> Iterator[Fault]:
    given = [name for name in (first, last) if name and row[name]]
    unreal = [name for name in given if not _exists(row[name])]
    for name in unreal:
        if table.fields[name]["type"] != "date":  # a full date is tested with the types
            yield table.fault(f'"{row[name]}" is not a day, month or year of the calendar.', number, name)
    if unreal or not given:
        return
    begin, end = row[first], row[last] if last else ""
    length = min(len(begin), len(end))
    if end and end[:length] < begin[:length]:
        yield table.fault(f"{end} lies before {first} {begin}.", number, last)
    wanted = DATE_LENGTH.get(row[precision])
    if wanted and max(len(begin), len(end)) != wanted:
        yield table.fault(
            f'"{row[precision]}" does not fit the date {begin}: 1993-07-23 is known to the day, 1993-07 to the month, 1993 to the year.',
            number,
            precision,
        )
    if row[precision] == "contested" and "note" in row and not row["note"]:
        yield table.fault("The date is contested, so this cell must say what the sources give.", number, "note")


def _exists(text: str) -> bool:
    """Whether a date of a year, month or day stands in the calendar."""
    try:
        date.fromisoformat(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))
    except ValueError:
        return False
    return True


def _pairs(table: Table) -> Iterator[Fault]:
    """Lower ends are not above upper ends, and positions lie in the region."""
    columns = list(table.fields)
    for low, high in (("low", "high"), ("lower", "upper")):
        for name in columns:
            if low not in name.split("_"):
                continue
            other = "_".join(high if part == low else part for part in name.split("_"))
            for number, row in table.rows:
                if other in columns and _number(row[name]) > _number(row[other], default=float("inf")):
                    yield table.fault(f"{row[name]} is more than {other}, {row[other]}.", number, name)
    if {"lon", "lat"} <= set(columns):
        for number, row in table.rows:
            if bool(row["lon"]) != bool(row["lat"]):
                yield table.fault("A position needs both lon and lat.", number, "lat" if row["lon"] else "lon")
            for name, (least, most) in (("lon", REGION_LON), ("lat", REGION_LAT)):
                if row[name] and not least <= _number(row[name], default=least) <= most:
                    yield table.fault(
                        f"{row[name]} lies outside the region ({least:g} to {most:g} degrees). Are lon and lat swapped?",
                        number,
                        name,
                    )


def _number(text: str, default: float = float("-inf")) -> float:
    try:
        return float(text)
    except ValueError:
        return default


def _unused_sources(tables: dict[str, Table], resources: list[dict[str, Any]]) -> Iterator[Fault]:
    """Sources to which no row and no layer points; asked only when every table can be read."""
    if "sources" not in tables:
        return
    used = {source.get("source_id") for resource in resources for source in resource.get("sources", [])}
    for table in tables.values():
        if table.name != "sources":
            for _, row in table.rows:
                used.update(row.get("source_id", "").split(";"), row.get("more_source_ids", "").split(";"))
    for number, row in tables["sources"].rows:
        if row["source_id"] not in used:
            yield tables["sources"].fault(
                f'No table and no layer names the source "{row["source_id"]}": '
                "take the row out, or name it where it is used.",
                number,
                "source_id",
            )


def _claims(table: Table | None) -> Iterator[Fault]:
    """No verdict without evidence on the side that it rests on."""
    if table is None:
        return
    needs = {
        "corroborated": ("evidence_for",),
        "contradicted": ("evidence_against",),
        "contested": ("evidence_for", "evidence_against"),
    }
    for number, row in table.rows:
        for name in needs.get(row["verdict"], ()):
            if not row[name]:
                yield table.fault(f'The verdict "{row["verdict"]}" needs evidence here.', number, name)
        if row["verdict"] == "imprecise" and not (row["evidence_for"] or row["evidence_against"]):
            yield table.fault('The verdict "imprecise" needs evidence on one side at least.', number, "evidence_for")


def main(argv: list[str] | None = None) -> int:
    """Print every fault, or one line that all is well. Give 1 if there is a fault, else 0."""
    parser = argparse.ArgumentParser(prog="python -m lessons data-check", description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=data.folder(), help="a folder with a datapackage.json")
    folder = parser.parse_args(argv).folder
    try:
        found = faults(folder)
        count = len(data.described(folder / "datapackage.json"))
    except data.DataFileError as error:
        print(error)
        return 1
    for fault in found:
        print(fault)
    if found:
        files = len({fault.file for fault in found})
        print(f"{len(found)} {'fault' if len(found) == 1 else 'faults'} in {files} {'file' if files == 1 else 'files'}.")
        return 1
    print(f"data/: {count} tables and layers agree with their description.")
    return 0
