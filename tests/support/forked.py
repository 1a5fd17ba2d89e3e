"""Usher's command, forked from one interpreter that has imported all of it: that was most of the work of a start.

Whoever starts it has it as with a real start: a child of its own, with its variables, folder and output, to be waited
for, signalled and killed. Real starts stay: of `usher try` and all in it, of a wheel, of an image, of an installation.
"""

import ctypes
import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from tests.support.spared import waiting_their_turn

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "app"]
NOT_FOR_LONG = ("try", "slack", "help", "--help", "-h", "version", "--version", "-V")
"""What starts others, or is over before anything dear is imported."""
OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "TZ")
"""Variables that are read before any line of ours; with others than these the start has to be real."""
ALLOWED = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
PLAIN = (False, -1, None, None, None, -1, None)
"""No session or group of its own, nobody else's rights, nothing to be done in the child first."""
PR_SET_CHILD_SUBREAPER = 36
Environment = dict[str, str]


@contextmanager
def forked_starts() -> Iterator[None]:
    """`subprocess`, and with it `asyncio`, meanwhile forks each start where that comes to the same."""
    really = subprocess._fork_exec  # type: ignore[attr-defined]
    forked: list[Forked] = []

    def fork_exec(args: Any, paths: Any, close: bool, kept: Any, cwd: Any, env: Any, *more: Any) -> int:
        place, given = Path(os.fsdecode(cwd or ".")).absolute(), _environment(env)
        if not (close and len(kept) == 1 and more[9:16] == PLAIN and _fits(args, place, given)):
            return int(really(args, paths, close, kept, cwd, env, *more))
        if not forked:
            forked.append(Forked())
        reads, _, _, writes, _, complains = more[:6]
        outputs = [own if own != -1 else number for number, own in enumerate((reads, writes, complains))]
        return forked[0].start([str(each) for each in args[3:]], place, given, outputs)

    try:
        with patch.object(subprocess, "_fork_exec", fork_exec):
            yield
    finally:
        for each in forked:
            each.close()


def _environment(env: list[bytes] | None) -> Environment:
    if env is None:
        return dict(os.environ)
    return dict(os.fsdecode(each).split("=", 1) for each in env)  # type: ignore[misc]


def _fits(args: Any, place: Path, env: Environment) -> bool:
    """Whether a real start would run the same product in the same way."""
    if list(args[:3]) != COMMAND or (len(args) > 3 and args[3] in NOT_FOR_LONG):
        return False
    if not place.is_dir() or (place != ROOT and (place / "app.py").exists()):
        return False
    return all(ALLOWED.get(name) == env[name] for name in env if name.startswith(OF_THE_INTERPRETER))


class Forked:
    """The interpreter that waits to be forked."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        self._one = threading.Lock()
        command, env = [sys.executable, "-m", "tests.support.forked"], {"LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        with theirs:
            self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=theirs, start_new_session=True)

    def start(self, arguments: list[str], folder: Path, env: Environment, outputs: list[int]) -> int:
        """The new child's number."""
        told = json.dumps([arguments, str(folder), env]).encode()
        with self._one, _taking_orphans():
            socket.send_fds(self._line, [len(told).to_bytes(4, "big")], outputs)
            self._line.sendall(told)
            number = self._line.recv(4, socket.MSG_WAITALL)
        assert len(number) == 4, "the interpreter that is forked has ended"
        return int.from_bytes(number, "big")

    def close(self) -> None:
        self._line.close()
        self._process.wait()


@contextmanager
def _taking_orphans() -> Iterator[None]:
    """The new process is the child of a child that ends at once: so it becomes ours."""
    control = ctypes.CDLL(None).prctl
    control(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        control(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


# --- in the other interpreter


FOR_ALL = """app bot.doctor bot.house alembic.command google.genai icu4py.messageformat mcp mcp.client.streamable_http
    mcp_runtime.own_servers.running segno storage.bus.postgres storage.migrate"""


def main() -> None:
    for each in FOR_ALL.split():
        importlib.import_module(each)
    del sys.modules["app"]  # each runs it as its own main module
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    with waiting_their_turn(), socket.socket(fileno=os.dup(0)) as line:
        while True:
            size, outputs, *_ = socket.recv_fds(line, 4, 3)
            if not size:
                return
            wanted = line.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
            line.sendall(_grandchild(wanted, outputs).to_bytes(4, "big"))
            for output in outputs:
                os.close(output)


def _grandchild(wanted: bytes, outputs: list[int]) -> int:
    """Its parent has ended when this returns: whoever takes orphans has it."""
    reads, writes = os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child == 0:
            _be(wanted, outputs)
        os.write(writes, child.to_bytes(4, "big"))
        os._exit(0)
    os.waitpid(between, 0)
    number = int.from_bytes(os.read(reads, 4), "big")
    os.close(reads)
    os.close(writes)
    return number


def _be(wanted: bytes, outputs: list[int]) -> NoReturn:
    """Usher's command, as the interpreter would run and end it."""
    arguments, folder, env = json.loads(wanted)
    high = [os.dup(each) for each in outputs]  # above all that is put in place
    for number, output in enumerate(high):
        os.dup2(output, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.path[0], sys.argv[1:] = folder, arguments
    _open_streams(unbuffered="PYTHONUNBUFFERED" in env)
    code: Any = 0
    try:
        runpy.run_module("app", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if isinstance(code, str) else code or 0)


def _open_streams(unbuffered: bool) -> None:
    """As the interpreter does it at its start."""
    for name, number, errors in (
        ("stdin", 0, "surrogateescape"),
        ("stdout", 1, "surrogateescape"),
        ("stderr", 2, "backslashreplace"),
    ):
        raw = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115
        lines = number == 2 or raw.isatty()
        stream = io.TextIOWrapper(raw, "utf-8", errors, line_buffering=lines, write_through=bool(number and unbuffered))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    main()
