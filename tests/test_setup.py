"""Set-up: the pinned packages, the first run on a strange machine, and the commands behind make."""

import ast
import errno
import json
import os
import re
import socket
import stat
import subprocess
import sys
import threading
import tomllib
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from lessons import __main__ as commands
from lessons import bootstrap, browser, lock, notebooks, serve

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins():
    return lock.read_pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))


def program(folder: Path, name: str, script: str) -> Path:
    """Put a shell script where a program is looked for."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


# --- one set of packages, pinned


def test_environment_yml_is_what_the_lock_says(pins):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert text == lock.environment_text(pins), "run `make lock`"
    conda = yaml.safe_load(text)["dependencies"]
    listed = [Requirement(line) for line in conda[-1]["pip"] if not line.startswith("-e")]
    assert {(r.name, str(r.specifier)) for r in listed} == {(pin.name, f"=={pin.version}") for pin in pins}
    assert conda[-1]["pip"][-1] == "-e ."


def test_every_dependency_of_the_course_is_pinned_once_and_in_range(project, pins):
    versions = {pin.name: pin.version for pin in pins}
    assert len(versions) == len(pins)
    for line in project["project"]["dependencies"]:
        wanted = Requirement(line)
        assert wanted.name in versions, f"{wanted.name} is not in requirements.lock: run `make lock`"
        assert wanted.specifier.contains(versions[wanted.name]), f"{line} is not met: run `make lock`"


def test_every_pin_has_hashes(pins):
    assert [pin.name for pin in pins if not pin.hashes] == []
    assert all(value.startswith("sha256:") for pin in pins for value in pin.hashes)


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml", "pyproject.toml"])
def test_no_address_of_a_package_index_is_written_down(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


def test_the_pythons_of_set_up_are_those_of_the_project(project):
    allowed = SpecifierSet(project["project"]["requires-python"])
    minors = [minor for minor in range(6, 30) if allowed.contains(f"3.{minor}.0")]
    assert [(3, minors[0]), (3, minors[-1])] == [bootstrap.OLDEST, bootstrap.NEWEST]
    assert allowed.contains(f"{lock.CONDA_PYTHON}.0")


def test_one_version_everywhere(project):
    version = project["project"]["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == version
    assert re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[1] == version
    assert f"(version {version})" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


# --- the first run


def test_an_old_python_can_read_the_set_up():
    source = Path(bootstrap.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= sys.stdlib_module_names


def answering(implementation: str, version: str, complete: str = "complete") -> str:
    return f"echo '{implementation}|{version}|{complete}|/opt/python'"


@pytest.mark.parametrize(
    ("pythons", "says"),
    [
        ({}, "no python3 was found"),
        ({"python3": answering("CPython", "3.8.18")}, "this machine has CPython 3.8.18 at /opt/python"),
        ({"python3": answering("CPython", "3.14.0")}, "CPython 3.14.0"),
        ({"python3": answering("PyPy", "3.11.9")}, "PyPy 3.11.9"),
        ({"python3": "exit 127"}, "no python3 was found"),
        ({"python3": answering("CPython", "3.11.2", "incomplete")}, "sudo apt-get install python3.11-venv"),
    ],
)
def test_a_machine_without_a_fitting_python_is_told_what_to_do(tmp_path, monkeypatch, pythons, says):
    for name, script in pythons.items():
        program(tmp_path, name, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bootstrap.SetupError, match=re.escape(says)) as told:
        bootstrap.choose()
    assert "install" in str(told.value)


def test_a_fitting_python_is_found_behind_an_old_one(tmp_path, monkeypatch):
    program(tmp_path, "python3", answering("CPython", "3.9.6"))
    program(tmp_path, "python3.13", "exit 127")
    program(tmp_path, "python3.12", answering("CPython", "3.12.1", "incomplete"))
    program(tmp_path, "python3.11", answering("CPython", "3.11.7"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.choose().version == "3.11.7"


def test_the_python_that_was_asked_for_is_the_only_one_tried(tmp_path, monkeypatch):
    program(tmp_path, "python3", answering("CPython", "3.12.1"))
    mine = program(tmp_path, "mine", answering("CPython", "3.10.0"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bootstrap.SetupError, match="CPython 3.10.0"):
        bootstrap.choose(str(mine))
    with pytest.raises(bootstrap.SetupError, match="/nowhere/python does not start"):
        bootstrap.choose("/nowhere/python")


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("error: Failed to fetch\n  Caused by: dns error", "connect to the internet"),
        ("Failed to establish a new connection: [Errno 111] Connection refused", "connect to the internet"),
        ("error: Hash mismatch for `six==1.17.0`", "differs from its hash"),
        ("Failed to fetch: invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("Permission denied (os error 13)", "yours to write in"),
    ],
)
def test_a_known_failure_of_a_tool_becomes_one_sentence(output, says):
    sentence = bootstrap.explain(output)
    assert says in sentence
    assert "\n" not in sentence


def test_a_failing_tool_ends_set_up_with_what_it_said(tmp_path, capfd):
    with pytest.raises(bootstrap.SetupError, match="run the same command again"):
        bootstrap.run([sys.executable, "-c", "print('odd thing'); raise SystemExit(3)"], tmp_path)
    assert "odd thing" in capfd.readouterr().err


def test_bytecode_is_compiled_on_a_machine_that_forbids_it(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    bootstrap.run([sys.executable, "-c", "import sys; print('Bytecode', sys.dont_write_bytecode)"], tmp_path)
    assert "Bytecode False" in capfd.readouterr().out


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose set-up runs no tool: gives its folder and the list of what would have run."""
    for name in bootstrap.INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    ran = []

    def run(command, root):
        ran.append(command[1:])
        (root / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (root / ".venv/bin/python").touch()

    python = bootstrap.Interpreter("/opt/python", "3.12.1", "CPython", True)
    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setattr(bootstrap, "choose", lambda wanted=None: python)
    return tmp_path, ran


def test_set_up_works_once_and_again_only_when_something_changed(checkout):
    root, ran = checkout
    assert bootstrap.set_up(root)
    assert ran[0] == ["-m", "venv", "--clear", str(root / ".venv")]
    assert ["--require-hashes" in command for command in ran] == [False, True, True, False]
    assert "--compile-bytecode" in ran[2]
    ran.clear()
    assert not bootstrap.set_up(root)
    assert ran == []
    with (root / "requirements.lock").open("a") as text:
        text.write("# changed\n")
    assert bootstrap.set_up(root)
    assert "venv" not in ran[0], "the environment that is there is kept"


@pytest.mark.parametrize("damage", ["interrupted", "damaged stamp", "moved", "python gone"])
def test_an_environment_that_cannot_be_trusted_is_made_anew(checkout, damage):
    root, ran = checkout
    bootstrap.set_up(root)
    ran.clear()
    stamp = root / ".venv/aras-stamp.json"
    if damage == "interrupted":
        stamp.unlink()
    elif damage == "damaged stamp":
        stamp.write_text("{")
    elif damage == "moved":
        stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "root": "/elsewhere"}))
    else:
        (root / ".venv/bin/python").unlink()
    assert bootstrap.set_up(root)
    assert ran[0][:3] == ["-m", "venv", "--clear"]


