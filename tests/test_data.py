"""The door to the data: what it gives, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from lessons import data

SOURCES = """source_id,title,publisher,perspective,ownership,date,address,how_seen,licence
A1,A <b>bold</b> title,A press,Western,unknown,1993,https://example.org/a?b=1&c=2,whole,public domain
A2,Another,Somebody,unknown,unknown,,javascript:alert(1),recalled,unknown
"""
DISTRICTS = """unit,count,area_km2,held,captured,known,source_id,more_source_ids
lachin,3,1835.5,true,1992-05-18,1992-05,A1,
aghdam,,,,,NA,A1,A2
"""
FIELDS = [
    {"name": "unit", "type": "string", "description": "Which <district>."},
    {"name": "count", "type": "integer", "description": "How many."},
    {"name": "area_km2", "type": "number", "unit": "square kilometres", "description": "Area."},
    {"name": "held", "type": "boolean", "description": "Held."},
    {"name": "captured", "type": "date", "description": "A full date."},
    {"name": "known", "type": "string", "description": "A date known in part."},
    {"name": "source_id", "type": "string", "description": "Source."},
    {"name": "more_source_ids", "type": "string", "description": "More."},
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder of the test's own: two tables, a layer, a picture."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "layers").mkdir()
    (tmp_path / "tables/sources.csv").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "tables/districts.csv").write_text(DISTRICTS, encoding="utf-8")
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(47, 39)], crs="EPSG:4326").to_parquet(tmp_path / "layers/point.parquet")
    (tmp_path / "layers/hills.png").write_bytes(b"picture")
    about = {"title": "Districts", "as_of": "2020", "precision": "fair", "limits": "few", "licenses": [{"name": "PD", "title": "Public domain"}]}

    def entry(name, path, **more):
        digest = hashlib.sha256((tmp_path / path).read_bytes()).hexdigest()
        return {"name": name, "path": path, "hash": f"sha256:{digest}", **about, **more}

    resources = [
        entry("sources", "tables/sources.csv", schema={"fields": [{"name": name, "type": "string"} for name in SOURCES.splitlines()[0].split(",")]}),
        entry("districts", "tables/districts.csv", schema={"fields": FIELDS}),
        entry("point", "layers/point.parquet", sources=[{"source_id": "A2"}]),
        entry("hills", "layers/hills.png"),
    ]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "test", "resources": resources}), encoding="utf-8")
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path))
    return tmp_path


def test_names_are_sorted(folder):
    assert data.names() == ["districts", "hills", "point", "sources"]


def test_columns_have_the_described_types(folder):
    table = data.load("districts")
    assert table["count"].dtype == "Int64"
    assert table["area_km2"].dtype == "float64"
    assert table["held"].dtype == "boolean"
    assert pd.api.types.is_datetime64_any_dtype(table["captured"])
    assert pd.api.types.is_string_dtype(table["known"])


def test_text_stays_as_it_was_written(folder):
    known = data.load("districts")["known"].tolist()
    assert known == ["1992-05", "NA"], "a date known to the month, and the letters NA, are text"


def test_empty_cells_are_missing(folder):
    second = data.load("districts").iloc[1]
    assert second[["count", "area_km2", "held", "captured"]].isna().all()


def test_a_layer_is_a_geodataframe(folder):
    layer = data.load("point")
    assert isinstance(layer, gpd.GeoDataFrame)
    assert layer.crs.to_epsg() == 4326


def test_the_source_card_comes_with_the_table(folder):
    card = data.load("districts").attrs["source_card"]
    assert card.title == "Districts"
    assert [row["source_id"] for row in card.sources] == ["A1", "A2"]
    assert card.licences == ("Public domain",)
    assert "As of: 2020" in str(card)


def test_a_layer_names_its_sources_in_its_description(folder):
    assert [row["source_id"] for row in data.source("point").sources] == ["A2"]


def test_the_source_card_stays_with_the_table(folder):
    table = data.load("districts")
    joined = table.merge(table[["unit", "count"]], on="unit").query("unit == 'lachin'")
    assert joined.attrs["source_card"] is table.attrs["source_card"]


def test_the_card_shows_text_and_never_markup(folder):
    html = data.source("districts")._repr_html_()
    assert "<b>bold</b>" not in html and "&lt;b&gt;bold" in html
    assert "Which &lt;district&gt;" in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html
    assert "javascript:" not in html


def test_a_wrong_name_lists_the_near_ones(folder):
    with pytest.raises(data.UnknownName, match="Did you mean 'districts'") as error:
        data.load("distrits")
    assert isinstance(error.value, KeyError)
    assert not str(error.value).startswith('"'), "a sentence, not a quoted key"


def test_a_part_of_a_name_finds_it(folder):
    with pytest.raises(data.UnknownName, match="'hills'"):
        data.path("hill")


def test_a_name_without_a_near_one(folder):
    with pytest.raises(data.UnknownName, match="No name comes near"):
        data.source("zzz")


def test_a_missing_file_is_named(folder):
    (folder / "tables/districts.csv").unlink()
    with pytest.raises(data.DataFileError, match=r"data/tables/districts\.csv is missing.*git checkout"):
        data.load("districts")


def test_an_altered_file_is_named(folder):
    file = folder / "tables/districts.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("1835.5", "2835.5"), encoding="utf-8")
    with pytest.raises(data.DataFileError, match=r"data/tables/districts\.csv is not the one.*package\.py"):
        data.load("districts")


def test_a_picture_is_not_a_table(folder):
    with pytest.raises(data.DataFileError, match=r"data\.path\('hills'\)"):
        data.load("hills")
    assert data.path("hills").read_bytes() == b"picture"


def test_a_folder_without_a_description(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path))
    with pytest.raises(data.DataFileError, match="no datapackage.json.*LESSONS_DATA"):
        data.names()


def test_a_broken_description_names_the_line(folder):
    (folder / "datapackage.json").write_text('{"resources": [\n}', encoding="utf-8")
    with pytest.raises(data.DataFileError, match="line 2"):
        data.names()
