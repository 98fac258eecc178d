"""Answers to a2-background that its grader must tell apart: the proof that it grades right.

``RIGHT[task][name]`` and ``WRONG[task][name]`` hold the code of an answer cell, where ``task`` is the
first part of the cell's grade_id.  A right answer must earn every point of its task, a wrong one must
lose some.  The reference, the blank answer and the deleted one are taken from the notebook itself.

This file is for instructors.  ``CourseDirectory.ignore`` in ``nbgrader_config.py`` keeps it out of
every release and away from students' code; a test proves that.
"""

RIGHT = {
    "order": {
        "text sorted as text, calendar by hand": '''
import calendar


def order_events(events):
    rows = []
    for _, event in events.sort_values("date").iterrows():
        parts = [int(part) for part in event["date"].split("-")]
        if len(parts) == 1:
            precision, span = "year", 366 if calendar.isleap(parts[0]) else 365
        elif len(parts) == 2:
            precision, span = "month", calendar.monthrange(*parts)[1]
        else:
            precision, span = "day", 1
        rows.append({"span_days": span, "precision": precision, **event})
    return __import__("pandas").DataFrame(rows)
''',
        "columns in another order, index renewed, whole numbers of numpy": '''
import numpy as np
import pandas as pd


def order_events(events):
    table = events.copy()
    periods = [pd.Period(date) for date in table["date"]]
    table["start"] = [period.start_time for period in periods]
    table["precision"] = [{"D": "day", "M": "month"}.get(period.freqstr, "year") for period in periods]
    table["span_days"] = [np.int64((period.end_time.normalize() - period.start_time).days + 1) for period in periods]
    return table.sort_values("start").reset_index(drop=True)[["span_days", "precision", "start", "date", "event_id"]]
''',
        "right, with a warning and a message on stderr": '''
import sys
import warnings

import pandas as pd


def order_events(events):
    warnings.warn("dates are text")
    print("sorting", file=sys.stderr)
    periods = events["date"].map(pd.Period)
    days = [(period.end_time - period.start_time).days + 1 for period in periods]
    precision = ["day" if n == 1 else "month" if n < 32 else "year" for n in days]
    starts = [period.start_time for period in periods]
    return events.assign(precision=precision, span_days=days, starts=starts).sort_values("starts")
''',
    },
    "area": {
        "azimuthal projection of the region": '''
import pandas as pd
from lessons import maps


def area_km2(units, wanted):
    table = units.to_crs(maps.REGION)
    table["area_km2"] = table.area / 1e6
    return pd.DataFrame(table)[["area_km2", "unit"]].query("unit in @wanted")
''',
        "on the ellipsoid, in the order asked for, rounded to whole kilometres": '''
import pandas as pd
from lessons import maps


def area_km2(units, wanted):
    areas = []
    for name in wanted:
        areas.append(round(maps.area_km2(units[units["unit"] == name].geometry).iloc[0]))
    return pd.DataFrame({"unit": wanted, "area_km2": areas})
''',
        "right, with a warning": '''
import warnings

import geopandas as gpd


def area_km2(units, wanted):
    warnings.warn("Geometry is in a geographic CRS.")
    units = units.to_crs("+proj=moll +datum=WGS84")
    return gpd.GeoDataFrame(units[units["unit"].isin(wanted)]).assign(area_km2=lambda t: t.area / 1000 / 1000)
''',
    },
    "share": {
        "rounded to one decimal, row by row": '''
def shares(areas, total_km2, land_km2):
    table = areas.copy()
    table["share_of_land_pct"] = [round(area / land_km2 * 100, 1) for area in table["area_km2"]]
    table["share_of_total_pct"] = [round(area / total_km2 * 100, 1) for area in table["area_km2"]]
    return table
''',
        "rows turned round, only the columns asked for": '''
def shares(areas, total_km2, land_km2):
    areas["share_of_total_pct"] = areas["area_km2"] / (total_km2 / 100)
    areas["share_of_land_pct"] = areas["area_km2"] / (land_km2 / 100)
    return areas[::-1][["share_of_land_pct", "estimate_id", "share_of_total_pct"]]
''',
        "right, with a warning": '''
import warnings


def shares(areas, total_km2, land_km2):
    warnings.warn("two denominators")
    areas = areas.assign(share_of_total_pct=areas["area_km2"] / total_km2 * 100)
    return areas.assign(share_of_land_pct=areas["area_km2"] / land_km2 * 100)
''',
    },
    "total": {
        "a loop over the rows": '''
def check_total(table):
    printed_total = 0
    total = 0
    for _, row in table.iterrows():
        printed_total += row["share_pct"]
        if not row["inside_another"]:
            total += row["share_pct"]
    return {"adds_up": bool(99.5 <= round(total, 6) <= 100.5), "total": total, "printed_total": printed_total}
''',
        "numbers and verdict of numpy": '''
import numpy as np


def check_total(table):
    share = table["share_pct"].to_numpy(dtype=float)
    inside = table["inside_another"].to_numpy(dtype=bool)
    total = np.float32(share[~inside].sum())
    return {"printed_total": share.sum(), "total": total, "adds_up": np.bool_(abs(total - 100) <= 0.5)}
''',
        "right, with a warning": '''
import warnings


def check_total(table):
    warnings.warn("shares are rounded")
    printed_total = table["share_pct"].sum()
    total = table.query("not inside_another")["share_pct"].sum()
    adds_up = total >= 99.5 and total <= 100.5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
    },
    "parse": {
        "a pattern": '''
def parse_shares(table):
    table = table.copy()
    table["approximate"] = table["printed_as"].str.contains("~")
    number = table["printed_as"].str.extract(r"(\\d+(?:[.,]\\d+)?)", expand=False)
    table["share_pct"] = number.str.replace(",", ".").astype(float)
    return table
''',
        "a loop over the texts, rows turned round": '''
import pandas as pd


def parse_shares(table):
    rows = []
    for row_id, text in zip(table["row_id"], table["printed_as"]):
        number = float(text.replace("~", "").replace("%", "").replace(",", ".").strip())
        rows.append({"approximate": "~" in text, "share_pct": number, "row_id": row_id})
    return pd.DataFrame(rows[::-1])
''',
        "right, with a warning": '''
import warnings


def parse_shares(table):
    warnings.warn("two kinds of decimal sign")
    clean = table["printed_as"].str.replace(r"[~% ]", "", regex=True).str.replace(",", ".")
    return table.assign(share_pct=clean.astype(float), approximate=table["printed_as"].str.strip().str[0] == "~")
''',
    },
}

WRONG = {
    "order": {
        "the latest first": '''
import pandas as pd


def order_events(events):
    periods = events["date"].map(pd.Period)
    days = [(period.end_time - period.start_time).days + 1 for period in periods]
    precision = ["day" if n == 1 else "month" if n < 32 else "year" for n in days]
    return events.assign(precision=precision, span_days=days).sort_values("date", ascending=False)
''',
        "every date made a day": '''
import pandas as pd


def order_events(events):
    return events.assign(precision="day", span_days=1).sort_values("date")
''',
        "events without a day dropped": '''
import pandas as pd


def order_events(events):
    table = events[events["date"].str.len() == 10]
    return table.assign(precision="day", span_days=1).sort_values("date")
''',
        "every month 30 days, every year 365": '''
def order_events(events):
    precision = events["date"].str.len().map({10: "day", 7: "month", 4: "year"})
    return events.assign(precision=precision, span_days=precision.map({"day": 1, "month": 30, "year": 365})).sort_values("date")
''',
        "every month 31 days, every year 365": '''
def order_events(events):
    precision = events["date"].str.len().map({10: "day", 7: "month", 4: "year"})
    return events.assign(precision=precision, span_days=precision.map({"day": 1, "month": 31, "year": 365})).sort_values("date")
''',
        "not sorted at all": '''
import pandas as pd


def order_events(events):
    periods = events["date"].map(pd.Period)
    days = [(period.end_time - period.start_time).days + 1 for period in periods]
    return events.assign(precision=["day" if n == 1 else "month" if n < 32 else "year" for n in days], span_days=days)
''',
        "sorted by the name of the event": '''
import pandas as pd


def order_events(events):
    periods = events["date"].map(pd.Period)
    days = [(period.end_time - period.start_time).days + 1 for period in periods]
    precision = ["day" if n == 1 else "month" if n < 32 else "year" for n in days]
    return events.assign(precision=precision, span_days=days).sort_values("event_id")
''',
        "hard-coded: the visible events": '''
def order_events(events):
    known = {"2016-02-23": ("day", 1), "1999": ("year", 365), "2007-08": ("month", 31)}
    table = events.sort_values("event_id", key=lambda ids: ids.str.extract(r"(\\d+)")[0].astype(float))
    return table.assign(
        precision=[known.get(date, ("day", 1))[0] for date in table["date"]],
        span_days=[known.get(date, ("day", 1))[1] for date in table["date"]],
    )
''',
    },
    "area": {
        "square metres": '''
import pandas as pd


def area_km2(units, wanted):
    chosen = units[units["unit"].isin(wanted)].to_crs("EPSG:6933")
    return pd.DataFrame({"unit": chosen["unit"], "area_km2": chosen.area})
''',
        "square degrees": '''
import pandas as pd


def area_km2(units, wanted):
    chosen = units[units["unit"].isin(wanted)]
    return pd.DataFrame({"unit": chosen["unit"], "area_km2": chosen.area * 111 * 111})
''',
        "Web Mercator": '''
import pandas as pd


def area_km2(units, wanted):
    chosen = units[units["unit"].isin(wanted)].to_crs("EPSG:3857")
    return pd.DataFrame({"unit": chosen["unit"], "area_km2": chosen.area / 1e6})
''',
        "UTM zone 38, right only near the Caucasus": '''
import pandas as pd
from lessons import maps


def area_km2(units, wanted):
    chosen = units[units["unit"].isin(wanted)].to_crs(maps.KARABAKH)
    return pd.DataFrame({"unit": chosen["unit"], "area_km2": chosen.area / 1e6})
''',
        "set_crs where to_crs is meant": '''
import pandas as pd


def area_km2(units, wanted):
    chosen = units[units["unit"].isin(wanted)].set_crs("EPSG:4326", allow_override=True).to_crs("EPSG:6933")
    return pd.DataFrame({"unit": chosen["unit"], "area_km2": chosen.area / 1e6})
''',
        "every unit, wanted or not": '''
import pandas as pd


def area_km2(units, wanted):
    units = units.to_crs("EPSG:6933")
    return pd.DataFrame({"unit": units["unit"], "area_km2": units.area / 1e6})
''',
        "one sum for all": '''
import pandas as pd


def area_km2(units, wanted):
    chosen = units[units["unit"].isin(wanted)].to_crs("EPSG:6933")
    return pd.DataFrame({"unit": wanted, "area_km2": chosen.area.sum() / 1e6})
''',
        "hard-coded: the visible areas": '''
import pandas as pd


def area_km2(units, wanted):
    return pd.DataFrame(
        {
            "unit": ["lachin", "zangilan", "qubadli"],
            "area_km2": [1753.6, 746.8, 740.6],
        }
    )
''',
    },
    "share": {
        "fractions instead of per cent": '''
def shares(areas, total_km2, land_km2):
    return areas.assign(
        share_of_total_pct=areas["area_km2"] / total_km2, share_of_land_pct=areas["area_km2"] / land_km2
    )
''',
        "the same denominator twice": '''
def shares(areas, total_km2, land_km2):
    share = 100 * areas["area_km2"] / total_km2
    return areas.assign(share_of_total_pct=share, share_of_land_pct=share)
''',
        "the two denominators exchanged": '''
def shares(areas, total_km2, land_km2):
    return areas.assign(
        share_of_total_pct=100 * areas["area_km2"] / land_km2, share_of_land_pct=100 * areas["area_km2"] / total_km2
    )
''',
        "turned upside down": '''
def shares(areas, total_km2, land_km2):
    return areas.assign(
        share_of_total_pct=100 * total_km2 / areas["area_km2"], share_of_land_pct=100 * land_km2 / areas["area_km2"]
    )
''',
        "a share of the sum of the rows": '''
def shares(areas, total_km2, land_km2):
    share = 100 * areas["area_km2"] / areas["area_km2"].sum()
    return areas.assign(share_of_total_pct=share, share_of_land_pct=share * total_km2 / land_km2)
''',
        "rounded to whole per cents": '''
def shares(areas, total_km2, land_km2):
    return areas.assign(
        share_of_total_pct=(100 * areas["area_km2"] / total_km2).round(),
        share_of_land_pct=(100 * areas["area_km2"] / land_km2).round(),
    )
''',
        "the country's own numbers typed in": '''
def shares(areas, total_km2, land_km2):
    return areas.assign(
        share_of_total_pct=100 * areas["area_km2"] / 86600, share_of_land_pct=100 * areas["area_km2"] / 82629
    )
''',
        "hard-coded: the visible shares": '''
def shares(areas, total_km2, land_km2):
    return areas.assign(share_of_total_pct=[20.0, 5.0, 75.0], share_of_land_pct=[25.0, 6.25, 93.75])
''',
    },
    "total": {
        "the rows inside others counted as well": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = printed_total
    adds_up = abs(total - 100) <= 0.5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "only the rows inside others counted": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = table[table["inside_another"].astype(bool)]["share_pct"].sum()
    adds_up = abs(total - 100) <= 0.5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "exactly 100 or nothing": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = table[~table["inside_another"].astype(bool)]["share_pct"].sum()
    adds_up = total == 100
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "only too much is wrong": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = table[~table["inside_another"].astype(bool)]["share_pct"].sum()
    adds_up = total <= 100.5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "a tolerance of five": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = table[~table["inside_another"].astype(bool)]["share_pct"].sum()
    adds_up = abs(total - 100) <= 5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "scaled to 100 first": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    counted = table[~table["inside_another"].astype(bool)]["share_pct"]
    total = (counted / counted.sum() * 100).sum()
    adds_up = abs(total - 100) <= 0.5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "the verdict on the printed total": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = table[~table["inside_another"].astype(bool)]["share_pct"].sum()
    adds_up = abs(printed_total - 100) <= 0.5
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "a verdict in words": '''
def check_total(table):
    printed_total = table["share_pct"].sum()
    total = table[~table["inside_another"].astype(bool)]["share_pct"].sum()
    adds_up = "yes" if abs(total - 100) <= 0.5 else "no"
    return {"printed_total": printed_total, "total": total, "adds_up": adds_up}
''',
        "hard-coded: the visible tables": '''
def check_total(table):
    return {"printed_total": 109.2, "total": 101.2, "adds_up": len(table) == 4}
''',
    },
    "parse": {
        "the decimal comma thrown away": '''
def parse_shares(table):
    text = table["printed_as"].str.replace(" ", "")
    number = text.str.strip("~%").str.replace(",", "").astype(float)
    return table.assign(share_pct=number, approximate=text.str.startswith("~"))
''',
        "cut off at the comma": '''
def parse_shares(table):
    number = table["printed_as"].str.extract(r"(\\d+)", expand=False).astype(float)
    return table.assign(share_pct=number, approximate=table["printed_as"].str.contains("~"))
''',
        "the sign for about thrown away": '''
def parse_shares(table):
    number = table["printed_as"].str.replace(r"[~% ]", "", regex=True).str.replace(",", ".").astype(float)
    return table.assign(share_pct=number, approximate=False)
''',
        "numbers left as text": '''
def parse_shares(table):
    number = table["printed_as"].str.replace(r"[~% ]", "", regex=True).str.replace(",", ".")
    return table.assign(share_pct=number, approximate=table["printed_as"].str.contains("~"))
''',
        "fractions instead of per cent": '''
def parse_shares(table):
    number = table["printed_as"].str.replace(r"[~% ]", "", regex=True).str.replace(",", ".").astype(float)
    return table.assign(share_pct=number / 100, approximate=table["printed_as"].str.contains("~"))
''',
        "approximate shares left out": '''
def parse_shares(table):
    table = table[~table["printed_as"].str.contains("~")]
    number = table["printed_as"].str.replace(r"[% ]", "", regex=True).str.replace(",", ".").astype(float)
    return table.assign(share_pct=number, approximate=False)
''',
        "every decimal is approximate": '''
def parse_shares(table):
    number = table["printed_as"].str.replace(r"[~% ]", "", regex=True).str.replace(",", ".").astype(float)
    return table.assign(share_pct=number, approximate=table["printed_as"].str.contains("[~,]"))
''',
        "hard-coded: the visible texts": '''
def parse_shares(table):
    known = {"61%": 61.0, "0,2%": 0.2, "~4%": 4.0, "1.5 %": 1.5, "~ 1%": 1.0}
    return table.assign(
        share_pct=table["printed_as"].map(known), approximate=table["printed_as"].isin(["~4%", "~ 1%"])
    )
''',
    },
}
