"""Build the book: check the sources, run the lessons that changed, write the pages.

    python -m lessons book [--fresh]

A warning is an error, and so is a failing cell; each is told in a sentence that names the file.
"""

import argparse
import contextlib
import io
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from lessons import notebooks
from lessons.book import execution_cache, execute

ROOT = Path(__file__).resolve().parents[3]
KEPT = 3
"""Caches of earlier states of package and data that stay, for the way back from a change."""


class NotBuilt(Exception):
    """Why there is no book, in sentences for the one who builds it."""


def _say(text: str) -> None:
    print(text, flush=True)


def _read_yaml(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        raise NotBuilt(f"{path.name} is missing: restore it with `git checkout {path.name}`.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise NotBuilt(f"{path.name}{line}, is not valid YAML ({getattr(error, 'problem', error)}): mend it.") from None


def pages(root: Path) -> list[Path]:
    """The source of each page in _toc.yml, in order; raises NotBuilt when one is missing."""
    toc = _read_yaml(root / "_toc.yml")
    try:
        names = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    except (KeyError, TypeError):
        raise NotBuilt("_toc.yml must have a root, and parts with chapters, each with a file: mend it.") from None
    found = []
    for name in names:
        sources = [root / f"{name}{suffix}" for suffix in (".md", ".ipynb")]
        source = next((path for path in sources if path.is_file()), None)
        if source is None:
            raise NotBuilt(f"_toc.yml lists {name}, but there is no {name}.md or {name}.ipynb: add it or take it out.")
        found.append(source)
    return found


def run_lessons(root: Path, fresh: bool = False) -> None:
    """Run the notebooks of the book that changed since they last ran, or all of them."""
    lessons = [path for path in pages(root) if path.suffix == ".ipynb"]
    faults = []
    for path in lessons:
        faults += notebooks.faults(path.relative_to(root), allow_outputs=True)
    if faults:
        raise NotBuilt("\n".join(faults))
    cache = execution_cache(root)
    if fresh:
        shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    cache.touch()
    for old in sorted(cache.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    failed = execute.run_notebooks(lessons, root, cache, _say)
    if failed:
        raise NotBuilt(
            "\n".join(f"{sentence}." for sentence in failed)
            + "\nMend the cell (`make lab` shows the whole error) and run `make book` again."
        )


def write_pages(root: Path, fresh: bool = False) -> None:
    """Let Jupyter Book write the pages from the lessons that ran; raises NotBuilt after a warning or an error."""
    # Slow to import, and not needed to say that a notebook is broken.
    from jupyter_book.cli.main import build

    arguments = [str(root), "-W", "--keep-going", "-q", *(["--all"] if fresh else [])]
    try:
        # What remains on the screen are the warnings, which go to the other stream.
        with contextlib.redirect_stdout(io.StringIO()):
            build.main(arguments, standalone_mode=False)
    except (SystemExit, RuntimeError) as error:
        if isinstance(error, SystemExit) and not error.code:
            return
        # A page with a warning counts as read: without this the next run would pass over it in silence.
        shutil.rmtree(root / "_build/.doctrees", ignore_errors=True)
        raise NotBuilt(
            "Each warning or error above names the page and line that it comes from: "
            "mend it and run `make book` again."
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Build the book; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons book", description="Build the book into _build/html.")
    parser.add_argument("--fresh", action="store_true", help="run every lesson and write every page anew")
    chosen = parser.parse_args(argv)
    start = time.monotonic()
    try:
        run_lessons(ROOT, chosen.fresh)
        _say("Pages: writing those that changed")
        write_pages(ROOT, chosen.fresh)
    except NotBuilt as error:
        print(f"The book was not built.\n{error}", file=sys.stderr)
        return 1
    _say(f"Book: {len(pages(ROOT))} pages in _build/html ({time.monotonic() - start:.0f} s)")
    return 0
