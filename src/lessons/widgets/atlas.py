"""Atlas: a vector map with steps in time, layers, place names and, if wanted, a locator."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
import traitlets

from lessons import maps, names
from lessons.figures import PALETTE
from lessons.widgets.base import LessonWidget, pack, plain, table_html

_HERE = Path(__file__).parent

#: Width of the drawing in its own units; the browser scales it to the page.
WIDTH = 4000

#: How a layer can look: colours and dashes stand in atlas.css, so that they follow dark mode.
#: "label" draws no mark, only the text: for names of countries and seas.
LOOKS: tuple[str, ...] = (
    "land", "country", "sea", "lake", "river", "border", "oblast", "front", "unit", "ring", "town", "feature",
    "label",
)

#: Fills of the classes that a unit can be in; each differs by pattern as well as by colour.
PATTERNS: tuple[str, ...] = ("none", "solid", "lines", "cross", "dots")


@dataclass(frozen=True)
class Layer:
    """One layer of an Atlas.

    Parameters
    ----------
    id, label
        A short key, and what the legend and the check box call it.
    frame
        A GeoDataFrame with a CRS; polygons, lines or points, one kind to a layer.
    look
        One of :data:`LOOKS`.
    key
        The column that identifies a feature.
    says
        The column whose text is spoken when a feature is focused or touched; none by default.
    place
        The column with a ``place_id`` of the table ``toponyms``: the feature is then labelled
        in the names that the reader chose.
    text
        The column with a label that is the same in every choice of names, for example of a country.
    label_at
        For points: the column with the side the label is best put on (``n``, ``e``, ``s``, ``w``
        and between); the map moves a label only when it would collide.
    status
        For areas: one row a feature (index: ``key``), one column a step, cells are keys of
        ``Atlas(classes=...)`` or missing.
    switch
        Whether the reader can switch it on and off; ``shown`` is how it starts.
    views
        Names of the views it is drawn in; all by default.
    during
        The first and the last step in which it is drawn, counted from 0; all by default.  For a
        line that held for a time only, or a pipeline that opens.
    """

    id: str
    label: str
    frame: gpd.GeoDataFrame
    look: str
    key: str = "id"
    says: str = ""
    place: str = ""
    text: str = ""
    label_at: str = ""
    status: pd.DataFrame | None = None
    switch: bool = False
    shown: bool = True
    legend: bool = True
    views: tuple[str, ...] = ()
    during: tuple[int, int] | None = None


@dataclass(frozen=True)
class Locator:
    """A point that the reader types in degrees, minutes and seconds, and what lies near it.

    ``start`` are the two coordinates as printed, latitude first; ``points`` has one row a published
    position with the columns ``label``, ``lon``, ``lat`` (degrees, EPSG:4326) and ``precision_km``.
    ``tolerance_km`` is drawn as a ring: closer than this, the map cannot tell points apart.
    ``others`` are further positions by the label of their button, as printed.  ``border`` is the id
    of a layer of lines; the map then says whether one of them runs within the tolerance.
    """

    start: tuple[str, str]
    points: pd.DataFrame
    tolerance_km: float
    others: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    border: str = ""


class Atlas(LessonWidget):
    """A map that answers: step through time, switch layers, change the names, locate a point.

    The map is projected once, here, in a Lambert azimuthal equal-area projection centred on the
    first view (ellipsoid WGS 84), and handed to the browser as paths.

    Parameters
    ----------
    layers
        Drawn in this order.
    views
        Extents by name, ``(west, south, east, north)`` in degrees; the first is shown first.
    as_of
        The date the lines show; it stands under the map with the projection and the scale.
    steps
        One row a step with the columns ``date``, ``precision`` and ``says``.
    classes
        ``{key: (label, colour, pattern)}`` with a name of :data:`lessons.figures.PALETTE` and one of
        :data:`PATTERNS`.
    choices
        A label and the options of one menu, for example ``("Share of", ["…", "…"])``.
    says
        What the live region says: ``says[step][choice]``.  Without steps or choices there is one.
    table
        The table beside the map.  With as many rows as steps, the row of the step is marked.
    locator
        See :class:`Locator`.

    Raises
    ------
    ValueError
        If a layer has no CRS or an unknown look, a status names an unknown class, or ``says`` does
        not fit the steps and choices.

    Examples
    --------
    >>> from lessons import data
    >>> atlas = Atlas(
    ...     title="The Aras and the Kura", as_of="Natural Earth 3.0",
    ...     layers=[Layer("rivers", "Rivers", data.load("rivers"), "river")],
    ...     views={"Region": (44.0, 38.0, 49.5, 42.0)}, tables=["rivers"],
    ... )
    >>> [layer["label"] for layer in atlas.drawing["layers"]]
    ['Rivers']
    """

    _esm, _css = pack("atlas")

    drawing = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    choice = traitlets.Int(0).tag(sync=True)
    view = traitlets.Int(0).tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    point = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        title: str,
        layers: Sequence[Layer],
        views: Mapping[str, tuple[float, float, float, float]],
        as_of: str,
        tables: Sequence[str],
        steps: pd.DataFrame | None = None,
        classes: Mapping[str, tuple[str, str, str]] | None = None,
        choices: tuple[str, Sequence[str]] | None = None,
        says: Sequence[Sequence[str]] = (),
        table: pd.DataFrame | None = None,
        locator: Locator | None = None,
        start: int = 0,
        **words: str,
    ) -> None:
        _check(title, layers, views, steps, classes or {}, choices, says)
        projection = _Projection(views)
        twin = table if table is not None else pd.DataFrame()
        drawing = {
            "projection": projection.describe(),
            "views": [{"label": label, "box": projection.box(extent)} for label, extent in views.items()],
            "layers": [_draw(layer, projection, list(views)) for layer in layers],
            "places": _places(layers),
            "asOf": as_of,
            "steps": [] if steps is None else [
                {"date": str(row.date), "precision": str(row.precision), "says": str(row.says)} for row in steps.itertuples()
            ],
            "classes": {
                key: {"label": label, "color": PALETTE[colour], "pattern": pattern}
                for key, (label, colour, pattern) in (classes or {}).items()
            },
            "choices": {"label": choices[0], "options": list(choices[1])} if choices else None,
            "says": [list(row) for row in says],
            "table": {
                "columns": [str(column) for column in twin.columns],
                "rows": [[plain(cell) for cell in row] for row in twin.itertuples(index=False)],
            },
            "locator": _locator(locator, [layer.id for layer in layers], projection),
        }
        super().__init__(
            title=title, tables=tables, drawing=drawing, step=start,
            hidden=[layer.id for layer in layers if not layer.shown], **words,
        )
        self._table = twin

    @traitlets.validate("step", "choice", "view")
    def _known(self, proposal: dict) -> int:
        trait, value = proposal["trait"].name, proposal["value"]
        choices = self.drawing.get("choices")
        count = {
            "step": len(self.drawing.get("steps", [])),
            "choice": len(choices["options"]) if choices else 0,
            "view": len(self.drawing.get("views", [])),
        }[trait]
        if value != 0 and not 0 <= value < count:
            raise ValueError(f"This map has {count} {trait}s, numbered from 0; there is no number {value}.")
        return value

    def status(self, layer: str) -> dict[str, str | None]:
        """The class of each feature of a layer at the step that is shown."""
        for drawn in self.drawing["layers"]:
            if drawn["id"] == layer:
                return {feature["id"]: feature["status"][self.step] for feature in drawn["features"]}
        raise ValueError(f"There is no layer {layer!r}; there are {', '.join(each['id'] for each in self.drawing['layers'])}.")

    def static_html(self) -> str:
        picture = _static_svg(self.drawing, self.step, set(self.hidden), self.title)
        said = self.drawing["says"]
        words = html.escape(said[self.step if len(said) > 1 else 0][self.choice]) if said else ""
        tables = [table for table in (self._table, _distances(self.drawing["locator"])) if len(table)]
        return f"{picture}<p>{words}</p>" + "".join(table_html(table) for table in tables)


class _Projection:
    """Lambert azimuthal equal-area, centred on the first view; drawing units with y downwards."""

    def __init__(self, views: Mapping[str, tuple[float, float, float, float]]) -> None:
        west, south, east, north = next(iter(views.values()))
        self.lon0, self.lat0 = (west + east) / 2, (south + north) / 2
        self.crs = maps.equal_area(self.lon0, self.lat0)
        left, bottom, right, top = self._bounds((west, south, east, north))
        self.scale = WIDTH / (right - left)
        self.x0, self.y0 = left, top

    def _bounds(self, extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        box = shapely.segmentize(shapely.box(*extent), 0.25)
        return tuple(gpd.GeoSeries([box], crs="EPSG:4326").to_crs(self.crs).total_bounds)

    def box(self, extent: tuple[float, float, float, float]) -> list[float]:
        """An extent in degrees as ``[x, y, width, height]`` in drawing units."""
        left, bottom, right, top = self._bounds(extent)
        return [
            round((left - self.x0) * self.scale), round((self.y0 - top) * self.scale),
            round((right - left) * self.scale), round((top - bottom) * self.scale),
        ]

    def to_drawing(self, frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
        moved = frame.geometry.to_crs(self.crs)
        return moved.affine_transform([self.scale, 0, 0, -self.scale, -self.x0 * self.scale, self.y0 * self.scale])

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """A longitude and latitude in drawing units."""
        spot = self.to_drawing(gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat], crs="EPSG:4326"))).iloc[0]
        return round(spot.x), round(spot.y)

    def describe(self) -> dict[str, float]:
        """What atlas.js needs to place a longitude and latitude, and to draw a scale bar."""
        return {"lon0": self.lon0, "lat0": self.lat0, "scale": self.scale, "x0": self.x0, "y0": self.y0}


def _check(title, layers, views, steps, classes, choices, says) -> None:
    if not views:
        raise ValueError(f"The map {title!r} has no view: give at least one extent.")
    for layer in layers:
        if layer.look not in LOOKS:
            raise ValueError(f"The layer {layer.id!r} cannot look like {layer.look!r}; it can look like {', '.join(LOOKS)}.")
        if layer.frame.crs is None:
            raise ValueError(f"The layer {layer.id!r} has no CRS: its coordinates could mean anything. Set it with set_crs.")
        if unknown := set(layer.views) - set(views):
            raise ValueError(f"The layer {layer.id!r} names the views {sorted(unknown)}; there are {list(views)}.")
        last = len(steps) - 1 if steps is not None else 0
        if layer.during and not 0 <= layer.during[0] <= layer.during[1] <= last:
            raise ValueError(f"The layer {layer.id!r} is drawn during the steps {layer.during}; the steps run from 0 to {last}.")
        if layer.status is not None:
            used = set(layer.status.to_numpy().ravel()) - {None}
            if unknown := {key for key in used if not pd.isna(key)} - set(classes):
                raise ValueError(f"The status of {layer.id!r} has the classes {sorted(unknown)}; there are {sorted(classes)}.")
    for key, (_, colour, pattern) in classes.items():
        if colour not in PALETTE or pattern not in PATTERNS:
            raise ValueError(f"The class {key!r} needs a colour of {list(PALETTE)} and a pattern of {list(PATTERNS)}.")
    rows, columns = len(steps) if steps is not None else 1, len(choices[1]) if choices else 1
    if says and (len(says) != rows or any(len(row) != columns for row in says)):
        raise ValueError(f"The map {title!r} has {rows} steps and {columns} choices: says must be {rows} lists of {columns} sentences.")


def _draw(layer: Layer, projection: _Projection, views: Sequence[str]) -> dict[str, object]:
    shapes = projection.to_drawing(layer.frame)
    kind = {"Polygon": "area", "MultiPolygon": "area", "LineString": "line", "MultiLineString": "line", "Point": "point"}[
        shapes.geom_type.iloc[0]
    ]
    if kind == "area":
        # Simplifies shared borders together, so that neighbours still fit.
        shapes = gpd.GeoSeries(shapely.coverage_simplify(shapes.to_numpy(), 2.0), index=shapes.index)
    elif kind == "line":
        shapes = shapes.simplify(1.5)
    features = []
    for (_, row), shape in zip(layer.frame.iterrows(), shapes, strict=True):
        feature: dict[str, object] = {"id": str(row[layer.key])}
        if kind == "point":
            feature |= {"x": round(shape.x), "y": round(shape.y), "at": row[layer.label_at] if layer.label_at else "e"}
        else:
            feature["d"] = path(shape)
            inside = shape.representative_point() if kind == "area" else shape.interpolate(0.5, normalized=True)
            feature |= {"x": round(inside.x), "y": round(inside.y)}
        if layer.says:
            feature["says"] = str(row[layer.says])
        if layer.text:
            feature["text"] = str(row[layer.text])
        if layer.place and pd.notna(row[layer.place]):
            feature["place"] = str(row[layer.place])
        if layer.status is not None:
            feature["status"] = [plain(cell) for cell in layer.status.loc[row[layer.key]]]
        features.append(feature)
    return {
        "id": layer.id, "label": layer.label, "look": layer.look, "kind": kind, "switch": layer.switch,
        "legend": layer.legend, "views": [views.index(view) for view in layer.views], "during": list(layer.during or ()), "features": features,
    }


def path(shape: shapely.Geometry) -> str:
    """A line or polygon in drawing units as an SVG path of whole numbers, relative to save weight."""
    if shape.geom_type in ("Polygon", "LineString"):
        parts = [shape]
    else:
        parts = [part for part in shape.geoms if part.geom_type in ("Polygon", "LineString")]
    lines = []
    for part in parts:
        closed = part.geom_type == "Polygon"
        for ring in [part.exterior, *part.interiors] if closed else [part]:
            points = [(round(x), round(y)) for x, y in ring.coords]
            steps = [(bx - ax, by - ay) for (ax, ay), (bx, by) in zip(points, points[1:], strict=False)]
            moves = " ".join(f"{dx} {dy}" for dx, dy in steps if (dx, dy) != (0, 0)).replace(" -", "-")
            if moves:
                lines.append(f"M{points[0][0]} {points[0][1]}l{moves}" + ("z" if closed else ""))
    return "".join(lines)


def _places(layers: Sequence[Layer]) -> dict[str, dict[str, str]]:
    wanted = [
        str(place) for layer in layers if layer.place for place in layer.frame[layer.place].dropna().unique()
    ]
    return {place: names.forms(place) for place in wanted}


def _degrees(text: str) -> float:
    """39°08'26.6"N as decimal degrees; south and west are negative."""
    found = re.fullmatch(r"""\s*(\d+)\s*°\s*(\d+)\s*['′’]\s*(\d+(?:\.\d+)?)\s*["″”]\s*([NSEW])\s*""", text)
    if found is None:
        raise ValueError(f"{text!r} is no coordinate in degrees, minutes and seconds, such as 39°08′26.6″N.")
    degrees, minutes, seconds, side = found.groups()
    value = int(degrees) + int(minutes) / 60 + float(seconds) / 3600
    return -value if side in "SW" else value


