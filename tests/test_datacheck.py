"""`make data-check` names file, row, column and rule of each fault, all at once."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from lessons import datacheck

TABLES = {
    "sources": "source_id,title\nA1,One\nA2,Two\n",
    "places": (
        "place_id,name_hy,lon,lat,low_persons,high_persons,date,date_precision,kind,source_id,more_source_ids,note\n"
        "shusha,Շուշի,46.75,39.76,1,2,1992-05-08,contested,town,A1,A2,8 or 9 May\n"
        "aghdam,Աղդամ,46.93,39.99,,,1993-07,month,town,A2,,\n"
    ),
    "claims": "claim_id,quote,verdict,evidence_for,evidence_against,source_id\nc1,a few words,corroborated,seen,,A1\n",
}
FIELDS = {
    "lon": {"type": "number", "unit": "degrees east"},
    "lat": {"type": "number", "constraints": {"minimum": -90, "maximum": 90}},
    "low_persons": {"type": "integer"},
    "high_persons": {"type": "integer", "constraints": {"minimum": 0}, "unit": "persons"},
    "name_hy": {"script": "Armenian"},
    "date": {"constraints": {"required": True, "pattern": r"\d{4}(-\d\d(-\d\d)?)?"}, "description": "ISO date."},
    "date_precision": {"constraints": {"enum": ["day", "month", "year", "contested"]}},
    "kind": {"constraints": {"required": True}, "description": "What it is."},
    "quote": {"max_words": 14},
    "more_source_ids": {"list_of": "sources.source_id"},
}
ABOUT = {"title": "T", "description": "D", "as_of": "2020", "precision": "P", "limits": "L", "licenses": [{"name": "CC0-1.0"}]}


@pytest.fixture
def folder(tmp_path):
    """A sound data folder of three small tables."""
    (tmp_path / "tables").mkdir()
    for name, text in TABLES.items():
        (tmp_path / f"tables/{name}.csv").write_text(text, encoding="utf-8")
    describe(tmp_path)
    return tmp_path


def describe(folder, **changes):
    """Write the description of the folder's files as they now are."""
    resources = []
    for name, text in TABLES.items():
        columns = text.splitlines()[0].split(",")
        schema = {
            "fields": [{"name": column, "type": "string", "description": "A column.", **FIELDS.get(column, {})} for column in columns],
            "primaryKey": [columns[0]],
        }
        if name != "sources":
            schema["foreignKeys"] = [{"fields": ["source_id"], "reference": {"resource": "sources", "fields": ["source_id"]}}]
        file = folder / f"tables/{name}.csv"
        raw = file.read_bytes() if file.exists() else b""
        resources.append(
            {"name": name, "path": f"tables/{name}.csv", "format": "csv", "encoding": "utf-8", "bytes": len(raw),
             "hash": f"sha256:{hashlib.sha256(raw).hexdigest()}", "schema": schema, **ABOUT, **changes}
        )
    (folder / "datapackage.json").write_text(json.dumps({"name": "test", "resources": resources}), encoding="utf-8")


def change(folder, name, old, new):
    file = folder / f"tables/{name}.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    describe(folder)


def sentences(folder):
    return [str(fault) for fault in datacheck.faults(folder)]


