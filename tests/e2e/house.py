"""The whole playground as a newcomer starts it: real child processes, to be stopped, killed and started again."""

import json
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from playground.state import WANTED
from tests.support.evidence import log_file, never_in_a_log
from tests.support.ports import free_port

READY = "Usher is ready: "
START_WITHIN = 180.0
ROOT = Path(__file__).parents[2]


class House:
    """``usher try`` in a folder of its own; what it keeps there outlives `stop` and `kill`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.url = ""
        self._name = name
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, **more: str) -> None:
        """``more``: variables that the newcomer has set."""
        self.begin(**more)
        self.until_ready()

    def begin(self, **more: str) -> None:
        """Start it, and do not wait for it."""
        self.take_ports()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self._process = subprocess.Popen(_command(self.folder), env=_env() | more, cwd=ROOT, **pipes)  # type: ignore[call-overload]

    def until_ready(self) -> None:
        self.url = self._url_printed()
        never_in_a_log(self._kept()["notes_token"], self.url.partition("token=")[2])

    def until_it_has_the_folder(self) -> None:
        process, deadline = psutil.Process(self._running().pid), time.monotonic() + START_WITHIN
        while not any(file.path.endswith("launcher.lock") for file in process.open_files()):
            assert time.monotonic() < deadline, "it never had the folder"
            time.sleep(0.005)

    def once_more(self, *options: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """The same command in the same folder, run to its end."""
        command = _command(self.folder, *options)
        return subprocess.run(
            command, env=_env() | more, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
        )

    def stop(self) -> float:
        """Ctrl-C; how many seconds the whole house took to end."""
        begun = time.monotonic()
        self.interrupt()
        self._over()
        return time.monotonic() - begun

    def interrupt(self) -> None:
        self._running().send_signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL, to what was started by hand and to nothing else."""
        self._running().kill()
        self._over()

    def _over(self) -> None:
        process = self._running()
        process.wait(timeout=180)
        if process.stdout:
            process.stdout.close()
        self._process = None
        self._keep_logs()

    def adopt(self, process: "subprocess.Popen[str]") -> None:
        """Look after one that was started in another way."""
        self._process = process

    def usher(self) -> psutil.Process:
        """The process of `app.py`."""
        return self._child("app")

    def notes(self) -> psutil.Process:
        """The process of the Notes server."""
        return self._child("playground.notes")

    def log_of(self, part: str) -> str:
        return (self.folder / f"{part}.log").read_text()

    def until_doing(self, title: str, within: float = 60.0) -> None:
        """Until a call that may change something is noted as begun."""
        deadline = time.monotonic() + within
        with closing(sqlite3.connect(f"file:{self.folder / 'usher.db'}?mode=ro", uri=True)) as database:
            while title not in str(database.execute("SELECT doing FROM turns").fetchall()):
                assert time.monotonic() < deadline, f"“{title}” was never begun"
                time.sleep(0.01)

    def kill_usher(self) -> None:
        """SIGKILL; the playground starts it again."""
        usher = self.usher()
        usher.kill()
        usher.wait(60)

    @property
    def notes_url(self) -> str:
        return f"http://127.0.0.1:{self._kept()['ports']['notes']}/mcp"

    @property
    def notes_token(self) -> str:
        return str(self._kept()["notes_token"])

    @property
    def calendar_url(self) -> str:
        return f"http://127.0.0.1:{self._kept()['ports']['calendar']}"

    @property
    def usher_url(self) -> str:
        return f"http://127.0.0.1:{self._kept()['ports']['usher']}"

    def _running(self) -> "subprocess.Popen[str]":
        assert self._process is not None, "the house is not running"
        return self._process

    def _child(self, module: str) -> psutil.Process:
        children = psutil.Process(self._running().pid).children()
        return next(child for child in children if child.cmdline()[1:3] == ["-m", module])

    def port(self, part: str) -> int:
        return int(self._kept()["ports"][part])

    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.folder / "playground.json").read_text())
        return kept

    @property
    def kept(self) -> bytes:
        return (self.folder / "playground.json").read_bytes()

    def take_ports(self) -> None:
        """Of our own at the first start: several houses stand beside each other."""
        kept = self.folder / "playground.json"
        if not kept.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps({"ports": {name: free_port() for name in WANTED}}))

    def _url_printed(self) -> str:
        """The one URL; all else it says goes to the test's own output."""
        process = self._running()
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        deadline, said = time.monotonic() + START_WITHIN, []
        while True:
            line = lines.get(timeout=max(deadline - time.monotonic(), 0.01))
            assert line is not None, "it ended: " + "".join(said)
            said.append(line)
            if READY in line:
                return line.split(READY)[1].strip()

    def _keep_logs(self) -> None:
        for path in self.folder.glob("*.log"):
            log_file(f"{self._name}-{path.stem}").write_bytes(path.read_bytes())


def _command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "tests.e2e.patient", "try", "--state", str(folder), *options]


def _env() -> dict[str, str]:
    """Without the developer's own keys and settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("GEMINI_", "GOOGLE_", "SLACK_"))}


def _read(process: "subprocess.Popen[str]", lines: "queue.Queue[str | None]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


@contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    """It does nothing until the block ends, however that ends."""
    process.suspend()
    try:
        yield
    finally:
        if process.is_running():
            process.resume()
