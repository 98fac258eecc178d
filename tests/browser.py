"""A real browser for the tests: headless Chromium that can reach nothing but the pages under test.

`visit` opens a page with every other host refused and notes what a reader would never see:
refused requests, errors in the console, failed answers.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route

from lessons import browser, serve

QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
"""Arguments that keep Chromium from asking its own servers; without --no-sandbox it does not start as root."""


def launch(playwright: Playwright) -> Browser:
    """Start the browser of this machine; fails with what to install when there is none."""
    path = browser.find()
    if path is None:
        pytest.fail(browser.MISSING)
    return playwright.chromium.launch(executable_path=path, args=QUIET)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, on a free port; gives the address without a slash at its end."""
    with serve.start(folder, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{serve.HOST}:{server.server_port}"
        server.shutdown()


SAME_LOT = "let seed = 1; Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;"
"""A page draws the order of names by lot for each reader; here it falls the same way each time."""


@dataclass
class Visit:
    """One opened page and what went wrong on it."""

    page: Page
    refused: list[str] = field(default_factory=list)
    """Addresses of other hosts that the page asked for."""
    complaints: list[str] = field(default_factory=list)
    """Errors of the console and uncaught errors of scripts."""
    missing: list[str] = field(default_factory=list)
    """Answers of the page's own server with a status of 400 or more."""
    loaded: list[str] = field(default_factory=list)
    """Addresses that the page loaded, itself among them."""


def wait_for_widgets(page: Page) -> int:
    """Wait until the host has mounted what the page has saved; gives the number of living views."""
    if page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count() == 0:
        return 0
    page.wait_for_function("document.documentElement.dataset.arasReady !== undefined", timeout=15_000)
    return int(page.evaluate("document.documentElement.dataset.arasReady"))


@contextmanager
def visit(chromium: Browser, url: str, *, width: int = 1280, height: int = 900, **options: object) -> Iterator[Visit]:
    """Open a page and wait for its widgets.

    `options` go to Playwright's `new_context`: color_scheme, reduced_motion, java_script_enabled, locale ...
    """
    home = urlsplit(url).netloc
    context = chromium.new_context(viewport={"width": width, "height": height}, **options)
    context.add_init_script(SAME_LOT)
    visit = Visit(context.new_page())

    def guard(route: Route) -> None:
        address = urlsplit(route.request.url)
        # data: and blob: are the page's own; file: is, when the page is a file.
        if address.scheme in ("data", "blob") or address.netloc == home:
            route.continue_()
        else:
            visit.refused.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = visit.page
    page.on("console", lambda message: message.type == "error" and visit.complaints.append(message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("response", lambda answer: visit.loaded.append(answer.url))
    page.on("response", lambda answer: answer.status >= 400 and visit.missing.append(answer.url))
    try:
        page.goto(url)
        if options.get("java_script_enabled", True):
            wait_for_widgets(page)
        yield visit
    finally:
        context.close()
