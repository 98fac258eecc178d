"""Take out of the theme's style sheets what no page of this book can use.

The theme brings a whole toolkit and 2,000 icons, 400 KB that a browser has to read before it shows anything.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import tinycss2
from tinycss2 import ast

SHEETS = ("basic.css", "pygments.css", "styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css")
"""The sheets of the theme and of Sphinx, below _static."""

ICON_NAMES = re.compile(r'(--pst-icon-[\w-]+:)"[^"]*"')
"""Characters of the icon font that the theme puts before notes and links; without the font they are empty boxes."""


def words(folder: Path) -> set[str]:
    """Everything in the pages and scripts below `folder` that can be the name of a class or an id."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".js"):
            found.update(re.findall(r"[\w-]+", path.read_text(encoding="utf8")))
    return found


def _selectors(prelude: list[ast.Node]) -> list[list[ast.Node]]:
    """Cut the head of a rule at its commas."""
    parts: list[list[ast.Node]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _names(selector: list[ast.Node]) -> set[str]:
    """The classes and ids that an element must have; those within :is() and :not() are left aside."""
    classes = {after.value for dot, after in zip(selector, selector[1:]) if dot == "." and after.type == "ident"}
    return classes | {token.value for token in selector if token.type == "hash"}


def _kept(rules: Iterable[ast.Node], used: set[str]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            alive = [selector for selector in _selectors(rule.prelude) if _names(selector) <= used]
            if alive:
                head = ",".join(tinycss2.serialize(selector).strip() for selector in alive)
                yield f"{head}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, True, True), used))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type == "at-rule" and not (rule.lower_at_keyword == "font-face" and "Awesome" in rule.serialize()):
            yield rule.serialize()


def trim(sheet: str, used: set[str]) -> str:
    """Drop the rules whose classes and ids are not among the `used` words, and the fonts of the icons.

    >>> trim(".a,.b .c{x:1}.b:not(.z){x:2}@media print{.b{x:3}}p{x:4}", {"a"})
    '.a{x:1}p{x:4}'
    """
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return ICON_NAMES.sub(r'\1""', "".join(_kept(rules, used)))


def trim_theme(out: Path) -> None:
    """Trim the style sheets of the built book in `out`."""
    used = words(out)
    for name in SHEETS:
        path = out / "_static" / name
        path.write_text(trim(path.read_text(encoding="utf8"), used), encoding="utf8")