def test_a_sound_folder_has_no_fault(folder, capsys):
    assert datacheck.main([str(folder)]) == 0
    assert "3 tables and layers agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "rule"),
    [
        ("places", "46.75", "east", "row 2, column lon", "is not a number"),
        ("places", "39.76", "139.76", "row 2, column lat", "more than 90"),
        ("places", "1,2,1992", "1,-2,1992", "row 2, column high_persons", "less than 0 persons"),
        ("places", "1,2,1992", "9,2,1992", "row 2, column low_persons", "9 is more than high_persons, 2"),
        ("places", "46.75,39.76", "39.76,46.75", "row 2, column lat", "outside the region"),
        ("places", "46.75,39.76", ",39.76", "row 2, column lon", "both lon and lat"),
        ("places", "contested,town", "certain,town", "row 2, column date_precision", "allowed values: day, month, year, contested"),
        ("places", "month,town", "month,", "row 3, column kind", "is empty.*What it is"),
        ("places", "1993-07,month", "July 1993,month", "row 3, column date", "not in the form"),
        ("places", "1993-07,month", "1993-13,month", "row 3, column date", "not a day, month or year of the calendar"),
        ("places", "1993-07,month", "1993-07-23,month", "row 3, column date_precision", '"month" does not fit'),
        ("places", "8 or 9 May", "", "row 2, column note", "contested"),
        ("places", "Շուշի", "Շուшի", "row 2, column name_hy", 'not in Armenian script: look at "ш"'),
        ("places", "aghdam,", "shusha,", "row 3", "row 2 already"),
        ("places", "town,A2", "town,A9", "row 3, column source_id", r'"A9" does not exist in data/tables/sources\.csv'),
        ("places", "A1,A2,8", "A1,A8,8", "row 2, column more_source_ids", r'"A8" does not exist in data/tables/sources\.csv'),
        ("places", "town,A2", " town,A2", "row 3, column kind", "space before or after"),
        ("places", "8 or 9 May", "8, 9 May", "row 2", "more cells than the 12 columns"),
        ("places", "8 or 9 May\n", "8 or 9 May\n\n", "row 3", "row is empty"),
        ("places", "name_hy", "armenian", "", "They must be, in this order: place_id, name_hy"),
        ("claims", "a few words", "word " * 14 + "word", "row 2, column quote", "15 words; at most 14"),
        ("claims", "corroborated,seen", "corroborated,", "row 2, column evidence_for", "needs evidence"),
        ("claims", "corroborated,seen", "imprecise,", "row 2, column evidence_for", "on one side at least"),
        ("sources", "A2,Two", "A2,Two\nA3,Three", "row 4, column source_id", '"A3"'),
    ],
)
def test_each_fault_is_named_in_words(folder, name, old, new, place, rule):
    change(folder, name, old, new)
    told = sentences(folder)
    assert any(line.startswith(f"data/tables/{name}.csv") and place in line and re.search(rule, line) for line in told), told


def test_all_faults_are_told_at_once(folder, capsys):
    change(folder, "places", "46.75", "east")
    change(folder, "claims", "A1", "A7")
    change(folder, "sources", "A2,Two", "A2")
    assert datacheck.main([str(folder)]) == 1
    told = capsys.readouterr().out
    for part in ("places.csv, row 2, column lon", "claims.csv, row 2, column source_id", "sources.csv, row 3"):
        assert part in told
    assert "faults in 3 files" in told


def test_a_file_changed_without_its_checksum(folder):
    file = folder / "tables/sources.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("One", "Uno"), encoding="utf-8")
    (told,) = sentences(folder)
    assert "data/tables/sources.csv: The file is not the one" in told and "package.py" in told


def test_a_missing_file_is_told_once(folder):
    (folder / "tables/sources.csv").unlink()
    assert [line for line in sentences(folder) if "does not exist. Put it back" in line] == [
        "data/tables/sources.csv: The file does not exist. Put it back, or take its entry out of datapackage.json."
    ]


def test_a_file_that_is_not_utf8(folder):
    (folder / "tables/sources.csv").write_bytes("source_id,title\nA1,Gəncə\n".encode("utf-16"))
    describe(folder)
    assert any("not in UTF-8" in line for line in sentences(folder))


def test_a_file_that_nothing_describes(folder):
    (folder / "tables/new.csv").write_text("a\n1\n", encoding="utf-8")
    assert sentences(folder) == ["data/tables/new.csv: This file is not described: add it to datapackage.json, or take it away."]


def test_a_description_with_a_gap(folder):
    describe(folder, limits="")
    assert any("The entry 'sources' says nothing about: limits." in line for line in sentences(folder))


def test_a_description_that_cannot_be_read(folder, capsys):
    (folder / "datapackage.json").write_text("{", encoding="utf-8")
    assert datacheck.main([str(folder)]) == 1
    assert "datapackage.json cannot be read: line 1" in capsys.readouterr().out
