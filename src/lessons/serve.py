"""Serve the built book on this machine only."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
USUAL_PORT = 8000
BOOK = Path("_build/html")


class PortTaken(Exception):
    """Another program listens on the port that was asked for."""


class BookHandler(SimpleHTTPRequestHandler):
    """Hand out files; report only what fails."""

    protocol_version = "HTTP/1.1"
    # Said here and not left to the machine: a browser runs a module only under a JavaScript type.
    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css",
        ".csv": "text/csv; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ipynb": "application/x-ipynb+json",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".webp": "image/webp",
        ".woff2": "font/woff2",
    }

    def end_headers(self) -> None:
        """Let the browser keep a file, but ask each time whether it changed."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent about what went well."""


class BookServer(ThreadingHTTPServer):
    """One thread a request; a reader who leaves in the middle of a page is no error."""

    daemon_threads = True
    # HTTPServer sets this, and with it a second server could take a port in use on some systems
    allow_reuse_port = False

    def handle_error(self, request, client_address) -> None:
        """Report a failing request, except that the reader has gone."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def start(directory: Path, port: int | None = None) -> BookServer:
    """Open a server for `directory` on loopback; the caller runs and closes it.

    Without `port` it takes 8000, or any free port when 8000 is taken.
    Raises PortTaken when the `port` asked for is in use.
    """
    handler = partial(BookHandler, directory=str(directory))
    try:
        return BookServer((HOST, USUAL_PORT if port is None else port), handler)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        if port is not None:
            raise PortTaken(port) from error
    return BookServer((HOST, 0), handler)


def main(argv: list[str] | None = None) -> int:
    """Serve until Ctrl-C; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons serve", description=__doc__)
    parser.add_argument("--port", type=int, help=f"this port and no other (else {USUAL_PORT}, or any free one)")
    parser.add_argument("--directory", type=Path, default=BOOK, help=f"the built book (else {BOOK})")
    chosen = parser.parse_args(argv)
    if not (chosen.directory / "index.html").is_file():
        print(f"There is no built book in {chosen.directory}: build it with `make book SERVE=0`.", file=sys.stderr)
        return 1
    try:
        server = start(chosen.directory, chosen.port)
    except (PortTaken, OverflowError):
        print(
            f"Port {chosen.port} cannot be had on this machine: choose another with PORT=, "
            "or leave PORT out for a free one.",
            file=sys.stderr,
        )
        return 1
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with server:
        port = server.server_port
        if chosen.port is None and port != USUAL_PORT:
            print(f"Port {USUAL_PORT} is taken, so the book is on another one.")
        print(f"The book is at http://{HOST}:{port}/ (Ctrl-C stops it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\nStopped.")
    return 0