def test_a_full_disk_and_a_missing_lock_are_told_before_anything_is_made(checkout, monkeypatch):
    root, ran = checkout
    usage = bootstrap.shutil.disk_usage(root)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: usage._replace(free=10**8))
    with pytest.raises(bootstrap.SetupError, match="needs 2.5 GB of disk space .* has 0.1 GB left"):
        bootstrap.set_up(root)
    (root / "requirements.lock").unlink()
    with pytest.raises(bootstrap.SetupError, match="git checkout requirements.lock"):
        bootstrap.set_up(root)
    assert ran == []


def test_an_error_of_the_file_system_is_one_sentence(monkeypatch, capsys):
    def full(root, wanted):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(bootstrap, "set_up", full)
    assert bootstrap.main([]) == 1
    assert capsys.readouterr().err.startswith("Set-up stopped. The disk is full")


# --- the commands


def test_every_command_has_its_module():
    assert [name for name, (module, _) in commands.COMMANDS.items() if find_spec(module) is None] == []


def test_an_unknown_command_names_those_there_are(capsys):
    with pytest.raises(SystemExit) as end:
        commands.main(["bok"])
    assert end.value.code == 2
    assert "'book'" in capsys.readouterr().err


def test_make_help_has_a_line_for_each_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split()
    # A make above this one, as in `make test`, would add its own lines.
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    told = subprocess.run(["make", "help"], cwd=ROOT, env=alone, capture_output=True, text=True, check=True).stdout
    assert sorted(line.split()[1] for line in told.splitlines()) == sorted(set(targets) - {"setup"})


