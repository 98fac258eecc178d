"""Instructor notebooks: their cells, what in them is secret, and submissions made from them."""

from __future__ import annotations

import copy
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import nbformat
from nbformat import NotebookNode

COURSE = Path(__file__).resolve().parents[2]
ASSIGNMENTS = COURSE / "notebooks" / "assignments"

_SECRET = re.compile(
    r"^[^\n]*BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)\n(.*?)^[^\n]*END \1$", re.MULTILINE | re.DOTALL
)

# Which libraries an answer begins with is no secret.
_IMPORT = re.compile(r"^\s*(import \w.*|from \S+ import .*)$", re.MULTILINE)


def source(name: str) -> NotebookNode:
    """The instructor version of an assignment."""
    return nbformat.read(ASSIGNMENTS / name / f"{name}.ipynb", as_version=4)


def variants(name: str) -> ModuleType:
    """The right and wrong answers kept beside an assignment."""
    spec = importlib.util.spec_from_file_location("variants", ASSIGNMENTS / name / "variants.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def marks(cell: NotebookNode) -> dict:
    """What nbgrader wrote on a cell; empty for a cell that it does not know."""
    return cell.metadata.get("nbgrader", {})


def by_id(nb: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by grade_id."""
    return {marks(cell)["grade_id"]: cell for cell in nb.cells if marks(cell).get("grade_id")}


def graded_tests(nb: NotebookNode) -> dict[str, list[NotebookNode]]:
    """The test cells that earn points, by task (the first part of the grade_id)."""
    tests: dict[str, list[NotebookNode]] = {}
    for grade_id, cell in by_id(nb).items():
        if marks(cell)["grade"] and marks(cell)["points"]:
            tests.setdefault(grade_id.split("-")[0], []).append(cell)
    return tests


def secrets(name: str) -> dict[str, str]:
    """Everything of an assignment that no student may read: solutions, hidden tests, mark schemes, variants."""
    found = {
        f"{cell.id}: {match[1].lower()}": match[2]
        for cell in source(name).cells
        for match in _SECRET.finditer(cell.source)
    }
    found["variants.py"] = (ASSIGNMENTS / name / "variants.py").read_text(encoding="utf-8")
    return {name: _IMPORT.sub("", text) for name, text in found.items()}


def public(name: str) -> str:
    """What of an assignment every student may read."""
    return "\n".join(_SECRET.sub("", cell.source) for cell in source(name).cells)


def filled_in(released: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """A released notebook with these answers, by grade_id or cell id."""
    nb = copy.deepcopy(released)
    for cell in nb.cells:
        key = marks(cell).get("grade_id", cell.id)
        if key in answers:
            cell.source = answers[key]
    return nb


def reference_answers(name: str) -> dict[str, str]:
    """The reference solution of every task, by grade_id."""
    return {grade_id: cell.source for grade_id, cell in by_id(source(name)).items() if marks(cell)["solution"]}
