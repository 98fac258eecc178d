"""Runs cells in one process and grades them as nbgrader does: seconds for what takes nbgrader minutes.

Used as a program: reads jobs as JSON from standard input, writes their results to standard output.
A job has a name and cells; a cell has its source and, if it is a test, its points.  Each job begins
with an empty namespace.  The result of a job is a list with an entry for each test cell: the points
that nbgrader gives, and the message of the error, if there was one.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import warnings


def run(jobs: list[dict], seconds: float = 120) -> dict[str, list[dict]]:
    """The results of some jobs, by name, from a process of their own."""
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(jobs), capture_output=True, text=True, timeout=seconds
    )
    if done.returncode:
        raise RuntimeError(f"The cells could not be run: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def _grade(jobs: list[dict]) -> dict[str, list[dict]]:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from nbformat.v4 import new_code_cell, new_output
    from nbgrader.utils import determine_grade

    import lessons.maps  # noqa: F401  (imported once, before the memory in use is frozen)

    shell = InteractiveShell.instance()
    # What a reset looks through, and coloured tracebacks that nobody reads, would take most of the time.
    gc.freeze()
    shell.showtraceback = lambda *_, **__: None
    results = {}
    for job in jobs:
        shell.reset(new_session=False)
        warnings.resetwarnings()
        results[job["name"]] = []
        for number, source in enumerate(job["cells"]):
            with capture_output() as shown:
                outcome = shell.run_cell(source["source"], store_history=False)
                error = outcome.error_before_exec or outcome.error_in_exec
                data = shell.display_formatter.format(outcome.result)[0] if outcome.result is not None else {}
            if source.get("points") is None:
                continue
            # Text on stderr is left out here: nbgrader_config.py takes it away before grading.
            outputs = [new_output("stream", name="stdout", text=shown.stdout)] if shown.stdout else []
            if error is not None:
                outputs.append(new_output("error", ename=type(error).__name__, evalue=str(error)))
            if data:
                outputs.append(new_output("execute_result", data=data, execution_count=number))
            cell = new_code_cell(outputs=outputs)
            cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": source["points"]}
            points, _ = determine_grade(cell)
            results[job["name"]].append({"points": points, "message": str(error or "")})
    return results


if __name__ == "__main__":
    json.dump(_grade(json.load(sys.stdin)), sys.stdout)