@pytest.mark.parametrize(
    ("present", "installs"),
    [({"chromium": "echo Chromium 150"}, None), ({}, "apt-get install -y -qq --no-install-recommends chromium")],
)
def test_ci_installs_a_browser_only_when_there_is_none(tmp_path, present, installs):
    for name in ("bash", "dirname", "id"):
        found = bootstrap.shutil.which(name)
        (tmp_path / name).symlink_to(found)
    (tmp_path / "python3").symlink_to(Path(sys.executable).resolve())
    for name in ("apt-get", "sudo", "make"):
        program(tmp_path, name, f'echo {name} "$@"')
    for name, script in present.items():
        program(tmp_path, name, script)
    answer = subprocess.run(
        ["bash", ROOT / ".ci/run"], env={"PATH": str(tmp_path), "CI": "true"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.splitlines()[-1] == "make test"
    assert (installs in answer.stdout) if installs else ("apt-get" not in answer.stdout)
    assert os.access(ROOT / ".ci/run", os.X_OK)


# --- the browser of the tests


def test_a_browser_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    program(tmp_path, "chromium-browser", "echo 'install it with snap' >&2; exit 1")
    chrome = program(tmp_path, "google-chrome", "echo Google Chrome 150.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.system_browser() == str(chrome)


def test_no_browser_is_a_failure_that_says_what_to_install(monkeypatch, capsys):
    fetched = []
    monkeypatch.setattr(browser, "system_browser", lambda: None)
    monkeypatch.setattr(browser, "playwright_browser", lambda: "/cache/chrome" if len(fetched) > 1 else None)
    monkeypatch.setattr(browser, "fetch", lambda: fetched.append(True))
    assert browser.main([]) == 1
    assert "sudo apt-get install chromium" in capsys.readouterr().err
    assert browser.main([]) == 0, "the second fetch worked"
    assert browser.main(["--system-only"]) == 1
    assert len(fetched) == 2


# --- serving the book


@pytest.fixture
def page(tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html><title>Aras</title>")
    (tmp_path / "host.js").write_text("export {}")
    return tmp_path


def test_the_book_is_served_on_loopback_with_the_right_types(page):
    with serve.start(page, port=0) as server:
        assert server.server_address[0] == "127.0.0.1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        for name, kind in (("", "text/html; charset=utf-8"), ("host.js", "text/javascript")):
            with urllib.request.urlopen(f"{base}/{name}", timeout=5) as answer:
                assert answer.headers["Content-Type"] == kind
                assert answer.headers["Cache-Control"] == "no-cache"
        server.shutdown()


def test_a_taken_port_gives_way_to_a_free_one_unless_it_was_asked_for(page, monkeypatch, capsys):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        monkeypatch.setattr(serve, "USUAL_PORT", taken)
        with serve.start(page) as server:
            assert server.server_port != taken
        assert serve.main(["--directory", str(page), "--port", str(taken)]) == 1
    assert f"Port {taken} cannot be had" in capsys.readouterr().err


def test_serving_without_a_book_says_how_to_build_one(tmp_path, capsys):
    assert serve.main(["--directory", str(tmp_path)]) == 1
    assert "make book SERVE=0" in capsys.readouterr().err


# --- how notebooks are stored


def stored(folder: Path, without: str = "", **changes) -> Path:
    """Write a notebook that is sound but for its one cell: fields of it changed, or one left out."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", id="sum")])
    content = json.loads(nbformat.writes(notebook))
    content["cells"][0].update(changes)
    content["cells"][0].pop(without, None)
    path = folder / "lesson.ipynb"
    path.write_text(json.dumps(content))
    return path


def test_a_sound_notebook_has_no_fault(tmp_path):
    assert notebooks.faults(stored(tmp_path)) == []


def test_a_stored_output_is_a_fault_unless_it_is_allowed(tmp_path):
    path = stored(tmp_path, execution_count=3)
    (fault,) = notebooks.faults(path)
    assert "stores the outputs of 1 of its cells" in fault
    assert f"--clear-output --inplace {path}" in fault
    assert notebooks.faults(path, allow_outputs=True) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{ not json", "broken JSON"),
        (b"", "broken JSON"),
        (b"[1, 2]", "is not a notebook"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}', "older notebook format"),
        (b'{"worksheets": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}', "older notebook format"),
        (b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no list of cells"),
    ],
)
def test_a_broken_notebook_is_named_in_one_sentence(tmp_path, content, says):
    path = tmp_path / "lesson.ipynb"
    path.write_bytes(content)
    (fault,) = notebooks.faults(path)
    assert fault.startswith(f"{path} ")
    assert says in fault


def test_cell_ids_must_be_there_and_differ(tmp_path):
    assert "cells without an id" in notebooks.faults(stored(tmp_path, without="id"))[0]
    path = stored(tmp_path)
    content = json.loads(path.read_text())
    content["cells"] *= 2
    path.write_text(json.dumps(content))
    assert "several cells with the id sum" in notebooks.faults(path)[0]
    assert "not a valid notebook" in notebooks.faults(stored(tmp_path, source=7))[0]


def test_the_notebooks_of_the_course_are_stored_well(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert [fault for path in notebooks.stored() for fault in notebooks.faults(path)] == []
