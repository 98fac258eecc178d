"""Building the book: what runs again and what does not, and what an author is told when something is wrong."""

import shutil
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from lessons import book
from lessons.book import build, execute

ROOT = Path(__file__).parent.parent


def notebook(*sources: str, title: str = "A lesson") -> nbformat.NotebookNode:
    """A notebook with a title and a code cell for each source."""
    cells = [nbformat.v4.new_markdown_cell(f"# {title}", id="title")]
    cells += [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources, start=1)]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def small_book(tmp_path, monkeypatch):
    """A book of one page and one lesson, with the settings and styles of the real one; the working folder."""
    shutil.copytree(ROOT / "book/_static", tmp_path / "book/_static")
    for name in ("_config.yml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("notebooks", "data/tables", "src/lessons"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/datapackage.json").write_text("{}", encoding="utf8")
    (tmp_path / "data/tables/small.csv").write_text("a\n1\n", encoding="utf8")
    (tmp_path / "book/welcome.md").write_text("# Welcome\n\nA formula: $\\frac{1}{2}$.\n", encoding="utf8")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/welcome\nparts:\n"
        "  - caption: Lessons\n    chapters:\n      - file: notebooks/00-one\n",
        encoding="utf8",
    )
    nbformat.write(notebook("print('ran', open('../data/tables/small.csv').read())"), tmp_path / "notebooks/00-one.ipynb")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    book.execution_key.cache_clear()
    yield tmp_path
    book.execution_key.cache_clear()


def test_a_second_run_runs_no_lesson_and_a_change_of_the_data_runs_it_again(small_book, capsys):
    assert build.main([]) == 0
    assert "Lessons: 1, of which 1 to run" in capsys.readouterr().out
    page = small_book / "_build/html/notebooks/00-one.html"
    assert "ran" in BeautifulSoup(page.read_text(encoding="utf8"), "html.parser").find("article").get_text()
    assert (small_book / "_build/html/data/tables/small.csv").is_file()
    assert "<mfrac>" in (small_book / "_build/html/book/welcome.html").read_text(encoding="utf8")

    assert build.main([]) == 0
    assert "of which 0 to run" in capsys.readouterr().out

    (small_book / "data/tables/small.csv").write_text("a\nchanged\n", encoding="utf8")
    book.execution_key.cache_clear()
    assert build.main([]) == 0
    assert "of which 1 to run" in capsys.readouterr().out
    assert "changed" in page.read_text(encoding="utf8")


def test_a_warning_fails_the_build_each_time_until_it_is_mended(small_book, capfd):
    page = small_book / "book/welcome.md"
    page.write_text("# Welcome\n\nSee [nothing](nothing.md) and $\\nonsense{1}$.\n", encoding="utf8")
    for _ in range(2):
        assert build.main([]) == 1
        said = capfd.readouterr().err
        assert "The book was not built." in said
        assert "welcome.md:3" in said
        assert "nothing.md" in said
        assert "nonsense" in said
    page.write_text("# Welcome\n", encoding="utf8")
    assert build.main([]) == 0


def test_a_failing_cell_is_named_and_the_other_lessons_still_run(small_book, capfd):
    nbformat.write(notebook("x = 1", "x / 0"), small_book / "notebooks/01-two.ipynb")
    nbformat.write(notebook("print('warned', file=__import__('sys').stderr)"), small_book / "notebooks/02-three.ipynb")
    toc = small_book / "_toc.yml"
    toc.write_text(toc.read_text() + "      - file: notebooks/01-two\n      - file: notebooks/02-three\n")
    assert build.main([]) == 1
    said = capfd.readouterr()
    assert 'notebooks/01-two.ipynb, cell 3 ("cell-2"), stops with ZeroDivisionError: division by zero.' in said.err
    assert "run `make book` again" in said.err
    assert "Traceback" not in said.err
    assert "ran     notebooks/00-one.ipynb" in said.out

    nbformat.write(notebook("x = 1"), small_book / "notebooks/01-two.ipynb")
    assert build.main([]) == 1
    said = capfd.readouterr()
    assert "of which 1 to run" in said.out
    assert "02-three.ipynb" in said.err, "what a lesson writes to stderr is a warning"


def test_a_cell_that_takes_too_long_is_named(small_book, capfd, monkeypatch):
    monkeypatch.setattr(execute, "TIMEOUT", 1)
    nbformat.write(notebook("import time; time.sleep(60)"), small_book / "notebooks/00-one.ipynb")
    assert build.main([]) == 1
    assert 'notebooks/00-one.ipynb, cell 2 ("cell-1"), ran for more than 1 seconds.' in capfd.readouterr().err


BROKEN = {
    "a notebook that is not JSON": (
        "notebooks/00-one.ipynb", '{"cells": [', "notebooks/00-one.ipynb is not a readable notebook"),
    "a table of contents that is not YAML": (
        "_toc.yml", "root: [book", "_toc.yml, line 1, is not valid YAML"),
    "a table of contents without parts": (
        "_toc.yml", "root: book/welcome\n", "_toc.yml must have a root, and parts with chapters"),
    "a page that is not there": (
        "_toc.yml", "root: book/nothing\nparts: []\n", "_toc.yml lists book/nothing, but there is no book/nothing.md"),
}


@pytest.mark.parametrize("name, content, sentence", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_said_in_a_sentence(small_book, capfd, name, content, sentence):
    (small_book / name).write_text(content, encoding="utf8")
    assert build.main([]) == 1
    said = capfd.readouterr().err
    assert said.startswith(f"The book was not built.\n{sentence}")
    assert "Traceback" not in said


def test_without_a_table_of_contents(small_book, capfd):
    (small_book / "_toc.yml").unlink()
    assert build.main([]) == 1
    assert "_toc.yml is missing: restore it with `git checkout _toc.yml`." in capfd.readouterr().err


def test_the_key_of_the_cache_follows_package_data_and_tools(small_book):
    def key() -> str:
        book.execution_key.cache_clear()
        return book.execution_key(small_book)

    seen = [key()]
    assert key() == seen[0]
    for name in ("src/lessons/maps.py", "src/lessons/widgets/atlas.js", "data/layers/rivers.parquet", "requirements.lock"):
        (small_book / name).parent.mkdir(parents=True, exist_ok=True)
        (small_book / name).write_text("changed", encoding="utf8")
        seen.append(key())
    assert len(set(seen)) == len(seen)
    for name in ("src/lessons/book/build.py", "data/make/layers.py", "src/lessons/__pycache__/maps.pyc"):
        (small_book / name).parent.mkdir(parents=True, exist_ok=True)
        (small_book / name).write_text("changed", encoding="utf8")
        assert key() == seen[-1]