def _distances(locator: dict | None) -> pd.DataFrame:
    """Where the locator starts, how far the published positions are: the table for paper."""
    if locator is None:
        return pd.DataFrame()
    lon, lat = locator["lonLat"]
    rows = [(each["label"], round(maps.geodesic_km(lon, lat, each["lon"], each["lat"]), 2)) for each in locator["points"]]
    return pd.DataFrame(sorted(rows, key=lambda row: row[1]), columns=["Published position", f"km from {' '.join(locator['start'])}"])


def _locator(locator: Locator | None, layers: Sequence[str], projection: _Projection) -> dict[str, object] | None:
    if locator is None:
        return None
    lat, lon = (_degrees(text) for text in locator.start)
    if locator.border and locator.border not in layers:
        raise ValueError(f"The locator measures to the layer {locator.border!r}; the layers are {', '.join(layers)}.")
    return {
        "start": list(locator.start),
        "at": list(projection.point(lon, lat)),
        "lonLat": [lon, lat],
        "others": {label: list(pair) for label, pair in locator.others.items()},
        "toleranceKm": locator.tolerance_km,
        "border": locator.border,
        "points": [
            {"label": row.label, "lon": row.lon, "lat": row.lat, "precisionKm": plain(row.precision_km)}
            for row in locator.points.itertuples()
        ],
    }


