"""Maps for paper and screen: projections, a base map, scale bar, labels, distances.

Every map of the course says when its lines hold, how precise they are, and in which
projection they are drawn.  Lines on these maps imply no opinion.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib_scalebar.scalebar import ScaleBar
from pyproj import CRS, Geod

from lessons import data

#: Longitude and latitude on WGS 84: what every layer is stored in.
LONLAT = CRS.from_epsg(4326)

#: UTM zone 38 north, for close-ups of Karabakh (42° E to 48° E); metres.
KARABAKH = CRS.from_epsg(32638)

_GEOD = Geod(ellps="WGS84")

_LAND, _SEA, _WATER, _EDGE, _INK = "#f7f4ec", "#cfe2ee", "#4d87a8", "#7a746a", "#1b1b1b"


def equal_area(lon0: float, lat0: float) -> CRS:
    """Lambert azimuthal equal-area on WGS 84, centred on a point in degrees; metres."""
    return CRS.from_proj4(f"+proj=laea +lon_0={lon0} +lat_0={lat0} +datum=WGS84 +units=m +no_defs")


#: The projection of the course's region: equal-area, centred between the Kura and the Aras.
REGION = equal_area(47, 39.5)


def geodesic_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Length in km of the shortest line on the ellipsoid WGS 84; arguments in degrees.

    >>> round(geodesic_km(46.0, 39.0, 47.0, 39.0), 2)
    86.63
    """
    return _GEOD.inv(lon1, lat1, lon2, lat2)[2] / 1000


def length_km(lines: gpd.GeoSeries) -> pd.Series:
    """Geodesic length of each line in km; needs a CRS."""
    return lines.to_crs(LONLAT).map(lambda line: _GEOD.geometry_length(line) / 1000)


def area_km2(areas: gpd.GeoSeries) -> pd.Series:
    """Area of each polygon on the ellipsoid in km²; needs a CRS."""
    return areas.to_crs(LONLAT).map(lambda area: abs(_GEOD.geometry_area_perimeter(area)[0]) / 1e6)


def base(
    ax: Axes,
    extent: tuple[float, float, float, float],
    *,
    crs: CRS = REGION,
    borders: bool = True,
    rivers: bool = True,
) -> Axes:
    """Draw land, water, borders and a scale bar, and crop the axes to an extent.

    ``extent`` is ``(west, south, east, north)`` in degrees, ``crs`` a projected CRS in metres.
    Returns the axes, on which further layers can be drawn once they are in the same CRS.

    Raises :class:`ValueError` if the CRS counts in degrees: lengths and areas would be wrong.
    """
    if not crs.is_projected:
        raise ValueError(f"A map is drawn in a projected CRS in metres; {crs.name!r} counts in degrees.")
    box = shapely.segmentize(shapely.box(*extent), 0.25)
    left, bottom, right, top = gpd.GeoSeries([box], crs=LONLAT).to_crs(crs).total_bounds
    ax.set_facecolor(_SEA)
    layer = _within(extent)
    layer("countries").to_crs(crs).plot(ax=ax, color=_LAND, edgecolor=_EDGE if borders else _LAND, linewidth=0.8, zorder=0)
    shore = {"color": _SEA, "edgecolor": _WATER, "linewidth": 0.6}
    waters = {"lakes": shore, "caspian": shore} | ({"rivers": {"color": _WATER, "linewidth": 1.2}} if rivers else {})
    for name, look in waters.items():
        # A close-up may have no lake in it, and geopandas warns when asked to draw nothing.
        if len(water := layer(name)):
            water.to_crs(crs).plot(ax=ax, zorder=1, **look)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(_EDGE)
    ax.add_artist(ScaleBar(1, location="lower left", box_alpha=0.8, font_properties={"size": 10}))
    # A CRS made from parameters, like REGION, has no name; its method has.
    projection = crs.name if crs.name != "unknown" else crs.coordinate_operation.method_name
    ax.set_xlabel(f"Projection: {projection}", fontsize=9, loc="right")
    # geopandas would name the axis "Northing [metre]"; a map has no use for it.
    ax.yaxis.label.set_visible(False)
    return ax


def _within(extent: tuple[float, float, float, float]):
    """A function that loads a layer cut to a little more than an extent."""
    west, south, east, north = extent
    return lambda name: data.load(name).cx[west - 0.5 : east + 0.5, south - 0.5 : north + 0.5]


def country_labels(
    extent: tuple[float, float, float, float], avoid: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Points in the widest place of each country inside an extent, with the column ``text``.

    ``extent`` is ``(west, south, east, north)`` in degrees; EPSG:4326.  ``avoid`` are areas that
    must stay free, such as one whose control the map is about: a country's name across it would
    say more than the map knows.  Countries that show less than a hundredth of the extent are left
    out, since no label would fit.
    """
    window = shapely.box(*extent)
    free = window if avoid is None else window.difference(avoid.to_crs(LONLAT).union_all())
    shown = data.load("countries").clip(free, keep_geom_type=True)
    shown = shown[shapely.area(shown.geometry.to_numpy()) > window.area / 100]
    middles = [shapely.Point(shapely.maximum_inscribed_circle(area).coords[0]) for area in shown.geometry]
    return gpd.GeoDataFrame({"id": shown["id"].to_list(), "text": shown["name_en"].to_list()}, geometry=middles, crs=LONLAT)


def label(ax: Axes, x: float, y: float, text: str, *, side: str = "e", size: float = 10.5, gap: float = 5.0) -> None:
    """Write a label beside a point given in the CRS of the axes.

    ``side`` is the compass direction the text lies in: n, ne, e, se, s, sw, w or nw; ``gap`` is
    its distance in points.
    """
    across = {"e": (1, "left"), "w": (-1, "right")}.get(side[-1], (0, "center"))
    up = {"n": (1, "bottom"), "s": (-1, "top")}.get(side[0], (0, "center"))
    ax.annotate(
        text, (x, y), xytext=(across[0] * gap, up[0] * gap), textcoords="offset points",
        ha=across[1], va=up[1], fontsize=size, color=_INK, zorder=5,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )
