"""Set up the virtual environment `.venv`, with nothing but some python3 at hand.

`make` runs this file before anything is installed, so it uses the standard library only
and is written in the Python of 2016: a machine whose `python3` is too old must be able to
read it, or it could not say so.

The steps: find a Python that the course runs on, make `.venv`, install the pinned uv in it,
let uv install every package of `requirements.lock` (hashes checked, bytecode compiled: that
halves the start of each notebook), and install the `lessons` package itself.
A stamp in `.venv` is written last.
When it is there and nothing has changed, there is nothing to do;
when it is missing, an earlier set-up was interrupted and `.venv` is made anew.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 13)
COMMANDS = ("python3", "python3.13", "python3.12", "python3.11")
INPUTS = ("requirements.lock", "pyproject.toml", "src/lessons/bootstrap.py")
NEEDED_GB = 2.5

# What the tools print when the cause lies outside the course, and what to do about it.
CAUSES = (
    (
        "no space left|disk quota exceeded|os error 28",
        "The disk is full: free about {gb:g} GB and run the same command again.".format(gb=NEEDED_GB),
    ),
    (
        "hash mismatch|do not match the hashes|don't match the hashes",
        "A downloaded package differs from its hash in requirements.lock: empty the download cache "
        "(rm -rf ~/.cache/uv) and run the same command again; if it happens again, do not use that package index.",
    ),
    (
        "certificate",
        "The package index showed a certificate that is not trusted here: "
        "name your organisation's certificate file in SSL_CERT_FILE and run the same command again.",
    ),
    (
        "error sending request|failed to fetch|dns error|name resolution|failed to lookup|connection refused|"
        "connection reset|max retries exceeded|new connection|network is unreachable|timed out|tunnel error|"
        "could not connect|no matching distribution",
        "The packages could not be downloaded: connect to the internet and run the same command again "
        "(behind a mirror, set both PIP_INDEX_URL and UV_DEFAULT_INDEX to its address).",
    ),
    (
        "permission denied|read-only file system",
        "A file could not be written: check that this folder, the home folder and the temporary folder "
        "are yours to write in, and run the same command again.",
    ),
)

PROBE = """
import platform, sys
try:
    import ensurepip, venv
    ensurepip.version()
    complete = "complete"
except Exception:
    complete = "incomplete"
base = getattr(sys, "_base_executable", None) or sys.executable
print("|".join([platform.python_implementation(), platform.python_version(), complete, base]))
"""


class SetupError(Exception):
    """One sentence for the reader: what went wrong and what to do."""


class Interpreter(NamedTuple):
    """A Python on this machine; `complete` when it can make a virtual environment with pip in it."""

    path: str
    version: str
    implementation: str
    complete: bool

    def suits(self) -> bool:
        """Tell whether the course runs on it."""
        return self.implementation == "CPython" and OLDEST <= release(self.version) <= NEWEST


def release(version: str) -> Tuple[int, ...]:
    """Give the major and minor number of a version.

    >>> release("3.12.1")
    (3, 12)
    """
    return tuple(int(number) for number in version.split(".")[:2])


def probe(command: str) -> Optional[Interpreter]:
    """Ask the Python called `command` what it is; None when there is none or it does not start.

    Inside a virtual environment the answer names the Python that the environment was made from.
    """
    path = shutil.which(command)
    if path is None:
        return None
    try:
        answer = subprocess.run(
            [path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    fields = answer.stdout.strip().split("|")
    if answer.returncode != 0 or len(fields) != 4:
        return None
    implementation, version, complete, base = fields
    return Interpreter(base, version, implementation, complete == "complete")


def choose(wanted: Optional[str] = None) -> Interpreter:
    """Choose the Python to set up with: `wanted`, or the first one that suits.

    Raises SetupError when there is none, naming what was found.
    """
    found = [interpreter for interpreter in map(probe, [wanted] if wanted else COMMANDS) if interpreter]
    suitable = [interpreter for interpreter in found if interpreter.suits()]
    for interpreter in suitable:
        if interpreter.complete:
            return interpreter
    if suitable:
        first = suitable[0]
        raise SetupError(
            "Python {version} at {path} cannot make a virtual environment: install the missing part "
            "(on Debian and Ubuntu: sudo apt-get install python{minor}-venv) and run the same command again.".format(
                version=first.version, path=first.path, minor=".".join(map(str, release(first.version)))
            )
        )
    seen = sorted({"{} {} at {}".format(i.implementation, i.version, i.path) for i in found})
    if seen:
        here = "this machine has " + ", ".join(seen)
    else:
        here = "{} does not start".format(wanted) if wanted else "no python3 was found"
    raise SetupError(
        "The course needs Python 3.11, 3.12 or 3.13, and {}: install one of the three "
        "(Debian: sudo apt-get install python3 python3-venv; macOS: brew install python@3.12), "
        "or name one with PYTHON=/path/to/python3.12.".format(here)
    )


def fingerprint(root: Path) -> str:
    """Give the SHA-256 over the files that decide what is installed."""
    digest = hashlib.sha256()
    for name in INPUTS:
        try:
            digest.update((root / name).read_bytes())
        except OSError as error:
            raise SetupError("{0} cannot be read: restore it with `git checkout {0}`.".format(name)) from error
    return digest.hexdigest()


def read_stamp(stamp: Path) -> Dict[str, str]:
    """Read the stamp of a finished set-up; an empty dict when there is none or it is damaged."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def uv_requirement(lock: str) -> str:
    """Cut the lines of uv, version and hashes, out of the text of requirements.lock.

    >>> print(uv_requirement("six==1 \\\\\\n    --hash=sha256:a\\nuv==2 \\\\\\n    --hash=sha256:b\\n    # via x\\n"))
    uv==2 \\
        --hash=sha256:b
    """
    match = re.search(r"^uv==.*(?:\n +--hash=.*)+", lock, flags=re.MULTILINE)
    if match is None:
        raise SetupError("requirements.lock pins no uv: restore it with `git checkout requirements.lock`.")
    return match.group(0)


