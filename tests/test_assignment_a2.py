"""Assignment a2: its cells, the proof that its tests grade right, its whole life in nbgrader, and what leaks."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import ClearSolutions

from grade import leaks, run_cells
from grade.course import Course
from grade.notebook import (
    ASSIGNMENTS, by_id, filled_in, marks, public, reference_answers, secrets, source, graded_tests, variants,
)

NAME = "a2-background"
TASKS = {"order": 10, "area": 15, "share": 10, "total": 15, "parse": 10}
BY_A_PERSON = {"redesign-task": 20, "twenty-task": 20}

RIGHT = [(task, name) for task, answers in variants(NAME).RIGHT.items() for name in answers]
WRONG = [(task, name) for task, answers in variants(NAME).WRONG.items() for name in answers]


# The cells


def test_points_add_up_to_100_and_are_those_that_students_read():
    nb = source(NAME)
    counted = {task: sum(marks(cell)["points"] for cell in cells) for task, cells in graded_tests(nb).items()}
    by_hand = {grade_id: marks(cell)["points"] for grade_id, cell in by_id(nb).items() if marks(cell)["task"]}
    assert counted == TASKS
    assert by_hand == BY_A_PERSON
    assert sum(TASKS.values()) + sum(BY_A_PERSON.values()) == 100
    statements = [cell.source for cell in nb.cells if cell.source.startswith("## Task")]
    said = [int(re.search(r"^\*(\d+) points, \d+ minutes", text, re.MULTILINE)[1]) for text in statements]
    assert said == [*TASKS.values(), *BY_A_PERSON.values()]
    in_table = re.findall(r"^\| \d \| .* \| (\d+) \| \w", nb.cells[0].source, re.MULTILINE)
    assert [int(points) for points in in_table] == said
    for cell in sum(graded_tests(nb).values(), []):
        assert f", {marks(cell)['points']} points" in cell.source.splitlines()[0], cell.id


def test_cells_are_marked_so_that_nbgrader_can_grade_every_student():
    for cell in source(NAME).cells:
        kind = marks(cell)
        if not kind:
            assert "BEGIN " not in cell.source, f"{cell.id} holds something secret and is no nbgrader cell"
            continue
        assert kind["grade_id"] == cell.id
        assert re.fullmatch(r"[a-z]+-[a-z-]+", cell.id), cell.id
        if kind["task"]:
            assert kind["locked"], f"{cell.id}: a task cell that is not locked fails every student"
        elif kind["grade"]:
            assert kind["locked"] and cell.cell_type == "code" and not kind["solution"]
        else:
            assert kind["solution"] and cell.cell_type == "code"
        if "BEGIN MARK SCHEME" in cell.source:
            assert kind["task"], f"{cell.id}: a mark scheme is cleared from task cells only"


def test_a_deleted_test_can_be_put_back():
    """nbgrader puts it after the cell before it, which must be an answer or another test."""
    nb = source(NAME)
    known = [cell for cell in nb.cells if marks(cell)]
    for before, cell in zip(known, known[1:]):
        if marks(cell)["grade"]:
            assert marks(before)["grade"] or marks(before)["solution"], cell.id


def test_every_test_is_either_shown_whole_or_hidden_whole_and_both_kinds_are_there():
    for task, cells in graded_tests(source(NAME)).items():
        hidden = [cell for cell in cells if cell.id.endswith("-hidden")]
        shown = [cell for cell in cells if cell not in hidden]
        assert shown and hidden, task
        assert not any("HIDDEN TESTS" in cell.source for cell in shown)
        for cell in hidden:
            first, begin, *_, end = cell.source.splitlines()
            assert first.startswith("# Out of sight") and "BEGIN HIDDEN TESTS" in begin and "END HIDDEN TESTS" in end
    for cell in source(NAME).cells:
        if cell.source.startswith("## Task"):
            assert "*Checked out of sight:*" in cell.source, cell.id


def test_the_schedule_gives_an_offset():
    schedule = tomllib.loads((ASSIGNMENTS / "schedule.toml").read_text(encoding="utf-8"))
    assert schedule[NAME]["due"].tzinfo is not None


# The proof


def job(name: str, task: str, answer: str | None) -> dict:
    cells = [] if answer is None else [{"source": answer}]
    tests = [{"source": cell.source, "points": marks(cell)["points"]} for cell in graded_tests(source(NAME))[task]]
    return {"name": name, "cells": cells + tests}


@pytest.fixture(scope="module")
def proof() -> dict[str, list[dict]]:
    """What every variant earns, test by test."""
    reference = reference_answers(NAME)
    stubs, _ = ClearSolutions().preprocess(source(NAME), {})
    jobs = []
    for task in TASKS:
        jobs.append(job(f"{task}: reference", task, reference[f"{task}-answer"]))
        jobs.append(job(f"{task}: blank", task, by_id(stubs)[f"{task}-answer"].source))
        jobs.append(job(f"{task}: deleted", task, None))
    look = {"source": by_id(source(NAME))["redesign-figure"].source, "points": 0}
    for name, answer in {"reference": reference["redesign-answer"], "blank": by_id(stubs)["redesign-answer"].source}.items():
        jobs.append({"name": f"redesign: {name}", "cells": [{"source": answer}, look]})
    answers = variants(NAME)
    jobs += [job(f"{task}: {name}", task, answers.RIGHT[task][name]) for task, name in RIGHT]
    jobs += [job(f"{task}: {name}", task, answers.WRONG[task][name]) for task, name in WRONG]
    return run_cells.run(jobs)


def earned(results: list[dict]) -> float:
    return sum(result["points"] for result in results)


@pytest.mark.xdist_group("a2")
@pytest.mark.parametrize("task", TASKS)
def test_the_reference_is_full_and_blank_and_deleted_are_zero(proof, task):
    assert earned(proof[f"{task}: reference"]) == TASKS[task], proof[f"{task}: reference"]
    assert earned(proof[f"{task}: blank"]) == 0
    assert earned(proof[f"{task}: deleted"]) == 0
    assert all("is not written yet" in result["message"] for result in proof[f"{task}: blank"] if result["message"])


@pytest.mark.xdist_group("a2")
def test_the_reference_figure_can_be_read_and_a_missing_one_is_noticed(proof):
    assert proof["redesign: reference"][0]["message"] == ""
    assert "redesign is not written yet" in proof["redesign: blank"][0]["message"]


@pytest.mark.xdist_group("a2")
@pytest.mark.parametrize(("task", "name"), RIGHT)
def test_another_right_answer_keeps_every_point(proof, task, name):
    assert earned(proof[f"{task}: {name}"]) == TASKS[task], proof[f"{task}: {name}"]


@pytest.mark.xdist_group("a2")
@pytest.mark.parametrize(("task", "name"), WRONG)
def test_a_wrong_answer_loses_points(proof, task, name):
    assert earned(proof[f"{task}: {name}"]) < TASKS[task]


@pytest.mark.parametrize("task", TASKS)
def test_enough_variants_are_kept(task):
    answers = variants(NAME)
    assert len(answers.WRONG[task]) >= 5 and any(name.startswith("hard-coded") for name in answers.WRONG[task])
    assert len(answers.RIGHT[task]) >= 2 and any("warning" in name for name in answers.RIGHT[task])


# The whole life

ANSWERED = {
    "redesign-limits": "### The limits of my figure\n\nThe sources are editions of one book (A01).",
    "twenty-answer": "### My answer\n\nNo sum of printed areas comes to 17,320 square kilometres (A17, A18).",
}
PARTLY = {
    "order": "every date made a day",
    "area": "UTM zone 38, right only near the Caucasus",
    "share": "rounded to whole per cents",
    "total": "the verdict on the printed total",
    "parse": "the decimal comma thrown away",
}
# What each of these earns: both tests of order, and one date of six; all areas but the far ones; ...
PARTLY_POINTS = {
    "order-sequence": 2, "order-precision": 0, "order-sequence-hidden": 3, "order-precision-hidden": 0.5,
    "area-rows": 2, "area-values": 4, "area-far-hidden": 0, "area-metres-hidden": 4,
    "share-total": 2, "share-land": 0, "share-total-hidden": 0, "share-land-hidden": 0,
    "total-sums": 3, "total-verdict": 0, "total-sums-hidden": 4, "total-verdict-hidden": 0,
    "parse-numbers": 0, "parse-signs": 2, "parse-numbers-hidden": 2, "parse-signs-hidden": 3,
}  # fmt: skip


class Life:
    """One course from the instructor's notebook to the exported table of grades; the log of each step."""

    def __init__(self, folder: Path) -> None:
        self.course = course = Course(folder)
        self.log: dict[str, str] = {}
        self.step("generate_assignment", NAME)
        self.step("release_assignment", NAME)
        self.step("list")
        self.step("fetch_assignment", NAME)
        self.desk = course.grading / "desk" / NAME / f"{NAME}.ipynb"
        self.released = nbformat.read(self.desk, as_version=4)
        self.submissions = self.written()
        self.hand_in()
        self.step("collect", NAME)
        self.step("autograde", NAME)
        self.grade_by_hand()
        self.step("generate_feedback", NAME)
        self.step("release_feedback", NAME)
        self.grades = course.exported()

    def step(self, command: str, *words: str) -> None:
        self.log[command] = self.course.run(command, *words)

    def written(self) -> dict[str, nbformat.NotebookNode]:
        """What five students hand in."""
        answers = variants(NAME)
        reference = reference_answers(NAME) | ANSWERED
        warns = {f"{task}-answer": next(code for name, code in named.items() if "warning" in name)
                 for task, named in answers.RIGHT.items()}  # fmt: skip
        partly = {f"{task}-answer": answers.WRONG[task][name] for task, name in PARTLY.items()}
        full = filled_in(self.released, reference)
        deleted = filled_in(self.released, reference)
        deleted.cells = [cell for cell in deleted.cells if cell.id not in ("area-values", "parse-numbers-hidden")]
        return {
            "full": full,
            "blank": self.released,
            "partly": filled_in(self.released, reference | partly),
            "warns": filled_in(self.released, reference | warns),
            "deleted": deleted,
        }

    def hand_in(self) -> None:
        """One student submits with the real command; the others' folders are copies of what it made."""
        nbformat.write(self.submissions["full"], self.desk)
        self.step("submit", NAME, "--student=full")
        inbound = self.course.folder / "exchange" / "across-the-aras" / "inbound"
        (first,) = inbound.iterdir()
        for student in set(self.submissions) - {"full"}:
            copy = inbound / first.name.replace("full+", f"{student}+", 1)
            shutil.copytree(first, copy)
            (copy / self.desk.name).chmod(0o644)
            nbformat.write(self.submissions[student], copy / self.desk.name)
            (copy / "submission_secret.txt").chmod(0o644)
            (copy / "submission_secret.txt").write_text(student, encoding="utf-8")

    def grade_by_hand(self) -> None:
        """The scores of the written tasks, set as formgrader sets them."""
        with self.course.gradebook() as gradebook:
            for student, scores in {"full": (19, 16), "partly": (12, 6)}.items():
                for grade_id, score in zip(BY_A_PERSON, scores):
                    grade = gradebook.find_grade(grade_id, NAME, NAME, student)
                    assert grade.needs_manual_grade
                    grade.manual_score, grade.needs_manual_grade = score, False
                    gradebook.find_comment(grade_id, NAME, NAME, student).manual_comment = f"{score} of 20, see the rubric."
            gradebook.db.commit()

    def validate(self, student: str) -> str:
        """What a student reads who validates this submission."""
        folder = self.course.folder / "validated"
        folder.mkdir(exist_ok=True)
        nbformat.write(self.submissions[student], folder / f"{student}.ipynb")
        return self.course.run("validate", str(folder / f"{student}.ipynb"))


