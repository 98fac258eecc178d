"""Names of places, in whichever form the reader asked for.

The table ``toponyms`` holds each place's forms.  No order of two names is neutral; where one
order must stand in print, the course puts the Azerbaijani form first and says so.
"""

from __future__ import annotations

import pandas as pd

from lessons import data

#: The choices of the name switch, as in the widgets.
POLICIES: tuple[str, ...] = ("pair", "az", "hy", "ru", "fa", "printed")

_COLUMNS = {"az": "az", "hy": "hy", "ru": "ru", "fa": "fa", "printed": "printed_in_document"}


def label(place_id: str, policy: str = "pair") -> str:
    """The label of one place of the table ``toponyms`` under a policy.

    ``"pair"`` gives the common Latin forms of both languages, "Khankendi / Stepanakert"; the
    others one language; ``"printed"`` the form of the document, empty where it prints none.
    A place without a form in a language keeps the English one.

    Raises
    ------
    KeyError
        If there is no such place.
    ValueError
        If there is no such policy.
    """
    if policy not in POLICIES:
        raise ValueError(f"There is no naming policy {policy!r}; there are {', '.join(POLICIES)}.")
    place = forms(place_id)
    if policy == "pair":
        first, second = place["pair_az"], place["pair_hy"]
        return f"{first} / {second}" if second and first != second else first
    if policy == "printed":
        return place["printed"]
    return place[policy] or place["en"]


def forms(place_id: str) -> dict[str, str]:
    """All forms of one place, as the widgets read them; a form that is not known is empty.

    Keys: ``az``, ``hy``, ``ru``, ``fa``, ``en``, ``printed``, and the two Latin forms that make a
    pair, ``pair_az`` and ``pair_hy``.
    """
    return all_forms().loc[place_id].to_dict()


def all_forms() -> pd.DataFrame:
    """The forms of every place: one row a place, indexed by ``place_id``."""
    table = data.load("toponyms").set_index("place_id")
    out = pd.DataFrame({"en": table["en"]})
    for key, column in _COLUMNS.items():
        out[key] = table[column]
    out["pair_az"] = table["pair_az"]
    out["pair_hy"] = table["pair_hy"]
    return out.fillna("")
