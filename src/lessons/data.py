"""The one door to the course's tables and map layers.

>>> from lessons import data
>>> districts = data.load("district_history")
>>> len(districts)
7

Every file is described once, in ``data/datapackage.json``.
This module reads that description, checks that the file is the described one, and hands over a
table whose columns have the described types.
The data are looked for in the ``data`` folder of the course; set the environment variable
``LESSONS_DATA`` to the path of another such folder (one that holds a ``datapackage.json``) to use
that one instead.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

COURSE_DATA = Path(__file__).resolve().parents[2] / "data"

# What a column becomes; every type that is not named here is read as text, so that a date known
# only to the month ("1993-07") stays as it was written.
DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}


class UnknownName(KeyError):
    """A name that no table or layer bears. The message lists the names that come near."""

    def __str__(self) -> str:
        return self.args[0]


class DataFileError(RuntimeError):
    """A data file is missing, altered or not of the kind asked for. The message says which."""


@dataclass(frozen=True)
class SourceCard:
    """Where a table or layer comes from, and how far to trust it. Shows as a card in a notebook.

    ``sources`` are rows of the table ``sources``; ``fields`` are the column descriptions, each a
    dict with ``name``, ``type``, ``description`` and, where there is one, ``unit``.
    """

    name: str
    title: str
    description: str
    path: str
    licences: tuple[str, ...]
    as_of: str
    precision: str
    limits: str
    fields: tuple[dict[str, Any], ...]
    sources: tuple[dict[str, str], ...]

    def __deepcopy__(self, memo: dict) -> SourceCard:
        # pandas copies what hangs on a table at each step; a card never changes, so one is enough.
        return self

    def __str__(self) -> str:
        lines = [self.title, self.description]
        lines += [f"{label}: {text}" for label, text in self._facts()]
        lines += [f"Source: {row['title']} ({row['publisher']})" for row in self.sources]
        return "\n".join(lines)

    def _facts(self) -> list[tuple[str, str]]:
        return [
            ("As of", self.as_of),
            ("Precision", self.precision),
            ("Limits", self.limits),
            ("Licence", "; ".join(self.licences)),
            ("File", self.path),
        ]

    def _repr_html_(self) -> str:
        facts = "".join(
            f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in self._facts()
        )
        columns = "".join(
            f"<li><code>{escape(field['name'])}</code>"
            + (f" ({escape(field['unit'])})" if field.get("unit") else "")
            + f": {escape(field.get('description', ''))}</li>"
            for field in self.fields
        )
        sources = "".join(f"<li>{_source_html(row)}</li>" for row in self.sources)
        return (
            '<section class="source-card">'
            f"<p><strong>{escape(self.title)}</strong></p><p>{escape(self.description)}</p>"
            f"<dl>{facts}</dl>"
            f"<details><summary>Columns ({len(self.fields)})</summary><ul>{columns}</ul></details>"
            f"<details><summary>Sources ({len(self.sources)})</summary><ul>{sources}</ul></details>"
            "</section>"
        )


def _source_html(row: dict[str, str]) -> str:
    """One source as HTML. Only web addresses become links."""
    title = escape(row["title"])
    address = row.get("address", "").split(" ")[0]
    if address.startswith(("http://", "https://")):
        title = f'<a href="{escape(address)}">{title}</a>'
    parts = [row.get("publisher", ""), row.get("date", ""), row.get("perspective", "")]
    return title + "".join(f", {escape(part)}" for part in parts if part)


def folder() -> Path:
    """The folder that holds ``datapackage.json``: the course's own, or the one ``LESSONS_DATA`` names."""
    return Path(os.environ.get("LESSONS_DATA") or COURSE_DATA)


def names() -> list[str]:
    """The names of all tables and layers, in alphabetical order."""
    return sorted(_resources())


def path(name: str) -> Path:
    """Where the file of a table or layer lies. Raises UnknownName for a name that does not exist."""
    return folder() / _resource(name)["path"]


def load(name: str) -> pd.DataFrame | gpd.GeoDataFrame:
    """A table as a DataFrame, a map layer as a GeoDataFrame, with its source card in ``.attrs``.

    Parameters
    ----------
    name
        One of `names()`, for example ``"districts"``.

    Returns
    -------
    A table of the described columns. Whole numbers are ``Int64``, other numbers ``float64``,
    yes/no columns ``boolean``, full dates ``datetime64``; all else is text, dates that are known
    only to the month or year among it. Layers are in longitude and latitude (EPSG:4326).

    Raises
    ------
    UnknownName
        No table or layer bears the name; the message lists the near ones.
    DataFileError
        The file is missing, or differs from the described one, or is a picture.
    """
    resource = _resource(name)
    file = _checked_file(resource)
    if file.suffix == ".csv":
        table = _read_table(file, resource["schema"]["fields"])
    elif file.suffix == ".parquet":
        table = gpd.read_parquet(file)
    else:
        raise DataFileError(
            f"{name!r} is a file of the kind {file.suffix}, not a table or a map layer. "
            f"Its place is data.path({name!r})."
        )
    table.attrs["source_card"] = source(name)
    return table


