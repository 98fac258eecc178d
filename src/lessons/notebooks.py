"""Check how the notebooks are stored: readable, without outputs, each cell with an id of its own."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import nbformat

FOLDER = Path("notebooks")


def stored(folder: Path = FOLDER) -> list[Path]:
    """List the notebooks below `folder`, without the copies that JupyterLab keeps."""
    return sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def faults(path: Path, *, allow_outputs: bool = False) -> list[str]:
    """List what is wrong with the notebook at `path`, one sentence a fault; empty when all is well.

    `allow_outputs` lets pass what a run in JupyterLab has left: a book can be built from it all the same.
    """
    repair = f"mend it, or restore it with `git checkout {path}`."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        return [f"{path} is not UTF-8 text (byte {error.start}): {repair}"]
    except json.JSONDecodeError as error:
        return [f"{path} is not a readable notebook (broken JSON at line {error.lineno}): {repair}"]
    version = [content.get(key) for key in ("nbformat", "nbformat_minor")] if isinstance(content, dict) else []
    if not version or not all(isinstance(number, int) for number in version):
        return [f"{path} is not a notebook: {repair}"]
    if version < [4, 5]:
        return [f"{path} is in an older notebook format, without cell ids: open and save it in `make lab`."]
    cells = content.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        return [f"{path} is not a valid notebook (no list of cells): {repair}"]
    # before validate, which would give such cells new ids at each reading
    if not all(isinstance(cell.get("id"), str) for cell in cells):
        return [f"{path} has cells without an id: open and save it in `make lab`."]
    twice = [name for name, times in Counter(cell["id"] for cell in cells).items() if times > 1]
    if twice:
        return [f"{path} has several cells with the id {', '.join(twice)}: give each cell an id of its own."]
    try:
        nbformat.validate(content)
    except nbformat.ValidationError as error:
        return [f"{path} is not a valid notebook ({str(error).splitlines()[0]}): {repair}"]
    ran = [cell for cell in cells if cell.get("outputs") or cell.get("execution_count") is not None]
    if ran and not allow_outputs:
        return [
            f"{path} stores the outputs of {len(ran)} of its cells: clear them with "
            f"`.venv/bin/jupyter nbconvert --clear-output --inplace {path}`."
        ]
    return []


def main(argv: list[str] | None = None) -> int:
    """Print the faults of all notebooks; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons check-notebooks", description=__doc__)
    parser.parse_args(argv)
    paths = stored()
    if not paths:
        print(f"There is no notebook in {FOLDER.resolve()}: run this where the Makefile is.", file=sys.stderr)
        return 1
    found = [fault for path in paths for fault in faults(path)]
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        return 1
    print(f"Notebooks: {len(paths)}, all well")
    return 0
