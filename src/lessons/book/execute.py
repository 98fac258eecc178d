"""Run the lessons, several at once, into the cache that MyST-NB reads.

A lesson runs when its cells, the package, the data or the pinned tools have changed, and not otherwise.
"""

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

BOOK = "LESSONS_BOOK"
"""Environment variable that tells a widget to draw all its states now: in the book no Python is there to ask."""

TIMEOUT = 180
"""Seconds that one cell may take; the same in _config.yml."""


class Failed(Exception):
    """A cell failed; the message is one sentence that names the notebook and the cell."""


def _describe(name: str, index: int, cell: nbformat.NotebookNode, error: Exception) -> str:
    """One sentence about what stopped a notebook.

    >>> cell = nbformat.v4.new_code_cell("1 / 0", id="areas")
    >>> _describe("notebooks/03.ipynb", 4, cell, CellExecutionError("...", "ZeroDivisionError", "division by zero"))
    'notebooks/03.ipynb, cell 5 ("areas"), stops with ZeroDivisionError: division by zero'
    """
    where = f'{name}, cell {index + 1} ("{cell.get("id", "no id")}"),'
    if isinstance(error, CellTimeoutError):
        return f"{where} ran for more than {TIMEOUT} seconds"
    if isinstance(error, CellExecutionError):
        what = " ".join(f"{error.ename}: {error.evalue}".split())
        return f"{where} stops with {what}"
    return f"{where} ended its kernel, perhaps for want of memory"


async def _run(path: Path, name: str, cache: Path, say: Callable[[str], None]) -> None:
    notebook = nbformat.read(path, as_version=4)
    at = {"index": 0, "cell": nbformat.v4.new_code_cell()}
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        # The cache compares the metadata of cells too, and times are never the same.
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: at.update(index=cell_index, cell=cell),
        log=logging.getLogger("lessons.book.quiet"),
    )
    client.log.setLevel(logging.CRITICAL)
    say(f"  running {name}")
    start = time.monotonic()
    try:
        # A kernel warns on its own stderr that it talks on loopback without encryption; what a cell writes comes here.
        await client.async_execute(env={**os.environ, BOOK: "1"}, stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise Failed(_describe(name, at["index"], at["cell"], error)) from error
    seconds = time.monotonic() - start
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    get_cache(cache).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    say(f"  ran     {name} in {seconds:.0f} s")


def outdated(notebooks: Sequence[Path], cache: Path) -> list[Path]:
    """The notebooks that the cache has no run of."""
    known = get_cache(cache)

    def has_run(path: Path) -> bool:
        try:
            return bool(known.match_cache_notebook(nbformat.read(path, as_version=4)))
        except KeyError:
            return False

    return [path for path in notebooks if not has_run(path)]


def run_notebooks(notebooks: Sequence[Path], root: Path, cache: Path, say: Callable[[str], None]) -> list[str]:
    """Run what is outdated and keep it in `cache`; gives one sentence for each notebook that failed.

    A notebook runs in its own folder. The others go on when one fails.
    """
    waiting = outdated(notebooks, cache)
    say(f"Lessons: {len(notebooks)}, of which {len(waiting)} to run")
    if not waiting:
        return []
    # On a new machine the first import makes a list of fonts and says so, which would end up in a lesson.
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], capture_output=True, check=False)

    async def run_all() -> list[object]:
        places = asyncio.Semaphore(max(2, os.cpu_count() or 2))

        async def run_one(path: Path) -> None:
            async with places:
                await _run(path, path.relative_to(root).as_posix(), cache, say)

        return await asyncio.gather(*map(run_one, waiting), return_exceptions=True)

    results = asyncio.run(run_all())
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Failed):
            raise result
    return [str(result) for result in results if isinstance(result, Failed)]
