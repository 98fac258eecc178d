"""Quiz: one question whose every answer explains itself, or a prediction that is only kept."""

from __future__ import annotations

import html
import string
import tomllib
from difflib import get_close_matches

import traitlets

from lessons import data
from lessons.widgets.base import LessonWidget, pack


class Quiz(LessonWidget):
    """A self-check item or a prediction.

    ``item`` holds ``id``, ``kind`` ("check" or "predict"), ``question`` and ``choices``: texts,
    each with ``right`` and ``feedback`` for a check.  ``answer`` is the chosen index, -1 before.
    Write items in ``data/checks/<lesson>.toml`` and show them with :func:`quiz`.
    """

    _esm, _css = pack("quiz")

    item = traitlets.Dict().tag(sync=True)
    answer = traitlets.Int(-1).tag(sync=True)

    def static_html(self) -> str:
        lines = "".join(
            f"<li>{html.escape(choice['text'])}"
            + (f"<br><small>{html.escape(choice['feedback'])}</small>" if self.item["kind"] == "check" else "")
            + "</li>"
            for choice in self.item["choices"]
        )
        return f"<p>{html.escape(self.item['question'])}</p><ol>{lines}</ol>"


def items(lesson: str) -> dict[str, dict]:
    """The items of one lesson, by id; ``lesson`` is its two-digit number.

    Raises :class:`ValueError` if the file is missing or an item breaks a rule: every check has one
    right choice or more, and every choice explains itself; a prediction explains nothing.
    """
    files = sorted((data.folder() / "checks").glob(f"{lesson}-*.toml"))
    if len(files) != 1:
        raise ValueError(f"Lesson {lesson} should have one file data/checks/{lesson}-….toml; found {len(files)}.")
    read = tomllib.loads(files[0].read_text(encoding="utf-8"))
    for identifier, item in read.items():
        where = f"{files[0].name}, item {identifier}"
        if item.get("kind") not in ("check", "predict"):
            raise ValueError(f'{where}: kind must be "check" or "predict".')
        if not item.get("question") or len(item.get("choices", [])) < 2:
            raise ValueError(f"{where}: it needs a question and at least two choices.")
        for choice in item["choices"]:
            if item["kind"] == "check" and not (choice.get("feedback") and isinstance(choice.get("right"), bool)):
                raise ValueError(f"{where}: the choice {choice.get('text')!r} needs right = true or false, and a feedback.")
        if item["kind"] == "check" and not any(choice["right"] for choice in item["choices"]):
            raise ValueError(f"{where}: no choice is right.")
    return read


def quiz(identifier: str, **numbers: object) -> Quiz:
    """Show one item, for example ``quiz("03-areas", share=13.6)``.

    ``numbers`` fill the ``{names}`` in its texts, so that no figure is written twice.

    Raises
    ------
    ValueError
        If there is no such item (the near ones are listed) or a number is missing.
    """
    known = items(identifier.split("-")[0])
    if identifier not in known:
        near = get_close_matches(identifier, known, cutoff=0.3) or sorted(known)
        raise ValueError(f"There is no quiz item {identifier!r}. Did you mean {', '.join(near)}?")
    item = known[identifier]

    def fill(text: str) -> str:
        needed = {field for _, field, _, _ in string.Formatter().parse(text) if field}
        if missing := needed - set(numbers):
            raise ValueError(f"The quiz item {identifier!r} needs the numbers {', '.join(sorted(missing))}.")
        return text.format(**numbers)

    choices = [
        {"text": fill(choice["text"])}
        | ({"right": choice["right"], "feedback": fill(choice["feedback"])} if item["kind"] == "check" else {})
        for choice in item["choices"]
    ]
    filled = {"id": identifier, "kind": item["kind"], "question": fill(item["question"]), "choices": choices}
    title = "Before you read on: your guess" if item["kind"] == "predict" else "Check yourself"
    return Quiz(title=title, name=f"check-{identifier}", item=filled)