def _static_label(feature: dict, label: str, look: str, size: int) -> str:
    """A label on the side of its point that the author chose."""
    side = feature.get("at", "e")
    anchor = "middle" if look == "label" else {"e": "start", "w": "end"}.get(side[-1], "middle")
    x = feature["x"] + {"start": 40, "end": -40}.get(anchor, 0)
    y = feature["y"] + (0 if look == "label" else {"n": -40, "s": 40 + size}.get(side[0], size / 3))
    return (
        f'<text class="aras-label aras-label-{look}" x="{x}" y="{y:.0f}" font-size="{size}" '
        f'style="text-anchor:{anchor};stroke-width:{size // 4}">{html.escape(label)}</text>'
    )


def _static_svg(drawing: dict, step: int, hidden: set[str], title: str) -> str:
    """The map as one picture, for paper and for readers without JavaScript."""
    x, y, width, height = drawing["views"][0]["box"]
    marks, labels = [], []
    for layer in drawing["layers"]:
        first, last = layer["during"] or (step, step)
        if layer["id"] in hidden or (layer["views"] and 0 not in layer["views"]) or not first <= step <= last:
            continue
        for feature in layer["features"]:
            status = feature.get("status")
            found = drawing["classes"].get(status[step]) if status else None
            fill = f' style="fill:{found["color"]}"' if found and found["pattern"] != "none" else ""
            if layer["kind"] == "point":
                marks.append(f'<circle class="aras-look-{layer["look"]}" cx="{feature["x"]}" cy="{feature["y"]}" r="22"/>')
            else:
                marks.append(f'<path class="aras-look-{layer["look"]} aras-is-{layer["kind"]}" d="{feature["d"]}"{fill}/>')
            place = drawing["places"].get(feature.get("place", ""))
            label = place["en"] if place else feature.get("text", "")
            if label and x <= feature["x"] <= x + width and y <= feature["y"] <= y + height:
                labels.append(_static_label(feature, label, layer["look"], math.ceil(width / 45)))
    if locator := drawing["locator"]:
        at_x, at_y = locator["at"]
        ring = locator["toleranceKm"] * 1000 * drawing["projection"]["scale"]
        marks.append(f'<circle class="aras-tolerance" cx="{at_x}" cy="{at_y}" r="{ring:.0f}"/>')
        marks.append(f'<path class="aras-cross" d="M{at_x - 50} {at_y}h100M{at_x} {at_y - 50}v100"/>')
    # The style sheet comes with the picture: where scripts do not run, nothing else brings it.
    style = (_HERE / "atlas.css").read_text(encoding="utf-8")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="aras-map" viewBox="{x} {y} {width} {height}" role="img" '
        f'aria-label="{html.escape(title)}"><style>{style}</style>{"".join(marks)}{"".join(labels)}</svg>'
    )
