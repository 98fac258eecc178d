"""The map layers hold what their descriptions say. Lengths and areas are geodesic (WGS 84)."""

import csv
import importlib.util
import json
import re
import sys
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from pyproj import Geod

DATA = Path(__file__).resolve().parents[1] / "data"
GEOD = Geod(ellps="WGS84")
LAEA = "+proj=laea +lat_0=39.5 +lon_0=47 +datum=WGS84 +units=m"
RESOURCES = {
    resource["name"]: resource
    for resource in json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    if resource["path"].startswith("layers/")
}
VECTORS = sorted(name for name, resource in RESOURCES.items() if resource["format"] == "parquet")


def read(name):
    return gpd.read_parquet(DATA / RESOURCES[name]["path"])


def by(name, column="id"):
    return read(name).set_index(column)


def only(name):
    """The one shape of a layer of one row."""
    (shape,) = read(name).geometry
    return shape


def km(line):
    return GEOD.geometry_length(line) / 1e3


def km2(area):
    return abs(GEOD.geometry_area_perimeter(area)[0]) / 1e6


def script(name):
    """One of the scripts in data/make as a module."""
    spec = importlib.util.spec_from_file_location(f"data_make_{name}", DATA / "make" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- every layer


def test_all_layers_are_there():
    assert set(VECTORS) == {
        "admin1", "area_behind_1994_line", "border_scales", "boundary_lines", "caspian", "countries", "countries_context",
        "districts", "karabakh_units", "lakes", "line_1994", "oblast_1991", "places_points", "rivers",
    }  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_shapes_are_valid_and_in_longitude_and_latitude(name):
    layer = read(name)
    assert layer.crs.to_epsg() == 4326 and RESOURCES[name]["crs"] == "EPSG:4326"
    assert layer.is_valid.all() and not layer.is_empty.any() and not layer.has_z.any()
    assert set(layer.geom_type) <= set(RESOURCES[name]["geometry"].split(" or "))
    west, south, east, north = layer.total_bounds
    assert 24 <= west and 22 <= south and east <= 80 and north <= 48


@pytest.mark.parametrize("name", VECTORS)
def test_columns_and_rows_are_the_described_ones(name):
    layer, fields = read(name), RESOURCES[name]["schema"]["fields"]
    assert len(layer) == RESOURCES[name]["features"]
    assert list(layer.columns) == [field["name"] for field in fields]
    for field in fields:
        rules, column = field.get("constraints", {}), layer[field["name"]]
        assert not (rules.get("required") and column.isna().any()), field["name"]
        assert not (rules.get("unique") and column.duplicated().any()), field["name"]


@pytest.mark.parametrize("name", VECTORS)
def test_each_row_has_an_id_of_its_own_and_rows_stand_in_their_order(name):
    ids = read(name)["id"]
    assert read(name).columns[0] == "id"
    assert ids.is_unique and ids.is_monotonic_increasing


@pytest.mark.parametrize("name", VECTORS)
def test_printed_areas_and_lengths_are_those_of_the_shapes(name):
    layer = read(name)
    for column, measure in {"area_km2": km2, "length_km": km}.items():
        if column in layer:
            given = layer[layer[column].notna()]
            assert np.allclose(given[column], given.geometry.map(measure), atol=0.051)


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_a_reader_learns_where_a_layer_comes_from_and_how_far_to_trust_it(name):
    resource = RESOURCES[name]
    for key in ("title", "description", "as_of", "precision", "limits", "crs"):
        assert resource[key].strip(), key
    assert all(licence["title"] and licence["path"] for licence in resource["licenses"])
    assert resource["sources"]
    for source in resource["sources"]:
        assert all(source[key] for key in ("title", "source_id", "package", "version", "archive", "member"))
        assert re.fullmatch("[0-9a-f]{64}", source["sha256"])
    for field in resource.get("schema", {}).get("fields", []):
        assert field["description"]
        assert not field["name"].endswith(("_km", "_km2")) or field["unit"]


def test_sources_of_layers_are_in_the_register():
    with (DATA / "tables" / "sources.csv").open(encoding="utf-8", newline="") as file:
        known = {row["source_id"] for row in csv.DictReader(file)}
    named = {source["source_id"] for resource in RESOURCES.values() for source in resource["sources"]}
    assert named <= known


def test_points_from_geonames_carry_its_credit():
    resource = RESOURCES["places_points"]
    assert [licence["name"] for licence in resource["licenses"]] == ["CC-BY-4.0"]
    assert "GeoNames" in resource["licenses"][0]["title"] and "GeoNames" in resource["description"]


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_files_are_the_described_ones(name):
    content = (DATA / RESOURCES[name]["path"]).read_bytes()
    assert len(content) == RESOURCES[name]["bytes"]
    assert "sha256:" + sha256(content).hexdigest() == RESOURCES[name]["hash"]


def test_all_layers_together_stay_small():
    assert sum(resource["bytes"] for resource in RESOURCES.values()) < 1_200_000


def test_descriptions_name_the_archives_that_the_layers_are_built_from():
    archives = {archive.file: archive.sha256 for archive in script("layers").ARCHIVES.values()}
    described = {s["archive"]: s["sha256"] for resource in RESOURCES.values() for s in resource["sources"]}
    assert described == archives


# ---------------------------------------------------------------- borders


@pytest.mark.parametrize(
    ("pair", "expected"), [("AZE-IRN", 585.5), ("ARM-IRN", 35.4), ("ARM-AZE", 753.9), ("AZE-TUR", 7.6)]
)
def test_neighbours_share_their_border_to_the_vertex(pair, expected):
    shape = by("countries").geometry
    first, second = pair.split("-")
    lines = read("boundary_lines")
    drawn = lines[(lines["left"] == first) & (lines["right"] == second)]
    assert km(shape[first].intersection(shape[second])) == pytest.approx(expected, abs=0.1)
    assert drawn["length_km"].sum() == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("AZE-IRN-main", 417.7),
        ("AZE-IRN-nakhchivan", 167.8),
        ("ARM-AZE-main", 493.7),
        ("ARM-AZE-nakhchivan", 208.0),
        ("ARM-AZE-artsvashen", 22.0),
        ("ARM-AZE-askipara", 19.4),
        ("ARM-AZE-barkhudarly", 10.8),
    ],
)
def test_pieces_of_the_border_have_their_measured_length(piece, expected):
    assert by("boundary_lines").loc[piece, "length_km"] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    ("scale", "main", "nakhchivan", "whole"),
    [(10, 417.7, 167.8, 585.5), (50, 396.6, 150.1, 546.7), (110, 370.0, 172.8, 542.7)],
)
def test_the_same_border_has_another_length_at_each_scale(scale, main, nakhchivan, whole):
    pieces = by("border_scales").query("scale_denominator == @scale * 1_000_000")
    assert list(pieces["scale"].unique()) == [f"1:{scale} million"]
    assert pieces.set_index("part")["length_km"].to_dict() == pytest.approx({"main": main, "Nakhchivan": nakhchivan}, abs=0.1)
    assert pieces.geometry.map(km).sum() == pytest.approx(whole, abs=0.1)
    assert pieces["points"].to_list() == [len(line.coords) for line in pieces.geometry]


