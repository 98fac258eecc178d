"""Check how the notebooks are stored: readable, without outputs, each cell with an id of its own."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import nbformat
from nbformat.reader import NotJSONError

FOLDER = Path("notebooks")


def stored(folder: Path = FOLDER) -> list[Path]:
    """List the notebooks below `folder`, without the copies that JupyterLab keeps."""
    return sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def faults(path: Path, *, allow_outputs: bool = False) -> list[str]:
    """List what is wrong with the notebook at `path`, one sentence a fault; empty when all is well."""
    try:
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    except UnicodeDecodeError as error:
        return [f"{path} is not UTF-8 text (byte {error.start}): restore it with `git checkout {path}`."]
    except NotJSONError:
        return [f"{path} is not a readable notebook (broken JSON): mend it, or restore it with `git checkout {path}`."]
    if (notebook.get("nbformat"), notebook.get("nbformat_minor")) < (4, 5):
        return [f"{path} is in an older notebook format without cell ids: open and save it in `make lab`."]
    cells = notebook.cells
    no_id = sum("id" not in cell for cell in cells)
    if no_id:
        return [f"{path} has {no_id} cells without an id: open and save it in `make lab`."]
    twice = [name for name, times in Counter(cell.id for cell in cells).items() if times > 1]
    if twice:
        return [f"{path} has several cells with the id {', '.join(twice)}: give each cell an id of its own."]
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        words = str(error).splitlines()[0]
        return [f"{path} is not a valid notebook ({words}): mend it, or restore it with `git checkout {path}`."]
    ran = [cell.id for cell in cells if cell.get("outputs") or cell.get("execution_count") is not None]
    if ran and not allow_outputs:
        return [
            f"{path} stores the outputs of {len(ran)} cells: clear them with "
            f"`.venv/bin/jupyter nbconvert --clear-output --inplace {path}`."
        ]
    return []


def main(argv: list[str] | None = None) -> int:
    """Print the faults of all notebooks; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons check-notebooks", description=__doc__)
    parser.add_argument("--allow-outputs", action="store_true", help="let pass what a run in JupyterLab has left")
    chosen = parser.parse_args(argv)
    paths = stored()
    if not paths:
        print(f"There is no notebook in {FOLDER.resolve()}: run this where the Makefile is.", file=sys.stderr)
        return 1
    found = [fault for path in paths for fault in faults(path, allow_outputs=chosen.allow_outputs)]
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        return 1
    print(f"Notebooks: {len(paths)}, all well")
    return 0
