"""The commands behind the Makefile: `python -m lessons COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import sys

#: command -> module whose `main(argv) -> exit code` does it, and what it does
COMMANDS = {
    "book": ("lessons.book.build", "build the book into _build/html"),
    "serve": ("lessons.serve", "serve the built book on this machine only"),
    "check-notebooks": ("lessons.notebooks", "say which notebook is broken, stores outputs or lacks cell ids"),
    "data-check": ("lessons.datacheck", "check every file of data/ against datapackage.json"),
    "browser": ("lessons.browser", "find the browser of the tests, or fetch one"),
    "bench": ("lessons.bench", "measure the book"),
    "lock": ("lessons.lock", "write requirements.lock and environment.yml anew"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; give its exit code.

    A command's module is imported only when it is asked for, so that `serve` starts at once.
    """
    parser = argparse.ArgumentParser(
        prog="python -m lessons",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="commands:\n" + "\n".join(f"  {name:<16} {does}" for name, (_, does) in COMMANDS.items()),
        epilog="python -m lessons COMMAND --help tells more of one command.",
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of the commands above")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="what the command itself takes")
    chosen = parser.parse_args(argv)
    module, _ = COMMANDS[chosen.command]
    try:
        return importlib.import_module(module).main(chosen.rest)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