def test_a_finer_map_draws_more_points_and_the_finest_is_the_border_of_the_other_layers():
    scales, border = by("border_scales"), by("boundary_lines")
    for piece in ("AZE-IRN-main", "AZE-IRN-nakhchivan"):
        points = [scales.loc[f"{piece}-{scale}m", "points"] for scale in (110, 50, 10)]
        assert points == sorted(points) and points[0] < points[-1] / 10
        assert scales.geometry[f"{piece}-10m"].hausdorff_distance(border.geometry[piece]) < 1e-4


def test_the_first_country_lies_to_the_left_of_its_border():
    shape = by("countries").geometry
    for row in read("boundary_lines").itertuples():
        points = np.array(row.geometry.coords)
        steps = np.diff(points, axis=0)
        left = np.column_stack([-steps[:, 1], steps[:, 0]]) / np.hypot(*steps.T)[:, None]
        beside = shapely.points(points[:-1] + steps / 2 + left * 1e-4)
        assert shapely.contains(shape[row.left], beside).mean() > 0.9, row.id


def test_districts_and_provinces_meet_without_gaps_or_overlaps():
    units = read("admin1")
    whole = units[units["country"].isin(["ARM", "AZE", "GEO", "IRN"])]
    assert not whole["clipped"].any()
    assert shapely.coverage_is_valid(whole.geometry.values)


