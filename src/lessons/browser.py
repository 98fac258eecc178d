"""Find the browser that the tests drive: the system's own, or the one playwright fetches."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

#: names on the PATH, then the places where macOS keeps its programs
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "No browser for the tests: install Chromium or Google Chrome "
    "(Debian: sudo apt-get install chromium; macOS: brew install --cask chromium) and run `make test` again."
)


def starts(path: str) -> bool:
    """Tell whether the program at `path` starts and says its version.

    Ubuntu's `chromium-browser` may be only a note that tells how to install it.
    """
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and b"Chrom" in answer.stdout


def system_browser() -> str | None:
    """Give the path of the Chromium or Chrome of this machine, or None."""
    installed = [path for path in map(shutil.which, COMMANDS) if path]
    installed += [path for path in APPLICATIONS if Path(path).exists()]
    return next(filter(starts, installed), None)


def playwright_browser() -> str | None:
    """Give the path of the Chromium that playwright has fetched, or None."""
    from playwright.sync_api import sync_playwright  # .ci/run asks for the system's browser before this is installed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if starts(path) else None


def fetch() -> None:
    """Let playwright download its Chromium; whether that worked, `playwright_browser` tells."""
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            # what it prints of a failure is a list of its own functions: MISSING says it better
            if re.match(r"Downloading|\|", line):
                print("    " + line.rstrip(), flush=True)


def find() -> str | None:
    """Give the path of a browser for the tests, or None; fetches nothing."""
    return system_browser() or playwright_browser()


def main(argv: list[str] | None = None) -> int:
    """Print the path of a browser, fetching one when there is none; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons browser", description=__doc__)
    parser.add_argument("--system-only", action="store_true", help="look for the system's browser and fetch none")
    chosen = parser.parse_args(argv)
    if chosen.system_only:
        path = system_browser()
    else:
        path = find()
        if path is None:
            print("No Chromium or Chrome on this machine: asking playwright for its own ...", flush=True)
            fetch()
            path = playwright_browser()
    if path is None:
        print(MISSING, file=sys.stderr)
        return 1
    print(f"Browser: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
