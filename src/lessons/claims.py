"""The claims of the document, and the numbers that decide them, computed anew from the data.

>>> from lessons import claims
>>> found = claims.check("pie-complete")
>>> found.value, found.unit
(102.0, '%')
>>> print(found.sentence)
The slices of the pie add up to 102 per cent, not 100.

The table ``claims`` is the ledger: what the document says, what speaks for and against it, a
verdict. Where a number can decide, the ledger names a function of this module in its column
``check``, with the figure that it gave, its unit and a tolerance.
Each function reads tables and layers through ``lessons.data`` only, measures on the ellipsoid
WGS 84, and uses nothing that was known only after August 2020.
It gives the figure and the verdicts that the figure leaves open, so a changed table shows at once:
`disagreements()` lists every claim whose figure or verdict no longer fits.
"""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.ops import nearest_points

from lessons import data, maps

VERDICTS = ("corroborated", "imprecise", "contested", "contradicted", "unverifiable")

# What a figure can leave open. A figure that bears a claim out leaves one verdict; one that does
# not still says little about why.
BORNE_OUT = ("corroborated",)
NOT_BORNE_OUT = ("imprecise", "contested", "contradicted", "unverifiable")
IN_DOUBT = ("imprecise", "contested", "unverifiable")
AGAINST = ("contradicted",)

KM_IN_A_MILE = 1.609344


@dataclass(frozen=True)
class Finding:
    """What a check found: a figure with its unit, a sentence, and the verdicts it leaves open."""

    claim_id: str
    value: float
    unit: str
    sentence: str
    leaves_open: tuple[str, ...]


#: What a check function gives: the figure, a sentence that says it, the verdicts it leaves open.
Measured = tuple[float, str, tuple[str, ...]]


@dataclass(frozen=True)
class _Check:
    claim_id: str
    unit: str
    measure: Callable[[], Measured]


_CHECKS: dict[str, _Check] = {}


def decides(claim_id: str, unit: str) -> Callable[[Callable[[], Measured]], Callable[[], Measured]]:
    """Register a function as the one that computes the figure of a claim, in a unit."""

    def register(measure: Callable[[], Measured]) -> Callable[[], Measured]:
        if claim_id in _CHECKS:
            raise ValueError(f"The claim {claim_id!r} has a check already: {_CHECKS[claim_id].measure.__name__}.")
        _CHECKS[claim_id] = _Check(claim_id, unit, measure)
        return measure

    return register


