"""Write requirements.lock with uv, and environment.yml from it: one set of packages, pinned twice."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

LOCK = Path("requirements.lock")
ENVIRONMENT = Path("environment.yml")
CONDA_PYTHON = "3.12"
COMPILE = (
    "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest",
    "--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet", "--output-file", str(LOCK),
)  # fmt: skip
#: uv repeats on every line what pyproject.toml says of all: no Python 3.14
COMMON_MARKER = "python_full_version < '3.14'"


class Pin(NamedTuple):
    """One package of the lock: `marker` says on which machines, and is empty when on all."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def read_pins(lock: str) -> list[Pin]:
    r"""Read the pins out of the text of requirements.lock.

    >>> read_pins("six==1.17.0 ; os_name == 'nt' \\\n    --hash=sha256:4721\n    # via bleach\n")
    [Pin(name='six', version='1.17.0', marker="os_name == 'nt'", hashes=('sha256:4721',))]
    """
    pins = []
    for block in re.split(r"\n(?=\S)", lock.strip()):
        head = re.match(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\\n]*))?", block)
        if head is None:
            raise ValueError(f"requirements.lock has a line that pins nothing: {block.splitlines()[0]!r}")
        marker = (head["marker"] or "").strip()
        marker = "" if marker == COMMON_MARKER else marker.removeprefix(f"{COMMON_MARKER} and ")
        pins.append(Pin(head["name"], head["version"], marker, tuple(re.findall(r"--hash=(\S+)", block))))
    return pins


def environment_text(pins: list[Pin]) -> str:
    """Write environment.yml for conda and Binder: the same names and versions, and the course itself."""
    lines = [f"{pin.name}=={pin.version}" + (f" ; {pin.marker}" if pin.marker else "") for pin in pins]
    return "\n".join(
        [
            "# Written by `make lock` from requirements.lock: the same packages, for conda and Binder.",
            "name: across-the-aras",
            "channels:",
            "  - conda-forge",
            "  - nodefaults",
            "dependencies:",
            f"  - python={CONDA_PYTHON}",
            "  - pip",
            "  - pip:",
            *[f'      - "{line}"' for line in lines],
            '      - "-e ."',
            "",
        ]
    )


def main(argv: list[str] | None = None) -> int:
    """Write both files; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions (else keep those pinned)")
    chosen = parser.parse_args(argv)
    command = [str(Path(sys.executable).with_name("uv")), *COMPILE, *(["--upgrade"] if chosen.upgrade else [])]
    if subprocess.run(command).returncode != 0:
        print("requirements.lock is as it was: uv says above why it could not be written.", file=sys.stderr)
        return 1
    pins = read_pins(LOCK.read_text(encoding="utf-8"))
    ENVIRONMENT.write_text(environment_text(pins), encoding="utf-8")
    print(f"Wrote {LOCK} and {ENVIRONMENT}: {len(pins)} packages")
    return 0
