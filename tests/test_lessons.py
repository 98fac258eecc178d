"""Every lesson runs from top to bottom without a network, and keeps what it promises its learner."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from lessons import data
from lessons.widgets.quiz import items

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))

# Refuses what Python code asks of any machine but this one; the kernel's own sockets are not Python's.
NO_NETWORK = """
import socket
_connect = socket.socket.connect
def _loopback_only(self, address):
    if self.family != socket.AF_UNIX and not str(address[0]).startswith(("127.", "::1", "localhost")):
        raise OSError(f"a lesson asked the network for {address}")
    return _connect(self, address)
socket.socket.connect = _loopback_only
socket.getaddrinfo = lambda host, *rest, **more: (_ for _ in ()).throw(OSError(f"a lesson asked for the address of {host}"))
"""

SOLUTION = re.compile(r"<details>\s*<summary>[^<]*solution[^<]*</summary>.*?```python\n(.*?)```", re.S | re.I)
READING_WORDS_PER_MINUTE = 200

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@cache
def read(lesson: Path) -> nbformat.NotebookNode:
    return nbformat.read(lesson, as_version=4)


def prose(lesson: Path) -> str:
    return "\n\n".join(cell.source for cell in read(lesson).cells if cell.cell_type == "markdown")


def code(lesson: Path) -> list[str]:
    return [cell.source for cell in read(lesson).cells if cell.cell_type == "code"]


def shown_items(lesson: Path) -> list[str]:
    """Ids of the quiz items that the lesson shows, in order."""
    return re.findall(r'quiz\(\s*"([\w-]+)"', "\n".join(code(lesson)))


def run(cells: list[nbformat.NotebookNode], folder: Path) -> list[nbformat.NotebookNode]:
    guard = nbformat.v4.new_code_cell(NO_NETWORK)
    notebook = nbformat.v4.new_notebook(cells=[guard, *cells])
    NotebookClient(notebook, timeout=180, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return notebook.cells[1:]


@each_lesson
def test_it_runs_from_top_to_bottom_without_a_network_and_its_solutions_work(lesson):
    cells = []
    for cell in read(lesson).cells:
        cells.append(cell.copy())
        if cell.cell_type == "markdown":
            cells += [nbformat.v4.new_code_cell(solution) for solution in SOLUTION.findall(cell.source)]
    done = run(cells, lesson.parent)
    figures = [
        html
        for cell in done if cell.cell_type == "code"
        for output in cell.outputs
        if "aras-figure" in (html := output.get("data", {}).get("text/html", ""))
    ]
    assert figures, "a lesson has at least one still figure"
    for figure in figures:
        alt = re.search(r' alt="([^"]*)"', figure)[1]
        name = re.search(r'<figure class="aras-figure" id="([^"]*)"', figure)[1]
        assert len(alt.split()) >= 8, f"{name}: the alternative text says too little: {alt!r}"
        assert re.fullmatch(rf"fig-{lesson.name[:2]}-[a-z0-9-]+", name), name
    noisy = [output.text for cell in done if cell.cell_type == "code" for output in cell.outputs if output.get("name") == "stderr"]
    assert not noisy, f"a learner would meet a warning: {noisy[0][:300]}"


@each_lesson
def test_it_opens_with_its_question_objectives_minutes_and_the_learners_guess(lesson):
    text = prose(lesson)
    assert len(re.findall(r"^# ", text, re.M)) == 1
    assert re.search(r"^\*\*[^*]+\?\*\*$", text, re.M), "the guiding question stands in bold on a line of its own"
    assert stated_minutes(lesson)
    objectives = re.search(r"^## What you will be able to do\n(.*?)(?=^## )", text, re.M | re.S)[1]
    lines = re.findall(r"^[-*\d].*$", objectives, re.M)
    assert 3 <= len(lines) <= 5
    checks = items(lesson.name[:2])
    for line in lines:
        tested = re.findall(r"check (\d\d-[\w-]+)", line)
        assert tested or re.search(r"task a\d [\w-]+", line), f"this objective names nothing that tests it: {line}"
        assert all(identifier in checks for identifier in tested), line
    first_figure = next(i for i, source in enumerate(code(lesson)) if "figures.new" in source or "Atlas(" in source)
    guesses = [i for i, source in enumerate(code(lesson)) for identifier in re.findall(r'quiz\(\s*"([\w-]+)"', source)
               if checks[identifier]["kind"] == "predict"]
    assert guesses and guesses[0] < first_figure, "the learner predicts before the first figure"


@each_lesson
def test_it_follows_the_routine_and_closes_like_every_lesson(lesson):
    headings = re.findall(r"^## (.*)$", prose(lesson), re.M)
    for word in ("Source", "Place", "Count", "Compare", "Judge"):
        assert any(word.lower() in heading.lower() for heading in headings), f"no section for: {word}"
    closing = [
        "Check yourself", "What the sources disagree about", "What this notebook cannot show",
        "Key points", "Talk about it", "Data and sources", "Next",
    ]
    assert [heading for heading in headings if heading in closing] == closing
    talk = re.search(r"^## Talk about it\n(.*?)(?=^## )", prose(lesson), re.M | re.S)[1]
    assert len(re.findall(r"^\d\.", talk, re.M)) == 3


@each_lesson
def test_it_shows_every_item_of_its_file_once_and_four_to_six_are_checks(lesson):
    known = items(lesson.name[:2])
    assert sorted(shown_items(lesson)) == sorted(known)
    assert 4 <= sum(item["kind"] == "check" for item in known.values()) <= 6


@each_lesson
def test_each_exercise_has_a_folded_solution(lesson):
    exercises = re.findall(r"^#+ (?:Your turn|Exercise).*$|^\*\*(?:Your turn|Exercise)", prose(lesson), re.M)
    assert len(exercises) >= 3
    assert len(SOLUTION.findall(prose(lesson))) == len(exercises)


def stated_minutes(lesson: Path) -> int:
    return int(re.search(r"(\d+) minutes", prose(lesson))[1])


@each_lesson
def test_it_can_be_read_in_the_stated_time(lesson):
    # Nobody reads tags or the addresses of links.
    words = len(re.findall(r"\w+", re.sub(r"<[^>]+>|\]\([^)]*\)", " ", prose(lesson))))
    needed = words / READING_WORDS_PER_MINUTE + len(code(lesson))
    assert 0.6 * stated_minutes(lesson) <= needed <= 1.05 * stated_minutes(lesson)


@each_lesson
def test_its_terms_are_linked_to_the_glossary(lesson):
    known = set(data.load("glossary")["term_id"])
    linked = re.findall(r"\]\(\.\./book/glossary\.md#term-([\w-]+)\)", prose(lesson))
    assert len(linked) >= 3 and set(linked) <= known


@each_lesson
def test_its_notebook_is_stored_without_outputs_and_with_lasting_cell_names(lesson):
    for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert re.fullmatch(r"[a-z][a-z0-9-]{2,}", cell["id"]), f"{cell['id']!r} does not say what the cell is"


@each_lesson
def test_its_cells_fit_a_narrow_screen(lesson):
    for cell in read(lesson).cells:
        if cell.cell_type == "code" and not {"hide-input", "remove-input"} & {*cell.metadata.get("tags", [])}:
            long = [line for line in cell.source.splitlines() if len(line) > 79]
            assert not long, f"{cell.id}: {long[0]}"


@each_lesson
def test_it_needs_nothing_but_the_course_and_what_it_teaches(lesson):
    imported = set(re.findall(r"^\s*(?:from|import) ([\w.]+)", "\n".join(code(lesson)), re.M))
    allowed = {"lessons", "math", "re", "pandas", "geopandas", "shapely", "matplotlib", "matplotlib.pyplot", "networkx"}
    assert imported <= allowed


def test_the_network_guard_would_notice(tmp_path):
    asks = nbformat.v4.new_code_cell("import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)")
    with pytest.raises(CellExecutionError, match="asked (the network|for the address)"):
        run([asks], tmp_path)


@each_lesson
def test_its_items_are_described_with_the_data(lesson):
    package = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    file = f"checks/{lesson.stem}.toml"
    assert file in [resource["path"] for resource in package["resources"]]
    assert tomllib.loads((ROOT / "data" / file).read_text(encoding="utf-8"))