def source(name: str) -> SourceCard:
    """The source card of a table or layer: title, sources, licence, as-of date, precision, limits."""
    resource = _resource(name)
    fields = resource.get("schema", {}).get("fields", [])
    licences = [
        licence.get("title") or licence.get("name", "") for licence in resource.get("licenses", [])
    ]
    return SourceCard(
        name=name,
        title=resource.get("title", name),
        description=resource.get("description", ""),
        path=f"data/{resource['path']}",
        licences=tuple(licences),
        as_of=resource.get("as_of", ""),
        precision=resource.get("precision", ""),
        limits=resource.get("limits", ""),
        fields=tuple(fields),
        sources=tuple(_sources_of(resource)),
    )


def _sources_of(resource: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of the table ``sources`` that a resource names.

    A layer lists them in its description; a table names them row by row.
    """
    ids = [entry["source_id"] for entry in resource.get("sources", []) if "source_id" in entry]
    columns = [field["name"] for field in resource.get("schema", {}).get("fields", [])]
    if resource["path"].endswith(".csv") and "source_id" in columns:
        wanted = [name for name in ("source_id", "more_source_ids") if name in columns]
        cells = pd.read_csv(_checked_file(resource), usecols=wanted, dtype=str).stack().dropna()
        ids += [part.strip() for cell in cells for part in cell.split(";")]
    register = _resources().get("sources")
    if register is None:
        return []
    known = {row["source_id"]: row for row in _register(str(_checked_file(register)), register["hash"])}
    return [known[key] for key in dict.fromkeys(ids) if key in known]


@lru_cache(maxsize=4)
def _register(file: str, digest: str) -> tuple[dict[str, str], ...]:
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    return tuple(table.to_dict("records"))


def _read_table(file: Path, fields: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = {field["name"]: field.get("type", "string") for field in fields}
    return pd.read_csv(
        file,
        dtype={name: DTYPES.get(kind, "str") for name, kind in kinds.items() if kind != "date"},
        parse_dates=[name for name, kind in kinds.items() if kind == "date"],
        date_format="%Y-%m-%d",
        keep_default_na=False,
        na_values=[""],
    )


def _checked_file(resource: dict[str, Any]) -> Path:
    """The file of a resource, after a look that it is the described one."""
    file = folder() / resource["path"]
    shown = f"data/{resource['path']}"
    if not file.is_file():
        raise DataFileError(
            f"The file {shown} is missing. "
            f"Get it back from the course (git checkout {shown}), or download the course again."
        )
    expected = resource.get("hash", "").removeprefix("sha256:")
    if expected and _digest(str(file), file.stat().st_mtime_ns) != expected:
        raise DataFileError(
            f"The file {shown} is not the one that the course describes: it has been changed. "
            f"Get the course's file back with: git checkout {shown}. "
            "If you changed it on purpose, run python data/make/package.py, then make data-check."
        )
    return file


@lru_cache(maxsize=256)
def _digest(file: str, changed_ns: int) -> str:
    """SHA-256 of a file; remembered for as long as the file is not written again."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def _resource(name: str) -> dict[str, Any]:
    resources = _resources()
    if name in resources:
        return resources[name]
    near = difflib.get_close_matches(str(name).lower(), resources, n=3, cutoff=0.5)
    near += [known for known in resources if str(name).lower() in known and known not in near]
    hint = f"Did you mean {' or '.join(repr(known) for known in near)}?" if near else "No name comes near."
    raise UnknownName(f"There is no table or layer called {name!r}. {hint} All names: data.names().")


def _resources() -> dict[str, dict[str, Any]]:
    return described(folder() / "datapackage.json")


def described(file: Path) -> dict[str, dict[str, Any]]:
    """The entries of a ``datapackage.json`` by name.

    Raises DataFileError if there is no such file or it is not JSON.
    """
    if not file.is_file():
        raise DataFileError(
            f"There is no datapackage.json in {file.parent}. "
            "Run the notebook inside the course's folder, or set LESSONS_DATA to the course's data folder."
        )
    return _parsed(str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _parsed(file: str, changed_ns: int) -> dict[str, dict[str, Any]]:
    try:
        package = json.loads(Path(file).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise DataFileError(
            f"{Path(file).name} cannot be read: line {error.lineno}, {error.msg}. "
            "Correct that line, or get the course's file back with git."
        ) from error
    return {resource["name"]: resource for resource in package["resources"]}