def check(claim_id: str) -> Finding:
    """Compute the figure of one claim.

    Raises
    ------
    lessons.data.UnknownName
        If no function computes a figure for this claim; the message lists the near names.
    lessons.data.DataFileError
        If a table or layer that the check reads is missing or altered.
    """
    known = _CHECKS.get(claim_id)
    if known is None:
        near = difflib.get_close_matches(str(claim_id), _CHECKS, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
        raise data.UnknownName(
            f"No figure is computed for a claim called {claim_id!r}. {hint}All of them: claims.checked()."
        )
    value, sentence, leaves_open = known.measure()
    return Finding(claim_id, float(value), known.unit, sentence, leaves_open)


def checked() -> list[str]:
    """The ids of the claims that have a computed figure, in the order of this module."""
    return list(_CHECKS)


def function_name(claim_id: str) -> str:
    """The name of the function that computes a claim's figure."""
    return _CHECKS[claim_id].measure.__name__


def all_checks() -> dict[str, Finding]:
    """Every computed figure, by claim."""
    return {claim_id: check(claim_id) for claim_id in _CHECKS}


def ledger() -> pd.DataFrame:
    """The table ``claims`` with what the checks find today.

    Returns
    -------
    The ledger's own columns and five more, empty where a claim has no figure: ``computed`` and
    ``computed_unit``, the ``sentence`` that says it, ``leaves_open`` (verdicts, ";" between
    them), and ``agrees``: whether figure and verdict of the ledger fit what was computed.
    """
    table = data.load("claims")
    found = all_checks()
    rows = [found.get(claim_id) for claim_id in table["claim_id"]]
    table["computed"] = pd.array([row and row.value for row in rows], dtype="Float64")
    table["computed_unit"] = [row and row.unit for row in rows]
    table["sentence"] = [row and row.sentence for row in rows]
    table["leaves_open"] = [row and ";".join(row.leaves_open) for row in rows]
    off = (table["computed"] - table["figure"]).abs() > table["tolerance"]
    fits = [row is None or verdict in row.leaves_open for row, verdict in zip(rows, table["verdict"], strict=True)]
    table["agrees"] = (~off & pd.array(fits, dtype="boolean")).where(table["computed"].notna(), pd.NA)
    return table


def disagreements() -> list[str]:
    """One sentence for each claim whose figure or verdict in the ledger no longer fits the data."""
    told = []
    for row in ledger().itertuples():
        if pd.isna(row.computed):
            if pd.notna(row.check):
                told.append(f"{row.claim_id}: the ledger names the check {row.check}, and there is no such function.")
            continue
        if row.check != function_name(row.claim_id):
            told.append(f"{row.claim_id}: its check is {function_name(row.claim_id)}, the ledger says {row.check}.")
        elif row.computed_unit != row.figure_unit:
            told.append(f"{row.claim_id}: the figure is in {row.computed_unit}, the ledger says {row.figure_unit}.")
        elif not abs(row.computed - row.figure) <= row.tolerance:
            told.append(
                f"{row.claim_id}: the data give {row.computed:g} {row.computed_unit}, "
                f"the ledger {row.figure:g} (within {row.tolerance:g}). {row.sentence}"
            )
        if row.verdict not in row.leaves_open.split(";"):
            told.append(
                f"{row.claim_id}: the verdict {row.verdict!r} does not fit the figure, "
                f"which leaves open: {row.leaves_open.replace(';', ', ')}. {row.sentence}"
            )
    without = sorted(set(_CHECKS) - set(data.load("claims")["claim_id"]))
    return told + [f"{claim_id}: there is a check, and no such claim in the ledger." for claim_id in without]


def fingerprint(quotation: str) -> str:
    """SHA-256 of a quotation, after its spaces are made single and its characters composed.

    The table ``document_quotes`` keeps it, so that a changed quotation is noticed though the
    document's text is not part of the course.

    >>> fingerprint("share a 765\\n km border") == fingerprint("share a 765 km border")
    True
    """
    plain = " ".join(unicodedata.normalize("NFC", quotation).split())
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


# Reading and measuring


def _row(table: str, **key: object) -> pd.Series:
    """The one row of a table whose columns have these values."""
    rows = data.load(table)
    for column, value in key.items():
        rows = rows[rows[column] == value]
    if len(rows) != 1:
        wanted = ", ".join(f"{column} = {value!r}" for column, value in key.items())
        raise data.DataFileError(f"The table {table!r} has {len(rows)} rows with {wanted}; the check needs one.")
    return rows.iloc[0]


def _first_day(date: str | pd.Timestamp) -> pd.Timestamp:
    """The day of a date, or the first day of a month or year."""
    return pd.Timestamp(date)


def _event(event_id: str) -> pd.Timestamp:
    return _first_day(_row("events", event_id=event_id)["date"])


def _document() -> pd.Timestamp:
    """The day of the document, as far as it is known."""
    return _event("document-2020")


def _control(event_id: str) -> pd.Timestamp:
    return _first_day(_row("control_events", event_id=event_id)["date"])


def _years(start: pd.Timestamp, end: pd.Timestamp) -> float:
    return (end - start).days / 365.25


def _months(start: pd.Timestamp, end: pd.Timestamp) -> int:
    """Whole calendar months from one date to another."""
    return (end.year - start.year) * 12 + end.month - start.month


def _km(first: pd.Series, second: pd.Series) -> float:
    """Geodesic distance of two rows with ``lon`` and ``lat`` in degrees."""
    return maps.geodesic_km(first["lon"], first["lat"], second["lon"], second["lat"])


def _gap_km(first: gpd.GeoSeries, second: gpd.GeoSeries) -> float:
    """Shortest distance of two sets of shapes: nearest points in UTM 38 north, then geodesic."""
    near = gpd.GeoSeries(
        nearest_points(first.to_crs(maps.KARABAKH).union_all(), second.to_crs(maps.KARABAKH).union_all()),
        crs=maps.KARABAKH,
    ).to_crs(maps.LONLAT)
    return maps.geodesic_km(near[0].x, near[0].y, near[1].x, near[1].y)


def _country(iso3: str) -> gpd.GeoSeries:
    countries = data.load("countries")
    return countries.loc[countries["id"] == iso3, "geometry"]


def _point(point_id: str) -> pd.Series:
    return _row("bridge_points", point_id=point_id)


def _feature(feature_id: str) -> pd.Series:
    return _row("bridge_features", feature_id=feature_id)


def _trade(year: int) -> pd.Series:
    """Armenia's trade with Iran in one year."""
    return _row("armenia_iran_trade", year=year)


def _arms_share(recipient: str, supplier: str, first: int, last: int) -> float:
    """Share of one supplier in a recipient's arms imports, in per cent of SIPRI's volume."""
    arms = data.load("arms_transfers").query("recipient == @recipient and @first <= delivery_year <= @last")
    return 100 * arms.loc[arms["supplier"] == supplier, "tiv_million"].sum() / arms["tiv_million"].sum()


def _factbook() -> pd.DataFrame:
    """Ethnic shares of Iran in the editions of the CIA World Factbook."""
    rows = data.load("iran_ethnicity_estimates")
    return rows[(rows["publisher"] == "CIA (US government)") & (rows["concept"] == "ethnic group")]


def _lines_on_the_map() -> pd.DataFrame:
    """The pipelines that the document's map shows."""
    lines = data.load("pipelines")
    return lines[lines["in_document"]]


def _lines_through(country: str) -> set[str]:
    """Pipelines of the document's map with a waypoint in a country (three letters)."""
    towns = data.load("pipeline_waypoints")
    return set(towns.loc[towns["country"] == country, "pipeline_id"]) & set(_lines_on_the_map()["pipeline_id"])


# Status and history


@decides("karabakh-recognised", "votes for each vote against")
def assembly_majority() -> Measured:
    vote = _row("un_documents", document_id="a-res-62-243")
    ratio = vote["votes_for"] / vote["votes_against"]
    said = f"Resolution 62/243 had {vote['votes_for']} votes for it and {vote['votes_against']} against."
    return ratio, said, BORNE_OUT if ratio > 1 else NOT_BORNE_OUT


@decides("recognised-status", "%")
def share_of_members() -> Measured:
    vote = _row("un_documents", document_id="a-res-62-243")
    share = 100 * vote["votes_for"] / vote[["votes_for", "votes_against", "abstentions", "absent"]].sum()
    said = f"{share:.1f} per cent of the members voted for resolution 62/243; {vote['abstentions']} abstained."
    return share, said, BORNE_OUT if share > 50 else NOT_BORNE_OUT


@decides("region-unstable", "persons")
def killed_first_war() -> Measured:
    killed = _row("casualties", casualty_id="war1-all-1")["low_persons"]
    return (
        killed,
        f"At least {killed:,} people were killed in 1988-1994 by the usual counts.",
        BORNE_OUT if killed >= 1000 else NOT_BORNE_OUT,
    )


@decides("centuries-long", "years")
def age_of_the_border() -> Measured:
    age = _years(_control("oblast-1923"), _control("vote-1988"))
    return (
        age,
        f"The oblast's border was {age:.1f} years old at the vote of 1988.",
        BORNE_OUT if age >= 200 else NOT_BORNE_OUT,
    )


@decides("war-1990s", "years")
def years_before_1990() -> Measured:
    start = data.load("civilian_killings")["start"].map(_first_day)
    first = start[start >= _control("vote-1988")].min()
    years = _years(first, pd.Timestamp("1990-01-01"))
    return (
        years,
        f"People were killed from {first:%d %B %Y} on, {years:.1f} years before 1990.",
        NOT_BORNE_OUT if years > 0 else BORNE_OUT,
    )


@decides("mass-exodus-west", "thousand persons")
def displaced_in_the_region() -> Measured:
    thousand = _row("displacements", displacement_id="both_1988_94-3")["low_persons"] / 1000
    said = f"The Council of Europe assembly counted {thousand:,.0f} thousand people displaced inside the region."
    return thousand, said, IN_DOUBT if thousand > 500 else VERDICTS


@decides("closed-borders-cause", "months")
def rail_before_districts() -> Measured:
    first = data.load("district_history")["to_armenian_forces"].min()
    months = _months(_event("rail-1989"), first)
    said = f"Trains were stopped {months} months before the first district passed to the control of Armenian forces."
    return months, said, NOT_BORNE_OUT if months > 0 else VERDICTS


@decides("nationalists-1992", "year")
def year_of_elchibey() -> Measured:
    year = _event("elchibey-1992").year
    return year, f"Elchibey was elected in {year}.", BORNE_OUT if year == 1992 else NOT_BORNE_OUT


@decides("main-obstacle", "months")
def months_of_elchibey() -> Measured:
    months = _months(_event("elchibey-1992"), _event("elchibey-1993"))
    return months, f"Elchibey was in office for {months} months.", IN_DOUBT if months < 24 else VERDICTS


@decides("ceasefire-violations", "years")
def years_with_deaths() -> Measured:
    deaths = data.load("ucdp_deaths").query("1995 <= year <= 2018 and deaths > 0")
    years, last = deaths["year"].nunique(), deaths["year"].max()
    said = f"Deaths are recorded in {years} of the 24 years from 1995 to 2018."
    return years, said, BORNE_OUT if years >= 16 and last >= 2016 else NOT_BORNE_OUT


@decides("july-clashes", "km")
def tovuz_to_khankendi() -> Measured:
    distance = _km(_row("toponyms", place_id="tovuz"), _row("toponyms", place_id="khankendi_stepanakert"))
    days = (_document() - _event("july-2020")).days
    said = f"The fighting began {days} days before the document, {distance:.0f} km from Khankendi / Stepanakert."
    return distance, said, BORNE_OUT if 0 < days < 35 else NOT_BORNE_OUT


@decides("largely-dormant", "persons")
def killed_july_2020() -> Measured:
    killed = _row("casualties", casualty_id="july-2020-1")["low_persons"]
    return (
        killed,
        f"At least {killed} people had been killed by 15 July 2020.",
        NOT_BORNE_OUT if killed > 0 else VERDICTS,
    )


@decides("remains-threat", "persons")
def killed_july_2020_final() -> Measured:
    killed = _row("casualties", casualty_id="july-2020-2")["low_persons"]
    return killed, f"At least {killed} people were killed in July 2020.", BORNE_OUT if killed > 0 else NOT_BORNE_OUT


@decides("nk-elections", "days")
def first_round_before_april() -> Measured:
    vote = _row("events", event_id="elections-2020")
    first, runoff = _first_day(vote["date"]), _first_day(vote["date_end"])
    said = f"The first round was on {first:%d %B %Y}, the runoff {(runoff - first).days} days later."
    return (runoff - first).days, said, NOT_BORNE_OUT if first.month != 4 else VERDICTS


# Maps, borders and areas


@decides("opening-map-date", "years")
def age_of_opening_map() -> Measured:
    age = _years(_row("document_figures", figure_id="figure-1")["credit_date"], _document())
    return (
        age,
        f"The date under the opening map is {age:.1f} years older than the document.",
        NOT_BORNE_OUT if age > 1 else VERDICTS,
    )


@decides("front-line-current", "years")
def age_of_the_line() -> Measured:
    line = _row("line_1994", id="line-1994")
    begin, end, day = _first_day(line["valid_from"]), _first_day(line["valid_to"]), _document()
    said = f"The line of contact was {_years(begin, day):.1f} years old on the day of the document."
    return _years(begin, day), said, BORNE_OUT if begin <= day < end else NOT_BORNE_OUT


@decides("territories-coloured", "%")
def share_behind_line() -> Measured:
    whole = _row("denominators", denominator_id="total")["area_km2"]
    share = 100 * maps.area_km2(data.load("area_behind_1994_line").geometry).sum() / whole
    printed = data.load("held_area_totals").query("confidence != 'recalled' and method != 'printed share'")["area_km2"]
    said = (
        f"{share:.1f} per cent lie behind the line on the map; "
        f"areas in the table run from {printed.min():,.0f} to {printed.max():,.0f} km²."
    )
    return share, said, ("imprecise", "contested") if printed.max() > 1.2 * printed.min() else VERDICTS


@decides("border-touches-karabakh", "km")
def oblast_to_iran() -> Measured:
    distance = _gap_km(data.load("oblast_1991").geometry, _country("IRN"))
    return distance, f"The former oblast ends {distance:.1f} km from Iran.", NOT_BORNE_OUT if distance > 4 else VERDICTS


@decides("proximity-balance", "km")
def front_to_iran() -> Measured:
    distance = _gap_km(data.load("line_1994").geometry, _country("IRN"))
    return (
        distance,
        f"On the map the line of 1994 ends {distance:.1f} km from Iran.",
        BORNE_OUT if distance < 10 else NOT_BORNE_OUT,
    )


@decides("border-765", "km")
def border_length() -> Measured:
    border = data.load("border_scales")
    finest = border[border["id"].str.endswith("-10m")]
    length = maps.length_km(finest.geometry).sum()
    printed = data.load("border_lengths").query("border == 'AZE-IRN' and part == 'whole'")["length_km"]
    said = (
        f"The border measures {length:.1f} km at 1:10 million; "
        f"lengths in the table run from {printed.min():.0f} to {printed.max():.0f} km."
    )
    return length, said, ("imprecise", "contested") if abs(length / 765 - 1) > 0.05 else BORNE_OUT


@decides("only-route", "km")
def georgian_border() -> Measured:
    lines = data.load("boundary_lines")
    length = maps.length_km(lines.loc[lines["id"] == "ARM-GEO", "geometry"]).sum()
    neighbours = data.load("armenia_neighbours")
    others = neighbours.loc[neighbours["open_2020"] & (neighbours["neighbour"] != "Iran"), "neighbour"]
    said = (
        f"Armenia's border with Georgia is {length:.0f} km long; "
        f"open borders besides the one with Iran in 2020: {', '.join(others) or 'none'}."
    )
    return length, said, AGAINST if len(others) else BORNE_OUT


@decides("ganja-60-miles", "miles")
def gap_to_russia() -> Measured:
    miles = _gap_km(data.load("line_1994").geometry, _country("RUS")) / KM_IN_A_MILE
    other = _gap_km(data.load("line_1994").geometry, _country("GEO")) / KM_IN_A_MILE
    said = f"From the line of 1994 it is {miles:.1f} miles to Russia and {other:.1f} to Georgia."
    return miles, said, NOT_BORNE_OUT if abs(miles - 60) > 3 or abs(other - 60) > 3 else BORNE_OUT


# The peoples of Iran, as the document's figure has them


@decides("millions-azerbaijanis", "million persons")
def fewest_azerbaijanis() -> Measured:
    numbers = data.load("iran_azerbaijani_numbers")
    low, high = numbers["low_millions"].min(), numbers["high_millions"].max()
    return low, f"Estimates run from {low:g} to {high:g} million.", BORNE_OUT if low >= 2 else NOT_BORNE_OUT


@decides("source-factbook", "editions")
def editions_with_61() -> Measured:
    rows = _factbook()
    editions = rows.loc[(rows["group"] == "Persian") & (rows["share_pct"] == 61), "edition_year"]
    added = data.load("document_ethnicity")["our_reading"].eq("not in the Factbook").sum()
    said = (
        f"{len(editions)} editions print 61 per cent ({editions.min()} to {editions.max()}); "
        f"{added} rows of the figure stand in none."
    )
    return len(editions), said, ("imprecise", "contradicted") if added else BORNE_OUT


@decides("pie-complete", "%")
def sum_of_pie() -> Measured:
    total = data.load("document_ethnicity").query("figure == 'pie'")["share_pct"].sum()
    whole = abs(total - 100) < 0.5
    return (
        total,
        f"The slices of the pie add up to {total:g} per cent{'' if whole else ', not 100'}.",
        BORNE_OUT if whole else AGAINST,
    )


@decides("table-complete", "%")
def sum_of_table() -> Measured:
    rows = data.load("document_ethnicity").query("figure == 'table'")
    total, once = rows["share_pct"].sum(), rows.loc[~rows["inside_persians"], "share_pct"].sum()
    said = f"The rows of the table add up to {total:.1f} per cent; {once:.1f} if nobody is counted twice."
    return total, said, BORNE_OUT if abs(total - 100) < 0.5 else AGAINST


@decides("pie-table-agree", "groups")
def groups_that_differ() -> Measured:
    both = data.load("document_ethnicity").pivot(index="group", columns="figure", values="share_pct")
    shared = both.dropna()
    differ = (shared["pie"] != shared["table"]).sum()
    said = (
        f"{differ} of the {len(shared)} groups that stand in pie and table have two different shares; "
        f"{len(both) - len(shared)} more stand in one of them only."
    )
    return differ, said, AGAINST if differ else BORNE_OUT


@decides("label-turks", "editions")
def factbook_name_for_16() -> Measured:
    rows = _factbook()
    named = rows[(rows["share_pct"] == 16) & (rows["group_as_printed"] == "Azeri")]
    return (
        len(named),
        f"{len(named)} editions print 16 per cent under the name Azeri.",
        NOT_BORNE_OUT if len(named) else VERDICTS,
    )


@decides("thousands-armenians", "thousand persons")
def fewest_armenians() -> Measured:
    rows = data.load("armenian_community_iran").query("~hindsight")
    low, high = rows["low_persons"].min() / 1000, rows["high_persons"].max() / 1000
    return low, f"Estimates run from {low:g} to {high:g} thousand.", BORNE_OUT if low >= 2 else NOT_BORNE_OUT


# Energy and trade


@decides("transit-georgia", "lines")
def western_lines_in_georgia() -> Measured:
    west = set(_lines_on_the_map().query("ends_in != 'Russia'")["pipeline_id"])
    through = west & _lines_through("GEO")
    said = f"{len(through)} of {len(west)} lines to the west cross Georgia."
    return len(through), said, (*BORNE_OUT, *IN_DOUBT) if through == west else NOT_BORNE_OUT


@decides("excluded-projects", "lines")
def lines_in_armenia() -> Measured:
    inside = _lines_through("ARM")
    return (
        len(inside),
        f"{len(inside)} of {len(_lines_on_the_map())} lines of the map cross Armenia.",
        NOT_BORNE_OUT if inside else BORNE_OUT,
    )


@decides("pipelines-map", "lines")
def lines_on_the_map() -> Measured:
    lines = _lines_on_the_map()
    in_use = lines["opened"].str[:4].astype(int) < 2020
    north = lines["ends_in"].eq("Russia").sum()
    said = f"{in_use.sum()} of {len(lines)} lines were in use, {north} of them to Russia."
    return in_use.sum(), said, BORNE_OUT if in_use.all() and len(lines) == 4 else NOT_BORNE_OUT


@decides("reliable-partner", "years")
def years_of_gas() -> Measured:
    gas = data.load("armenia_gas_imports").query(
        "partner == 'Iran' and whole_year and 2011 <= year <= 2019 and thousand_tonnes > 0"
    )
    return (
        len(gas),
        f"Gas from Iran came in {len(gas)} of the nine years 2011-2019.",
        BORNE_OUT if len(gas) == 9 else NOT_BORNE_OUT,
    )


@decides("iran-compensates", "%")
def iranian_gas_share() -> Measured:
    gas = data.load("armenia_gas_imports").query("year == 2019").set_index("partner")["thousand_tonnes"]
    share = 100 * gas["Iran"] / gas.sum()
    said = f"{share:.1f} per cent of Armenia's gas from pipelines came from Iran in 2019, by weight."
    return share, said, ("imprecise", "contested") if 5 < share < 50 else VERDICTS


@decides("partnership-grows", "%")
def trade_growth() -> Measured:
    before, after = _trade(2016), _trade(2019)
    grew = 100 * (after["turnover_origin_usd_million"] / before["turnover_origin_usd_million"] - 1)
    all_grew = 100 * (after["armenia_turnover_usd_million"] / before["armenia_turnover_usd_million"] - 1)
    said = (
        f"Armenia's trade with Iran grew by {grew:.0f} per cent from 2016 to 2019, "
        f"its trade with all by {all_grew:.0f}."
    )
    return grew, said, (*BORNE_OUT, *IN_DOUBT) if grew > 0 else AGAINST


@decides("win-win", "dollars")
def imports_per_export() -> Measured:
    year = _trade(2019)
    ratio = year["imports_from_iran_origin_usd_million"] / year["exports_to_iran_usd_million"]
    said = f"In 2019 Armenia bought {ratio:.1f} dollars' worth from Iran for each dollar that it sold there."
    return ratio, said, IN_DOUBT if ratio > 2 else VERDICTS


@decides("third-partner", "rank")
def rank_of_iran_2019() -> Measured:
    known = data.load("armenia_iran_trade").query("~hindsight").dropna(subset=["rank_turnover_origin"])
    as_said = known["first_four_turnover_origin"].str.startswith("Russia > Germany > Iran")
    rank = _trade(2019)["rank_turnover_origin"]
    said = (
        f"In 2019 Iran was number {rank} by origin; "
        f"the order Russia, Germany, Iran stands in {as_said.sum() or 'none'} of {len(known)} years."
    )
    return rank, said, VERDICTS if as_said.any() or rank == 3 else ("contradicted", "contested")


@decides("major-partner", "places")
def rank_change() -> Measured:
    before, after = (_trade(year)["rank_turnover_origin"] for year in (2010, 2019))
    change = before - after
    said = f"By origin Iran was number {before} among Armenia's partners in 2010 and number {after} in 2019."
    return change, said, NOT_BORNE_OUT if change <= 0 else VERDICTS


@decides("armenia-iran-assistance", "%")
def iran_share_of_trade() -> Measured:
    year = _trade(2019)
    share = 100 * year["turnover_origin_usd_million"] / year["armenia_turnover_usd_million"]
    return (
        share,
        f"Iran had {share:.1f} per cent of Armenia's foreign trade in 2019.",
        ("contradicted", "contested") if share < 50 else VERDICTS,
    )


@decides("iran-eaeu", "days")
def eaeu_agreement() -> Measured:
    days = (_document() - _event("eaeu-iran-2019")).days
    said = f"The agreement with the Eurasian Economic Union had been in force for {days} days."
    return days, said, BORNE_OUT if days > 0 else NOT_BORNE_OUT


@decides("successful-relations", "%")
def trade_azerbaijan_2020() -> Measured:
    before = _row("iran_azerbaijan_trade", period_id="az-2019-gov")["turnover_usd_million"] / 12
    after = _row("iran_azerbaijan_trade", period_id="az-2020-5m")["turnover_usd_million"] / 5
    change = 100 * (after / before - 1)
    side = "below" if change < 0 else "above"
    said = f"By the month, trade in January to May 2020 was {abs(change):.0f} per cent {side} that of 2019."
    return change, said, ("imprecise", "contested") if change < -10 else VERDICTS


# Iran's policy, arms and alliances


@decides("integrity-endorsed", "votes")
def iran_in_the_assembly() -> Measured:
    vote = _row("unga_62_243_votes", country="Iran")["vote"]
    said = f"In the vote on resolution 62/243 Iran is recorded as: {vote}."
    if vote == "in favour":
        return 1, said, (*BORNE_OUT, "imprecise")
    return 0, said, ("contradicted", "contested") if vote == "against" else IN_DOUBT


#: Iranian missions and offers to mediate that have a date; rows of the table ``events``.
_OFFERS = ("velayati-1992", "truce-1992", "tehran-1992", "four-days-2016", "zarif-2020")


@decides("offered-mediation", "offers")
def dated_offers() -> Measured:
    known = sum(_event(offer) < _document() for offer in _OFFERS)
    return (
        known,
        f"{known} Iranian missions and offers before the document have a date.",
        BORNE_OUT if known >= 3 else IN_DOUBT,
    )


@decides("mediated-from-beginning", "years")
def years_to_first_mediation() -> Measured:
    years = _years(_control("vote-1988"), _event("velayati-1992"))
    return (
        years,
        f"Iran's first mission came {years:.1f} years after the vote of 1988.",
        NOT_BORNE_OUT if years > 1 else BORNE_OUT,
    )


@decides("lacks-leverage", "days")
def days_to_shusha() -> Measured:
    days = (_control("shusha-1992") - _row("un_documents", document_id="tehran-1992")["date"]).days
    said = f"The fighting at Shusha / Shushi came {days} day{'' if days == 1 else 's'} after the Tehran statement."
    return days, said, (*BORNE_OUT, *IN_DOUBT) if days <= 30 else NOT_BORNE_OUT


@decides("backed-respectively", "%")
def russian_arms_to_azerbaijan() -> Measured:
    russia, turkey = (_arms_share("Azerbaijan", supplier, 2005, 2019) for supplier in ("Russia", "Turkey"))
    said = f"In 2005-2019 Russia supplied {russia:.1f} per cent of Azerbaijan's arms imports, Turkey {turkey:.1f}."
    return russia, said, NOT_BORNE_OUT if russia > 10 else BORNE_OUT


@decides("armenia-russia-security", "%")
def russian_arms_to_armenia() -> Measured:
    share = _arms_share("Armenia", "Russia", 2015, 2019)
    return (
        share,
        f"In 2015-2019 Russia supplied {share:.1f} per cent of Armenia's arms imports.",
        BORNE_OUT if share > 75 else NOT_BORNE_OUT,
    )


@decides("israeli-arms", "million dollars")
def israeli_contracts() -> Measured:
    said_so = _row("arms_contracts", contract_id="sum-2016")["usd_million"]
    return (
        said_so,
        f"Contracts of {said_so:,.0f} million dollars were claimed by December 2016.",
        BORNE_OUT if said_so >= 2 else NOT_BORNE_OUT,
    )


@decides("close-allies", "years")
def age_of_treaty() -> Measured:
    age = _years(_event("treaty-2010"), _document())
    said = f"The treaty of Turkey and Azerbaijan was {age:.1f} years old."
    return age, said, BORNE_OUT if age > 0 else NOT_BORNE_OUT


@decides("drones-prejudice", "%")
def israeli_share() -> Measured:
    share = _arms_share("Azerbaijan", "Israel", 2015, 2019)
    return (
        share,
        f"In 2015-2019 Israel supplied {share:.1f} per cent of Azerbaijan's arms imports.",
        IN_DOUBT if share > 10 else NOT_BORNE_OUT,
    )


# Lorries and bridges


def _reports_of(claim: str) -> pd.DataFrame:
    """Reports of others that assert something about the lorries, up to the document."""
    reports = data.load("truck_reports").query("~hindsight and report_id != 'document-2020'")
    said = data.load("report_claims").query("truck_claim_id == @claim and stance == 'asserts'")
    return reports[reports["report_id"].isin(said["report_id"])]


#: Kinds of evidence that add nothing to the text or the thought that they rest on.
_SECOND_HAND = ("an opinion", "a text about another text")


@decides("trucks-recent", "days")
def days_since_lorry_reports() -> Measured:
    reports = pd.concat([_reports_of("lorries-there"), _reports_of("fuel"), _reports_of("guards")])
    last = reports.loc[reports["date_precision"] == "day", "date"].map(_first_day).max()
    days = (_document() - last).days
    said = f"The last dated report of the lorries was of {last:%d %B %Y}, {days} days before the document."
    return days, said, NOT_BORNE_OUT if days > 60 else BORNE_OUT


@decides("trucks-near-karabakh", "reports")
def reports_of_the_bridge() -> Measured:
    reports = len(_reports_of("bridge"))
    said = f"{reports or 'No'} reports before the document speak of a bridge over the Aras."
    return reports, said, NOT_BORNE_OUT if reports == 0 else VERDICTS


@decides("irgc-protected", "reports")
def witnesses_of_the_guards() -> Measured:
    reports = _reports_of("guards")
    first_hand = len(reports[~reports["evidence_kind"].isin(_SECOND_HAND)])
    said = (
        f"{first_hand or 'None'} of {len(reports)} reports that name the Guards "
        "rest on more than an opinion or another text."
    )
    return first_hand, said, ("unverifiable", "contradicted") if first_hand == 0 else VERDICTS


@decides("routes-reactivated", "counts")
def lorries_counted() -> Measured:
    counts = data.load("truck_reports").query("~hindsight")["vehicles"].notna().sum()
    return (
        counts,
        f"{counts or 'No'} counts of lorries were published before the document.",
        IN_DOUBT if counts == 0 else VERDICTS,
    )


@decides("baku-protested", "notes")
def notes_before_document() -> Measured:
    notes = len(data.load("truck_reports").query("~hindsight and side == 'Azerbaijan' and kind == 'note'"))
    return (
        notes,
        f"{notes or 'No'} notes of protest are known before the document.",
        NOT_BORNE_OUT if notes == 0 else VERDICTS,
    )


@decides("footage-bridge", "km")
def footage_to_bridge() -> Measured:
    distance = _km(_point("point_1"), _feature("khankendi"))
    said = f"Khankendi / Stepanakert lies {distance:.1f} km from the printed point of the bridge."
    return distance, said, NOT_BORNE_OUT if distance > 5 else VERDICTS


@decides("truck-bridge-point", "km")
def truck_bridge_to_khudafarin() -> Measured:
    distance = _km(_point("point_1"), _feature("khudafarin_bridges"))
    said = f"The medieval bridges lie {distance:.2f} km from the first printed point."
    return distance, said, ("unverifiable", "contradicted") if distance > 1 else VERDICTS


@decides("new-bridge", "days")
def days_in_public() -> Measured:
    said_on = _first_day(_row("bridge_statements", statement_id="statement-5")["date"])
    days = (_document() - said_on).days
    said = f"Baku had spoken in public of the bridges as part of the agreed works {days} days before the document."
    return days, said, ("imprecise", "contested") if days > 0 else VERDICTS


@decides("points-in-karabakh", "km")
def point_to_oblast() -> Measured:
    point = _point("point_1")
    here = gpd.GeoSeries(gpd.points_from_xy([point["lon"]], [point["lat"]]), crs=maps.LONLAT)
    distance = _gap_km(here, data.load("oblast_1991").geometry)
    return (
        distance,
        f"The first printed point lies {distance:.1f} km outside the former oblast.",
        NOT_BORNE_OUT if distance > 1 else VERDICTS,
    )


@decides("baku-consternation", "years")
def agreement_before_document() -> Measured:
    years = _years(_first_day(_row("bridge_statements", statement_id="statement-1")["date"]), _document())
    return (
        years,
        f"Baku and Tehran agreed on the works {years:.1f} years before the document.",
        NOT_BORNE_OUT if years > 0 else VERDICTS,
    )


# Under pressure


@decides("april-worst", "times")
def july_against_april() -> Measured:
    deaths = data.load("iran_covid_2020_monthly").set_index("month")["new_deaths"]
    times = deaths["2020-07"] / deaths["2020-04"]
    said = f"Iran reported {times:.1f} times as many deaths in July 2020 as in April."
    return times, said, NOT_BORNE_OUT if times > 1 else VERDICTS


@decides("health-crisis", "persons")
def deaths_by_july() -> Measured:
    deaths = _row("iran_covid_2020_monthly", month="2020-06")["total_deaths"]
    return (
        deaths,
        f"Iran had reported {deaths:,} deaths by 30 June 2020.",
        BORNE_OUT if deaths > 1000 else NOT_BORNE_OUT,
    )


@decides("low-oil", "dollars a barrel")
def brent_april() -> Measured:
    april = _row("oil_price", month="2020-04")["brent_usd_per_barrel"]
    before = _row("oil_price_annual", year=2019)["brent_usd_per_barrel"]
    return (
        april,
        f"Brent stood at {april:.2f} dollars in April 2020, against {before:.2f} in 2019.",
        BORNE_OUT if april < before else NOT_BORNE_OUT,
    )


@decides("falling-currency", "%")
def rial_2020() -> Measured:
    rate = data.load("rial_rate").set_index("month")["mean_rials_per_usd"]
    rise = 100 * (rate["2020-07"] / rate["2019-12"] - 1)
    return (
        rise,
        f"A dollar cost {rise:.0f} per cent more rials in July 2020 than in December 2019.",
        BORNE_OUT if rise > 5 else NOT_BORNE_OUT,
    )


@decides("devastation", "%")
def gdp_2019() -> Measured:
    growth = _row("iran_gdp_growth", release_id="wb-gep-2020-06", year=2019)["growth_pct"]
    known = data.load("iran_gdp_growth").query("year == 2019 and ~hindsight")["growth_pct"]
    said = (
        f"Releases known in August 2020 put Iran's growth in 2019 between {known.min():g} and {known.max():g} per cent."
    )
    return growth, said, ("corroborated", "imprecise", "contested") if growth < 0 else AGAINST


@decides("max-pressure", "%")
def oil_production_2019() -> Measured:
    early = _row("iran_oil_volume", volume_id="production-2019-early")["million_barrels_per_day"]
    late = _row("iran_oil_volume", volume_id="production-2019-late")["million_barrels_per_day"]
    fall = 100 * (1 - late / early)
    return (
        fall,
        f"Iran's oil production fell by {fall:.0f} per cent within 2019.",
        BORNE_OUT if fall > 5 else NOT_BORNE_OUT,
    )


@decides("commerce-2019", "firms")
def georgian_firms() -> Measured:
    entries = data.load("entity_list_2019").set_index("destination")["entries"]
    georgia, armenia = entries["Georgia"], entries["Armenia"]
    said = f"Of {entries.sum()} entries of 14 August 2019, {georgia} was under Georgia and {armenia} under Armenia."
    return entries["Georgia"], said, NOT_BORNE_OUT if entries["Georgia"] < 2 else BORNE_OUT


@decides("us-aggressive", "acts")
def acts_since_2018() -> Measured:
    acts = data.load("sanctions_actions").query("is_sanction and ~hindsight and date >= '2018-05' and kind != 'relief'")
    return (
        len(acts),
        f"{len(acts)} acts of US sanctions are dated from May 2018 to the document.",
        BORNE_OUT if len(acts) else NOT_BORNE_OUT,
    )


@decides("events-2020", "events")
def three_events() -> Measured:
    days = [_event(event_id) for event_id in ("soleimani-2020", "airliner-2020", "konarak-2020")]
    in_order = sum(day.year == 2020 for day in days) if days == sorted(days) else 0
    said = f"{in_order} of three events fell in 2020, in the order of the document."
    return in_order, said, BORNE_OUT if in_order == 3 else NOT_BORNE_OUT
