"""Finds text that should have stayed secret: runs of words that two texts share."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

# A run of so many words in the same order is a copy, not a coincidence.
RUN = 8

# Files of a book in which text can be read.
TEXT_FILES = {".html", ".js", ".json", ".ipynb", ".txt", ".md", ".csv", ".toml", ".py", ".xml", ".svg"}

_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")


def runs(text: str) -> set[str]:
    """All runs of :data:`RUN` words in a text, without capitals, signs or line ends."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def readable(file: Path) -> list[str]:
    """The text of a file as a reader may meet it: as it stands, and without tags and escapes.

    Code in a page is cut up by tags that colour it; a notebook in a page has its line ends escaped.
    """
    text = _EMBEDDED.sub(" ", file.read_text(encoding="utf-8", errors="replace"))
    unescaped = re.sub(r"\\+[nrt]", " ", html.unescape(text))
    return [unescaped, html.unescape(_TAG.sub(" ", unescaped)), html.unescape(_TAG.sub("", unescaped))]


def find(secrets: dict[str, str], public: Iterable[str], files: Iterable[Path]) -> list[str]:
    """The places where secret text can be read: one sentence each.

    ``public`` is what everybody may read anyway, so runs of words in it are no leak.
    """
    allowed = set().union(*(runs(text) for text in public))
    hidden = {run: name for name, text in secrets.items() for run in runs(text) - allowed}
    places = []
    for file in files:
        shown = {run for text in readable(file) for run in hidden.keys() & runs(text)}
        places += [f"{file.name} shows, from {hidden[run]}: {run}" for run in sorted(shown)]
    return places


def text_files(folder: Path) -> list[Path]:
    """The files below a folder that can be read as text."""
    return sorted(file for file in folder.rglob("*") if file.suffix in TEXT_FILES and file.is_file())