@pytest.mark.parametrize("country", ["ARM", "AZE"])
def test_districts_and_provinces_fill_their_country(country):
    units = read("admin1")
    land = units[units["country"] == country].geometry.union_all()
    assert km2(land.symmetric_difference(by("countries").geometry[country])) < 0.5


def test_rows_cut_at_the_edge_say_so():
    clipped = by("countries")["clipped"]
    assert not clipped[["ARM", "AZE"]].any() and clipped[["IRN", "RUS", "TUR"]].all()
    units = read("admin1")
    assert units["area_km2"].isna().equals(units["clipped"])


def test_the_drawn_aras_follows_the_drawn_border():
    border = by("boundary_lines").to_crs(LAEA).geometry[["AZE-IRN-main", "AZE-IRN-nakhchivan"]].union_all()
    aras = by("rivers").to_crs(LAEA).geometry["aras"]
    vertices = shapely.points(shapely.get_coordinates(border))
    assert np.median(shapely.distance(vertices, aras)) < 100


@pytest.mark.parametrize(("lon", "lat", "metres"), [(46.95433, 39.14072, 2185), (47.04028, 39.18450, 1699)])
def test_the_map_is_too_coarse_for_the_two_bridge_points(lon, lat, metres):
    """Both lie on the real border river; this map puts them inside Iran, 2.2 and 1.7 km from the border."""
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326)
    assert by("countries").geometry["IRN"].contains(point[0])
    border = by("boundary_lines").to_crs(LAEA).geometry["AZE-IRN-main"]
    assert point.to_crs(LAEA).distance(border)[0] == pytest.approx(metres, abs=15)


# ---------------------------------------------------------------- Karabakh


def test_the_former_oblast_has_its_measured_area_and_lies_in_azerbaijan():
    assert km2(only("oblast_1991")) == pytest.approx(4282, abs=1)
    assert by("countries").geometry["AZE"].contains(only("oblast_1991"))


def test_the_line_of_1994_runs_from_the_border_of_armenia_to_that_of_iran():
    line, shape = only("line_1994"), by("countries").to_crs(LAEA).geometry
    assert km(line) == pytest.approx(202.6, abs=0.1)
    start, end = gpd.GeoSeries([shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])], crs=4326).to_crs(LAEA)
    assert start.distance(shape["ARM"]) < 1 and end.distance(shape["IRN"]) < 1


def test_the_area_behind_the_line_has_its_measured_size():
    behind, oblast = only("area_behind_1994_line"), only("oblast_1991")
    assert km2(behind) == pytest.approx(11_927, abs=1)
    assert km2(oblast.difference(behind)) == pytest.approx(163, abs=1)
    assert km2(behind.difference(oblast)) == pytest.approx(7808, abs=1)
    assert km2(behind.difference(by("countries").geometry["AZE"])) < 0.1


@pytest.mark.parametrize(
    ("unit", "area", "today", "behind"),
    [
        ("kalbajar", 2023, 2771, 1823),
        ("lachin", 1754, 1764, 1754),
        ("qubadli", 741, 741, 741),
        ("zangilan", 747, 747, 747),
        ("jabrayil", 845, 850, 845),
        ("fuzuli", 1206, 1248, 538),
        ("aghdam", 942, 1068, 806),
    ],
)
def test_districts_have_their_measured_areas(unit, area, today, behind):
    row = by("districts", "unit").loc[unit]
    found = row[["area_km2", "area_today_km2", "behind_1994_line_km2"]].astype(float)
    assert found.to_list() == pytest.approx([area, today, behind], abs=1)


def test_districts_do_not_overlap_each_other_or_the_former_oblast():
    shapes = [*read("districts").geometry, only("oblast_1991")]
    assert len(shapes) == 8
    assert max(km2(first.intersection(second)) for first, second in combinations(shapes, 2)) < 0.001


