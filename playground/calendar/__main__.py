"""Serve Calendar on loopback."""

import argparse
from pathlib import Path

import uvicorn

from playground.calendar.kept import Kept
from playground.calendar.server import make_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.calendar", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    given = parser.parse_args()
    app = make_app(Kept(given.file), f"http://127.0.0.1:{given.port}")
    # Its access log would hold what a browser brings along in a URL.
    uvicorn.run(
        app, host="127.0.0.1", port=given.port, log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )


if __name__ == "__main__":
    main()
