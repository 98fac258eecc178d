"""Measure the book against a stock Jupyter Book of the same pages, in one run.

    python -m lessons bench [--rounds 3]

Prints how long a build takes from nothing and with nothing changed, and what each page weighs,
asks of other hosts and takes until its widgets answer: ours, stock, and the ratio of the two.
Figures are whole-process wall times and bytes; on a busy machine read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from lessons import browser, serve

ROOT = Path(__file__).resolve().parents[2]

#: What a stock Jupyter Book is given: the same pages, run and read in the same way, nothing of ours.
STOCK_CONFIG = {
    "title": "Across the Aras",
    "only_build_toc_files": True,
    "execute": {"execute_notebooks": "cache", "timeout": 180, "raise_on_error": True},
}


@dataclass
class PageCost:
    """What one page costs its reader: bytes with all it loads, other hosts, seconds to living widgets."""

    raw_kb: float
    gzipped_kb: float
    requests: int
    other_hosts: int
    ready_s: float


def _copy(folder: Path) -> Path:
    """A copy of what git tracks, so that the measured builds leave the reader's own alone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return folder


def _timed(command: Sequence[str], folder: Path) -> float:
    """Wall seconds of a command; ends the run with what it printed if it fails."""
    # Both builds draw every state of a widget, and both use the package of the copy.
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "LESSONS_BOOK": "1"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - start


def _builds(folder: Path, rounds: int) -> tuple[dict[str, tuple[float, float]], Path, Path]:
    """Seconds of a build from nothing and of one with nothing changed, (ours, stock); and both books."""
    ours, stock = _copy(folder / "ours"), _copy(folder / "stock")
    (stock / "_config.yml").write_text(yaml.safe_dump(STOCK_CONFIG), encoding="utf-8")
    commands: dict[str, Callable[[], float]] = {
        "ours": lambda: _timed([sys.executable, "-m", "lessons", "book"], ours),
        "stock": lambda: _timed([str(Path(sys.executable).with_name("jupyter-book")), "build", "."], stock),
    }
    cold: dict[str, list[float]] = {"ours": [], "stock": []}
    warm: dict[str, list[float]] = {"ours": [], "stock": []}
    for number in range(rounds):
        for name, build in commands.items():
            print(f"  round {number + 1} of {rounds}: {name}", flush=True)
            shutil.rmtree(folder / name / "_build", ignore_errors=True)
            cold[name].append(build())
            warm[name].append(build())
    seconds = {
        what: (statistics.median(taken["ours"]), statistics.median(taken["stock"]))
        for what, taken in {"from nothing": cold, "nothing changed": warm}.items()
    }
    return seconds, ours / "_build/html", stock / "_build/html"


def _page_cost(chromium, address: str) -> PageCost:
    """Open one page in a fresh context, every other host refused, and add up what it took."""
    from playwright.sync_api import TimeoutError

    home = urlsplit(address).netloc
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    bodies: list[bytes] = []
    others: set[str] = set()

    def guard(route) -> None:
        asked = urlsplit(route.request.url)
        if asked.scheme in ("data", "blob") or asked.netloc == home:
            route.continue_()
        else:
            others.add(asked.netloc)
            route.abort()

    context.route("**/*", guard)
    page.on("response", lambda answer: urlsplit(answer.url).netloc == home and answer.ok and bodies.append(answer.body()))
    start = time.perf_counter()
    page.goto(address, wait_until="load")
    if page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count():
        # A stock page never gets ready: its time is the limit.
        with contextlib.suppress(TimeoutError):
            page.wait_for_function("document.documentElement.dataset.arasReady !== undefined", timeout=5000)
    ready = time.perf_counter() - start
    page.wait_for_load_state("networkidle")
    context.close()
    return PageCost(
        raw_kb=sum(map(len, bodies)) / 1000,
        gzipped_kb=sum(len(gzip.compress(body, 6)) for body in bodies) / 1000,
        requests=len(bodies), other_hosts=len(others), ready_s=ready,
    )


def _pages(html: Path) -> dict[str, PageCost]:
    from playwright.sync_api import sync_playwright

    path = browser.find()
    if path is None:
        sys.exit(browser.MISSING)
    names = sorted(file.relative_to(html).as_posix() for part in ("book", "notebooks") for file in (html / part).glob("*.html"))
    with serve.start(html, port=0) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-background-networking"])
        costs = {name: _page_cost(chromium, f"http://{serve.HOST}:{server.server_port}/{name}") for name in names}
        chromium.close()
        server.shutdown()
    return costs


def _row(*cells: object) -> str:
    first, *rest = cells
    return f"{first!s:<40}" + "".join(f"{cell:>14}" for cell in rest)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons bench", description="Measure the book against a stock build.")
    parser.add_argument("--rounds", type=int, default=1, help="builds of each kind; the median is printed (default 1)")
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        print("Building the same pages with this course's build and with stock jupyter-book:")
        seconds, ours, stock = _builds(Path(folder), chosen.rounds)
        print("\n" + _row("build, seconds", "ours", "stock", "ours / stock"))
        for what, (mine, theirs) in seconds.items():
            print(_row(what, f"{mine:.1f}", f"{theirs:.1f}", f"{mine / theirs:.2f}"))
        mine, theirs = _pages(ours), _pages(stock)
        print("\n" + _row("page, KB gzipped with all it loads", "ours", "stock", "ours / stock", "ours raw KB"))
        for name, cost in mine.items():
            other = theirs[name]
            print(_row(name, f"{cost.gzipped_kb:.0f}", f"{other.gzipped_kb:.0f}", f"{cost.gzipped_kb / other.gzipped_kb:.2f}", f"{cost.raw_kb:.0f}"))
        print("\n" + _row("page, requests and other hosts asked", "ours", "stock", "hosts, ours", "hosts, stock"))
        for name, cost in mine.items():
            print(_row(name, cost.requests, theirs[name].requests, cost.other_hosts, theirs[name].other_hosts))
        print("\n" + _row("page, seconds until its widgets answer", "ours", "stock"))
        for name, cost in mine.items():
            dead = theirs[name].ready_s > 5 and cost.ready_s < 5
            print(_row(name, f"{cost.ready_s:.2f}", "never" if dead else f"{theirs[name].ready_s:.2f}"))
    return 0
