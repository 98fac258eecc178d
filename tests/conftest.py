"""Fixtures that several test files share."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from browser import launch, serving

BOOK = Path(__file__).parent.parent / "_build/html"


@pytest.fixture(scope="module")
def chromium():
    """A headless browser, one for each test file: its event loop must not be in the way of other tests."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="session")
def book() -> Path:
    """Folder of the built book."""
    if not (BOOK / "index.html").is_file():
        pytest.fail(f"there is no book in {BOOK}: build it with `make book SERVE=0`, or run `make test`")
    return BOOK


@pytest.fixture(scope="module")
def book_address(book):
    """Address at which the built book is served, on loopback; without a slash at its end."""
    with serving(book) as address:
        yield address