@pytest.fixture(scope="module")
def life(tmp_path_factory) -> Life:
    return Life(tmp_path_factory.mktemp("course"))


@pytest.mark.xdist_group("a2")
def test_a_student_lists_and_fetches_what_was_released(life):
    assert f"across-the-aras {NAME}" in life.log["list"]
    made = {path.relative_to(life.course.folder).parts[0] for path in life.course.folder.iterdir()}
    assert made <= {"nbgrader_config.py", "notebooks", "grading", "exchange", "jupyter", "validated", "grades.csv"}
    assert [file.name for file in life.desk.parent.iterdir()] == [life.desk.name]
    assert (life.course.grading.stat().st_mode & 0o777) == 0o700


@pytest.mark.xdist_group("a2")
def test_the_assignment_list_of_jupyterlab_finds_the_course(life):
    """It reads the configuration in its own way: from the folder of the student's copies alone."""
    look = (
        "from nbgrader.server_extensions.assignment_list.handlers import AssignmentList as List; found = List();"
        "found.root_dir = __import__('os').getcwd(); print(found.list_released_assignments('across-the-aras'))"
    )
    said = life.course.python("-c", look)
    assert "'status': 'fetched'" in said and f"grading/desk/{NAME}/{NAME}.ipynb" in said


@pytest.mark.xdist_group("a2")
def test_the_due_date_is_shown_with_its_offset_and_kept_as_utc(life):
    assert "**Due:** 2027-03-14 23:59 (UTC+04:00)" in life.released.cells[0].source
    with life.course.gradebook() as gradebook:
        assert gradebook.find_assignment(NAME).duedate.isoformat() == "2027-03-14T19:59:00"