def test_units_for_shaded_maps_meet_without_gaps_or_overlaps():
    units = by("karabakh_units", "unit")
    assert set(units.index) == {"oblast", *read("districts")["unit"]}
    assert shapely.coverage_is_valid(units.geometry.values)
    together = units.geometry.union_all()
    assert together.geom_type == "Polygon" and not together.interiors
    assert km2(units.geometry["oblast"].symmetric_difference(only("oblast_1991"))) < 0.001
    grown = units["area_km2"].drop("oblast").sum() - read("districts")["area_km2"].sum()
    assert grown == pytest.approx(units["filled_km2"].sum(), abs=1)


def test_nakhchivan_is_put_together_from_its_eight_units():
    units = read("admin1")
    parts = units[units["part_of"] == "Nakhchivan Autonomous Republic"]
    assert len(parts) == 8
    assert parts["area_km2"].sum() == pytest.approx(4783, abs=1)


# ---------------------------------------------------------------- names


PAIRS = {
    "AZE-1682": "Kalbajar / Karvachar",
    "AZE-1691": "Aghdam / Akna",
    "AZE-1699": "Jabrayil / Jrakan",
    "AZE-1702": "Fuzuli / Varanda",
    "AZE-1734": "Khojavend / Martuni",
    "AZE-1735": "Lachin / Berdzor",
    "AZE-1736": "Qubadli / Sanasar",
    "AZE-1737": "Shusha / Shushi",
    "AZE-1739": "Khojaly / Ivanyan",
    "AZE-1740": "Zangilan / Kovsakan",
    "AZE-4838": "Khankendi / Stepanakert",
    "AZE-5565": "Shusha / Shushi",
}


def test_both_main_names_stand_together():
    assert by("admin1")["name_en"][list(PAIRS)].to_dict() == PAIRS
    assert by("districts")["name_en"].to_dict().items() <= PAIRS.items()
    assert by("karabakh_units")["name_en"].drop("oblast-1991").to_dict().items() <= PAIRS.items()
    assert set(PAIRS.values()) <= set(read("places_points")["name_en"])


def test_no_name_of_a_pair_stands_alone():
    halves = {half for pair in PAIRS.values() for half in pair.split(" / ")}
    misspelt = {"Agdam", "Susa", "Susha", "Khojali", "Lacin", "Kelbajar", "Xankandi"}
    for name in VECTORS:
        layer = read(name)
        if "name_en" in layer:
            alone = layer[layer["name_en"].isin(halves | misspelt)]
            # a town in Gegharkunik, Armenia, is called Martuni and nothing else
            assert set(alone["id"]) <= {"geonames-616438"}, name


def test_lachin_is_not_taken_for_lankaran():
    units = by("admin1")
    lachin, city = units.loc["AZE-1735"], units.loc["AZE-5562"]
    assert (lachin.name_az, lachin.name_fa, lachin.name_ru) == ("Laçın", "لاچین", "Лачинский район")
    assert city.name_en == "Lankaran" and city.wikidata == "Q228811"
    assert set(units.index[units["name_en"] == "Lankaran"]) == {"AZE-1707", "AZE-5562"}
    # the town of Lachin lies in the west, Lankaran at the Caspian
    assert lachin.geometry.centroid.x < 47 and city.geometry.centroid.x > 48.5


def test_other_slips_of_the_source_are_set_right():
    units = by("admin1")
    assert units.loc["ARM-1672", "name_fa"] == "گغارکونیک"
    assert units.loc["AZE-1680", ["name_en", "name_az"]].to_list() == ["Goygol", "Göygöl"]
    assert units.loc["AZE-1701", ["name_en", "name_az", "name_fa"]].to_list() == ["Shabran", "Şabran", "شابران"]
    assert units.loc["AZE-1737", "name_fa"] == "شوشا / شوشی"
    assert units["wikidata"].dropna().is_unique
    assert by("rivers").loc["kura", ["name_en", "name_az"]].to_list() == ["Kura", "Kür"]


def test_each_name_is_in_the_letters_of_its_language():
    scripts = {
        "name_az": r"[A-Za-zÇçĞğİıÖöŞşÜüƏə /-]+",
        "name_hy": r"[\u0531-\u0587 /]+",
        "name_fa": r"[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u200c /-]+",
        "name_ru": r"[А-Яа-яЁё /—-]+",
    }
    for layer in map(read, VECTORS):
        for column in scripts.keys() & set(layer.columns):
            names = layer[column].dropna()
            assert names[~names.str.fullmatch(scripts[column])].empty, column
            # Arabic forms of yeh and kaf look alike, but are other letters to a search
            assert not names.str.contains("[\u064a\u0643]").any()


