"""The arithmetic that the map does in the browser agrees with PROJ and with GeographicLib."""

import json

import pytest
from pyproj import Geod, Transformer

from browser import visit
from lessons import maps
from lessons.widgets.base import pack

POINTS = [(46.95433, 39.14072), (47.04028, 39.18450), (44.5, 40.2), (49.87, 40.4), (38.0, 46.5), (25.0, 35.0), (56.0, 50.0)]


@pytest.fixture(scope="module")
def ask(chromium, tmp_path_factory):
    """Evaluate an expression in a page where the functions of atlas.js are in reach."""
    page = tmp_path_factory.mktemp("page") / "page.html"
    source = pack("atlas")[0].replace("export default", "window.atlas = { equalArea, distanceKm, readDms, toDegrees };\nexport default")
    page.write_text(
        "<!doctype html><html lang=en><title>t</title><script>window.ready = import(URL.createObjectURL(new Blob(["
        + json.dumps(source).replace("</", "<\\/")
        + "], {type: 'text/javascript'})))</script>",
        encoding="utf-8",
    )
    with visit(chromium, page.as_uri()) as opened:
        opened.page.evaluate("window.ready.then(() => true)")
        yield lambda expression: opened.page.evaluate(expression)


@pytest.mark.parametrize("centre", [(46.95, 39.17), (47.0, 39.5), (44.0, 42.5)])
def test_a_typed_point_falls_where_proj_puts_it_within_a_metre(ask, centre):
    project = Transformer.from_crs("EPSG:4326", maps.equal_area(*centre), always_xy=True)
    for lon, lat in POINTS:
        x, y = ask(f"atlas.equalArea({centre[0]}, {centre[1]})({lon}, {lat})")
        assert (x, y) == pytest.approx(project.transform(lon, lat), abs=1)


def test_distances_agree_with_the_geodesic_within_ten_metres_and_one_in_ten_thousand(ask):
    geod = Geod(ellps="WGS84")
    for a in POINTS:
        for b in POINTS:
            told = ask(f"atlas.distanceKm({{lon: {a[0]}, lat: {a[1]}}}, {{lon: {b[0]}, lat: {b[1]}}})")
            assert told == pytest.approx(geod.inv(*a, *b)[2] / 1000, abs=0.01, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "degrees"), [("39°08’26.6”N", 39.140722), ("46°57'15.6\"E", 46.954333), ("10°30′0″S", -10.5)]
)
def test_degrees_minutes_seconds_are_read_as_the_document_prints_them(ask, text, degrees):
    assert ask(f"atlas.toDegrees(atlas.readDms({json.dumps(text)}))") == pytest.approx(degrees, abs=1e-6)


def test_what_is_not_degrees_minutes_seconds_is_not_read(ask):
    assert ask('atlas.readDms("39.14 north")') is None