@pytest.mark.xdist_group("a2")
def test_the_reference_earns_every_point_that_tests_give(life):
    points = life.course.points("full", NAME)
    assert {task: sum(value for name, value in points.items() if name.startswith(task)) for task in TASKS} == TASKS


@pytest.mark.xdist_group("a2")
def test_a_blank_notebook_earns_nothing(life):
    points = life.course.points("blank", NAME)
    assert all(value == 0 for name, value in points.items() if name not in BY_A_PERSON), points


@pytest.mark.xdist_group("a2")
def test_a_partly_right_one_earns_exactly_its_part(life):
    points = life.course.points("partly", NAME)
    counted = {name: value for name, value in points.items() if name in PARTLY_POINTS}
    assert counted == pytest.approx(PARTLY_POINTS)


@pytest.mark.xdist_group("a2")
@pytest.mark.parametrize("student", ["warns", "deleted"])
def test_warnings_and_deleted_tests_cost_nothing(life, student):
    points = life.course.points(student, NAME)
    assert {name: points[name] for name in points if name not in BY_A_PERSON} == {
        name: value for name, value in life.course.points("full", NAME).items() if name not in BY_A_PERSON
    }


@pytest.mark.xdist_group("a2")
def test_export_and_feedback_carry_the_points_of_tests_and_person(life):
    assert {student: float(row["score"]) for student, row in life.grades.items()} == pytest.approx(
        {"full": 95, "blank": 0, "partly": 31.5 + 18, "warns": 60, "deleted": 60}
    )
    assert {float(row["max_score"]) for row in life.grades.values()} == {100}
    feedback = (life.course.grading / "feedback" / "full" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Score: 95.0 / 100.0" in feedback
    assert "16 of 20, see the rubric." in feedback
    assert len(list((life.course.folder / "exchange" / "across-the-aras" / "feedback").glob("*.html"))) == 5


@pytest.mark.xdist_group("a2")
def test_validate_tells_a_right_student_nothing_misleading(life):
    """Not even one whose answers warn: a failure announced here would be no failure in the grading."""
    assert life.validate("warns").startswith("Success! Your notebook passes all the tests.")


@pytest.mark.xdist_group("a2")
def test_a_due_date_without_an_offset_is_refused(life):
    schedule = life.course.folder / "notebooks" / "assignments" / "schedule.toml"
    schedule.write_text(f"[{NAME}]\ndue = 2027-03-14T23:59:00\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="gives no due date with an offset for a2-background"):
        life.course.run("generate_assignment", NAME, "--force")


# What leaks


def leaked(files: list[Path]) -> list[str]:
    return leaks.find(secrets(NAME), [public(NAME)], files)


@pytest.mark.xdist_group("a2")
def test_nothing_secret_is_in_what_students_get(life):
    outbound = life.course.folder / "exchange" / "across-the-aras" / "outbound"
    assert leaked(leaks.text_files(outbound)) == []
    # Nor does the file of right and wrong answers reach a folder in which students' code runs.
    assert not list(life.course.grading.rglob("variants.py"))


def test_nothing_secret_is_in_the_built_book(book):
    assert leaked(leaks.text_files(book)) == []


@pytest.mark.parametrize("secret", secrets(NAME))
def test_the_leak_test_would_notice(secret, tmp_path):
    """Each secret in turn, as a page of the book, as its search data and in a notebook."""
    text = secrets(NAME)[secret]
    coloured = re.sub(r"(\w+)", r'<span class="n">\1</span>', text.replace("&", "&amp;").replace("<", "&lt;"))
    (tmp_path / "page.html").write_text(f"<p>Lesson</p><pre>{coloured}</pre>", encoding="utf-8")
    (tmp_path / "state.json").write_text(json.dumps({"state": {"text": text}}), encoding="utf-8")
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)])
    nbformat.write(nb, tmp_path / "copy.ipynb")
    noticed = {place.split(" ")[0] for place in leaked(leaks.text_files(tmp_path))}
    assert noticed == {"page.html", "state.json", "copy.ipynb"}
