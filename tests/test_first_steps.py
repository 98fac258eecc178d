"""The first steps in code do what the page says they do."""

import ast
import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "book/how-it-works.md"
STEP = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.S)


def shown(code: str, names: dict[str, object]) -> str:
    """What a cell with this code shows: what it prints, and the value of its last line."""
    *lines, last = ast.parse(code).body
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(lines, []), str(PAGE), "exec"), names)
        value = eval(compile(ast.Expression(last.value), str(PAGE), "eval"), names)
        if value is not None:
            print(repr(value))
    return printed.getvalue()


def test_each_example_gives_what_stands_under_it():
    text = PAGE.read_text(encoding="utf-8")
    steps = STEP.findall(text)
    assert len(steps) == text.count("```python") >= 6
    names: dict[str, object] = {}
    for code, result in steps:
        assert shown(code, names) == result