def explain(output: str) -> Optional[str]:
    """Give the sentence for a known cause in a tool's output, or None.

    >>> explain("error: failed to write: No space left on device (os error 28)")
    'The disk is full: free about 2.5 GB and run the same command again.'
    """
    for pattern, sentence in CAUSES:
        if re.search(pattern, output, flags=re.IGNORECASE):
            return sentence
    return None


def run(command: List[str], root: Path) -> None:
    """Run one tool; show its progress lines, keep the rest for the case that it fails.

    Raises SetupError with one sentence when it fails.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        # each of these would send the packages, or their bytecode, somewhere else
        if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "PIP_PREFIX", "PIP_TARGET", "PIP_USER")
    }
    lines = []
    with subprocess.Popen(
        command,
        cwd=str(root),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        errors="replace",
    ) as process:
        for line in process.stdout:
            lines.append(line)
            if re.match(r" *(Downloading|Building|Prepared|Installed|Bytecode)", line):
                say("    " + line.strip())
    if process.returncode != 0:
        output = "".join(lines)
        sentence = explain(output)
        if sentence is None:
            sys.stderr.write(output)
            sentence = "`{}` failed with the words above: run the same command again, or report them.".format(
                " ".join(command)
            )
        raise SetupError(sentence)


def say(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def quiet_jupyterlab(venv: Path) -> None:
    """Keep JupyterLab from offering to fetch news: nothing in this course asks the network."""
    page = venv / "etc" / "jupyter" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    page.write_text(json.dumps({"disabledExtensions": disabled}) + "\n", encoding="utf-8")


def set_up(root: Path, wanted: Optional[str] = None) -> bool:
    """Bring `.venv` below `root` in line with requirements.lock; tell whether there was anything to do.

    `wanted` is a Python's name or path; without it an existing `.venv` keeps its Python.
    Raises SetupError.
    """
    venv = root / ".venv"
    python = venv / "bin" / "python"
    stamp = venv / "aras-stamp.json"
    inputs = fingerprint(root)
    done = read_stamp(stamp)
    keep = (
        done.get("root") == str(root)
        and python.exists()
        and OLDEST <= release(done.get("python", "0.0")) <= NEWEST
        and (wanted is None or choose(wanted).version == done.get("python"))
    )
    if keep and done.get("inputs") == inputs:
        return False

    started = time.time()
    free_gb = shutil.disk_usage(str(root)).free / 1e9
    if free_gb < NEEDED_GB and not keep:
        raise SetupError(
            "Set-up needs {:g} GB of disk space and {} has {:.1f} GB left: free some and run the same "
            "command again.".format(NEEDED_GB, root, free_gb)
        )
    if keep:
        version = done["python"]
        stamp.unlink()
        say("Set-up: bringing .venv (Python {}) in line with requirements.lock".format(version))
    else:
        interpreter = choose(wanted)
        version = interpreter.version
        say("Set-up: making .venv with Python {} (once; up to 300 MB to download)".format(version))
        run([interpreter.path, "-m", "venv", "--clear", str(venv)], root)

    lock = root / "requirements.lock"
    only_uv = venv / "uv.txt"
    only_uv.write_text(uv_requirement(lock.read_text(encoding="utf-8")) + "\n", encoding="utf-8")
    say("Set-up: installing uv, the installer")
    run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(only_uv)], root)
    only_uv.unlink()

    uv = [str(venv / "bin" / "uv"), "pip"]
    here = ["--python", str(python)]
    say("Set-up: installing the packages of requirements.lock and compiling them")
    run(uv + ["sync"] + here + ["--require-hashes", "--compile-bytecode", str(lock)], root)
    run(uv + ["install"] + here + ["--no-deps", "--no-build-isolation", "--editable", str(root)], root)
    quiet_jupyterlab(venv)
    stamp.write_text(json.dumps({"root": str(root), "python": version, "inputs": inputs}) + "\n", encoding="utf-8")
    say("Set-up: done in {:.0f} s".format(time.time() - started))
    return True


def main(argv: Optional[List[str]] = None) -> int:
    """Set up; give the exit code."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Set up .venv for the course.")
    parser.parse_args(argv)
    try:
        set_up(ROOT, os.environ.get("PYTHON") or None)
    except SetupError as error:
        print("Set-up stopped. {}".format(error), file=sys.stderr)
        return 1
    except OSError as error:
        # a full disk or a folder of someone else's, met by this file rather than by a tool
        print("Set-up stopped. {}".format(explain(str(error)) or "{}.".format(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up was interrupted; run the same command again and it starts afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
