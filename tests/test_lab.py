"""A student opens a lesson in a real JupyterLab, runs it and moves a widget."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from browser import visit
from lessons.widgets.explorer import BOOK

ROOT = Path(__file__).parents[1]
LESSON = "04-the-pie-that-ate-102"

pytestmark = pytest.mark.xdist_group("lab")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab on loopback over a copy of the lessons; gives its address."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns("assignments", ".ipynb_checkpoints"))
    # Every cell is in the page, so that a test need not scroll to find it.
    settings_of_notebooks = folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings_of_notebooks.parent.mkdir(parents=True)
    settings_of_notebooks.write_text('{"windowingMode": "none"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "ServerApp.root_dir": folder, "ServerApp.ip": "127.0.0.1", "ServerApp.port": port, "ServerApp.open_browser": False,
        "IdentityProvider.token": "", "ServerApp.allow_root": True, "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate", "LabApp.user_settings_dir": folder / "settings",
    }
    command = [sys.executable, "-m", "jupyter", "lab", *(f"--{name}={value}" for name, value in settings.items())]
    own = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "share"), "JUPYTER_RUNTIME_DIR": str(folder / "run")}
    # A test that builds the book may have left its word in the environment; a student has none.
    student = {name: value for name, value in os.environ.items() if name != BOOK}
    log = (folder / "lab.log").open("w")
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=student | own)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "lab.log").read_text()[-2000:]
                time.sleep(0.5)
        else:
            pytest.fail(f"JupyterLab did not start:\n{(folder / 'lab.log').read_text()[-2000:]}")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def test_a_lesson_runs_in_jupyterlab_and_its_widget_answers_the_keyboard(chromium, lab):
    with visit(chromium, f"{lab}/lab/tree/notebooks/{LESSON}.ipynb") as opened:
        page = opened.page
        page.get_by_role("menuitem", name="Run", exact=True).wait_for(timeout=60_000)
        # Before the kernel is there, JupyterLab passes over what it is asked to run.
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        board = page.locator(".aras-board")
        fault = page.locator(".jp-RenderedText[data-mime-type$=error]")
        board.or_(fault).first.wait_for(timeout=90_000)
        assert fault.all_text_contents() == []
        board.scroll_into_view_if_needed()
        before = board.locator("[role=status]").text_content()
        tick = board.locator(".aras-ticks input").first
        tick.focus()
        page.keyboard.press("Space")
        page.wait_for_function("([node, text]) => node.textContent !== text", arg=[board.locator("[role=status]").element_handle(), before])
        assert re.search(r"add up to [\d.]+ %", board.locator("[role=status]").text_content())
        assert not tick.is_checked()

        # This one asks the kernel: only the state that is looked at has been drawn.
        explorer = page.locator(".aras-explorer").first
        explorer.scroll_into_view_if_needed()
        picture = explorer.locator("img.aras-picture")
        first = picture.get_attribute("alt")
        explorer.locator("input[type=range]").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("([node, text]) => node.alt !== text", arg=[picture.element_handle(), first])
        assert explorer.locator(".aras-twin tbody tr").count() == 2
        assert opened.refused == []


def test_jupyterlab_offers_no_news_from_the_network(chromium, lab):
    with visit(chromium, f"{lab}/lab") as opened:
        opened.page.get_by_role("menuitem", name="Run", exact=True).wait_for(timeout=60_000)
        opened.page.wait_for_timeout(3000)
        assert opened.page.get_by_text("official Jupyter news").count() == 0
        assert opened.refused == []
