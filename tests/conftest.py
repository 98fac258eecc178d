"""Fixtures that several test files share."""

import pytest
from playwright.sync_api import sync_playwright

from browser import launch


@pytest.fixture(scope="module")
def chromium():
    """A headless browser, one for each test file: its event loop must not be in the way of other tests."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()