def test_names_of_units_do_not_repeat_what_kind_they_are():
    words = r"شهرستان |^استان |[Rr]ayonu| Eyaleti| Bölgesi"
    units = read("admin1")
    assert not units[["name_fa", "name_tr"]].apply(lambda names: names.str.contains(words)).any().any()


def test_layers_take_no_side_in_their_own_voice():
    loaded = r"(?i)\b(?:occup|liberat|illegal|so-called|regime|separatis|terroris|artsakh|enemy)"
    for name, resource in RESOURCES.items():
        assert not re.search(loaded, json.dumps(resource, ensure_ascii=False)), name
        if name in VECTORS:
            texts = read(name).drop(columns="geometry").select_dtypes(exclude="number").astype(str)
            assert not texts.apply(lambda column: column.str.contains(loaded)).any().any(), name


def test_context_map_says_where_its_lines_are_disputed():
    notes = by("countries_context")["note"].dropna()
    assert {"RUS", "UKR", "CYN", "CYP", "ISR", "SYR", "IND", "PAK", "CHN"} <= set(notes.index)
    assert by("countries_context").loc["CYN", "name_en"] == "Northern Cyprus"


# ---------------------------------------------------------------- places and relief


def test_towns_lie_where_they_should():
    places, oblast, behind = by("places_points", "place_id"), only("oblast_1991"), only("area_behind_1994_line")
    assert oblast.contains(places.geometry["khankendi_stepanakert"])
    assert behind.contains(places.geometry["aghdam"]) and not oblast.contains(places.geometry["aghdam"])
    assert not behind.contains(places.geometry["barda"])
    kept = places.index.dropna()
    assert kept.is_unique and len(kept) > 40


def test_no_population_is_given_where_people_were_displaced():
    places = read("places_points")
    at_issue = places[places["name_en"].isin(PAIRS.values())]
    assert len(at_issue) == 11 and at_issue["population"].isna().all()
    assert places["population"].notna().mean() > 0.95


def test_yerevan_is_one_place():
    places = read("places_points")
    assert not set(places["name_en"]) & {"Ajapnyak", "Arabkir", "Erebuni", "Kentron", "Shengavit"}
    assert (places["name_en"] == "Yerevan").sum() == 1


def test_the_shaded_relief_fills_its_frame():
    resource = RESOURCES["hillshade"]
    left, bottom, right, top = resource["bounds"]
    with Image.open(DATA / resource["path"]) as picture:
        assert picture.mode == "L"
        assert picture.size == ((right - left) / 500, (top - bottom) / 500)
        assert picture.size == (resource["width"], resource["height"])
        grey = np.asarray(picture)
    assert grey.std() > 10
    units = read("karabakh_units").to_crs(resource["crs"])
    assert shapely.box(*resource["bounds"]).contains(shapely.box(*units.total_bounds))


# ---------------------------------------------------------------- data/make/package.py


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The script, at work on a small folder of its own."""
    module = script("package")
    monkeypatch.setattr(module, "DATA", tmp_path)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("id\n1\n", encoding="utf-8")
    resources = [{"name": "a", "path": "tables/a.csv", "hash": "sha256:0"}]
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": resources}), encoding="utf-8")
    return module


def test_package_writes_size_and_checksum(package):
    package.main()
    (resource,) = json.loads((package.DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert (resource["bytes"], resource["hash"]) == (5, "sha256:" + sha256(b"id\n1\n").hexdigest())


def test_package_lists_files_without_description_and_descriptions_without_file(package):
    (package.DATA / "tables" / "b.csv").write_text("id\n", encoding="utf-8")
    (package.DATA / "tables" / "a.csv").unlink()
    with pytest.raises(SystemExit) as stopped:
        package.main()
    lines = str(stopped.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("data/tables/b.csv is not described")
    assert lines[1].startswith("data/tables/a.csv does not exist")
