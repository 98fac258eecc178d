"""A course of its own for a test: nbgrader's real commands on copies, nothing shared with the machine."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from grade.notebook import COURSE


class Course:
    """A temporary course folder with its own exchange, gradebook and Jupyter folders.

    Raises AssertionError with the log when a command fails.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.grading = folder / "grading"
        shutil.copy(COURSE / "nbgrader_config.py", folder)
        shutil.copytree(COURSE / "notebooks" / "assignments", folder / "notebooks" / "assignments")
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "ARAS"))
        } | {
            "ARAS_EXCHANGE": str(folder / "exchange"),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter" / "config"),
            "JUPYTER_DATA_DIR": str(folder / "jupyter" / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "jupyter" / "runtime"),
            "IPYTHONDIR": str(folder / "jupyter" / "ipython"),
            # A bare PATH, as for somebody who has not activated the environment.
            "PATH": "/usr/bin:/bin",
        }

    def run(self, *words: str) -> str:
        """The output and the log of one nbgrader command."""
        return self.python("-m", "nbgrader", *words)

    def python(self, *words: str) -> str:
        """What Python prints in the course folder, on stdout and then on stderr."""
        done = subprocess.run(
            [sys.executable, *words], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"{' '.join(words)} failed:\n{said}"
        return said

    def gradebook(self) -> Gradebook:
        """The gradebook, to be closed by ``with``."""
        return Gradebook(f"sqlite:///{self.grading / 'gradebook.db'}", "across-the-aras")

    def points(self, student: str, assignment: str) -> dict[str, float | None]:
        """The points that the tests gave a student, by grade_id; None where a person has to grade."""
        with self.gradebook() as gradebook:
            submission = gradebook.find_submission_notebook(assignment, assignment, student)
            return {grade.name: grade.auto_score for grade in submission.grades}

    def exported(self) -> dict[str, dict[str, str]]:
        """The rows of the exported table of grades, by student."""
        file = self.folder / "grades.csv"
        self.run("export", f"--to={file}")
        with file.open(encoding="utf-8", newline="") as lines:
            return {row["student_id"]: row for row in csv.DictReader(lines)}
