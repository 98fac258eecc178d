"""How nbgrader runs this course.

Read by every ``nbgrader`` command that is started in this folder, and by JupyterLab.
Instructor versions are kept in ``notebooks/assignments``; everything that nbgrader makes goes to
``grading``, which git ignores.  To hand assignments out to other users of the same machine, set the
environment variable ``ARAS_EXCHANGE`` to a folder that all of them can reach.
"""

import contextlib
import os
import re
import sys
import tomllib
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

c = get_config()  # noqa: F821 (given by the program that reads this file)

course = Path(__file__).resolve().parent
grading = course / "grading"

# nbgrader starts the program alembic by its bare name.  Without the environment's own programs on
# PATH the first command would stop half-way and leave an unusable gradebook behind.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

# The gradebook holds hidden tests and grades: nobody else on this machine may look into its folder.
grading.mkdir(mode=0o700, exist_ok=True)

# nbgrader joins {step}/{student}/{assignment} to the root; a step may be a path of several folders.
c.CourseDirectory.course_id = "across-the-aras"
c.CourseDirectory.root = str(course)
c.CourseDirectory.source_directory = "notebooks/assignments"
c.CourseDirectory.release_directory = "grading/release"
c.CourseDirectory.source_with_tests_directory = "grading/source_with_tests"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
c.CourseDirectory.db_url = f"sqlite:///{grading / 'gradebook.db'}"

# Every other file beside an assignment is copied to the students; the answers that prove the
# grader must stay here.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "variants.py"]

# By default the exchange is one person's, for trying the course out.
c.Exchange.root = os.environ.get("ARAS_EXCHANGE") or str(grading / "exchange")
c.Exchange.cache = str(grading / "cache")
# Where a student's copies go.  JupyterLab's assignment list changes to this folder, which must be
# there, and reads the configuration of that folder alone: a link leads it back to this file.
desk = grading / "desk"
desk.mkdir(exist_ok=True)
with contextlib.suppress(FileExistsError):
    (desk / "nbgrader_config.py").symlink_to("../../nbgrader_config.py")
c.Exchange.assignment_dir = str(desk)

# Any text on stderr would turn a test into 0 points, and a warning goes there.  Our tests fail by an
# exception and by nothing else, so what stands on stderr is taken away before grading.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"(?s).+"

# A deleted test is put back.  Without this it would wait for a person for ever.
c.OverwriteCells.add_missing_cells = True

# Seconds a cell; the slowest reference answer takes less than one.
c.Execute.timeout = 60

c.ClearSolutions.code_stub = {
    "python": "# Write your code here, in place of the next line.\nraise NotImplementedError()"
}


class DueDate(NbGraderPreprocessor):
    """Write the due date of ``schedule.toml`` into the released notebook and into the gradebook.

    nbgrader takes and shows every time as UTC without saying so; here a time without an offset is
    refused, and the students read the offset beside the time.
    """

    def preprocess(self, nb, resources):
        name = resources["nbgrader"]["assignment"]
        schedule = course / "notebooks/assignments/schedule.toml"
        due = tomllib.loads(schedule.read_text(encoding="utf-8")).get(name, {}).get("due")
        if getattr(due, "tzinfo", None) is None:
            raise ValueError(
                f"{schedule.name} gives no due date with an offset for {name}: "
                f"write [{name}] and below it a line such as due = 2027-03-14T23:59:00+04:00"
            )
        line = f"**Due:** {due:%Y-%m-%d %H:%M} (UTC{due.isoformat()[-6:]})"
        found = 0
        for cell in nb.cells:
            cell.source, count = re.subn(r"\*\*Due:\*\*.*", line, cell.source)
            found += count
        if not found:
            raise ValueError(f"{name} has no line that begins with **Due:**; the due date goes there.")
        with Gradebook(resources["nbgrader"]["db_url"], c.CourseDirectory.course_id) as gradebook:
            gradebook.update_or_create_assignment(name, duedate=due)
        return nb, resources


c.GenerateAssignment.preprocessors.prepend([DueDate])
