"""Usher's command, forked from one interpreter that has imported all of it: that was most of the work of a start.

Whoever starts it has it as with a real start: a child of its own, with its variables, folder and output, to be waited
for, signalled and killed. Real starts stay: of `usher try` and all in it, of a wheel, of an image, of an installation.
The benchmarks are forked as well, and each has an interpreter of its own from which what it starts is forked.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from playground.children import die_with_parent

ROOT = Path(__file__).parents[2]
USHER, BENCHMARKS = "app", "benchmarks."
NOT_FOR_LONG = ("try", "slack", "help", "--help", "-h", "version", "--version", "-V")
"""What starts others, or is over before anything dear is imported."""
OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "TZ")
"""Variables that are read before any line of ours; with others than these the start has to be real."""
ALLOWED = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
PLAIN = (-1, None, None, None, -1)
"""No group of its own, nobody else's rights."""
PR_SET_CHILD_SUBREAPER = 36
Environment = dict[str, str]
Wanted = tuple[list[str], str, Environment, bool, bool]
"""Module and arguments, folder, variables, whether it leads a session, and whether it ends with who starts it."""


@contextmanager
def forked_starts(line: socket.socket | None = None) -> Iterator[None]:
    """`subprocess`, and with it `asyncio`, meanwhile forks each start where that comes to the same.

    ``line`` is to the interpreter that is forked; without one it is started once it is needed.
    """
    really = subprocess._fork_exec  # type: ignore[attr-defined]
    forked = [Forked(line)] if line else []

    def fork_exec(args: Any, paths: Any, close: bool, kept: Any, cwd: Any, env: Any, *more: Any) -> int:
        place, given = Path(os.fsdecode(cwd or ".")).absolute(), _environment(env)
        session, first = more[9], more[15]
        fits = close and len(kept) == 1 and more[10:15] == PLAIN and first in (None, die_with_parent)
        if not (fits and _fits(args, place, given)):
            return int(really(args, paths, close, kept, cwd, env, *more))
        if not forked:
            forked.append(Forked())
        reads, _, _, writes, _, complains = more[:6]
        outputs = [own if own != -1 else number for number, own in enumerate((reads, writes, complains))]
        command = [str(each) for each in args[2:]]
        return forked[0].start((command, str(place), given, session, first is not None), outputs)

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
    interpreter, how, module, *words = [*args, "", "", ""][: max(len(args), 3)]
    if (interpreter, how) != (sys.executable, "-m") or not (module == USHER or str(module).startswith(BENCHMARKS)):
        return False
    if module == USHER and words and words[0] in NOT_FOR_LONG:
        return False
    if not place.is_dir() or (place != ROOT and (place / "app.py").exists()):
        return False
    return all(ALLOWED.get(name) == env[name] for name in env if name.startswith(OF_THE_INTERPRETER))


class Forked:
    """The interpreter that waits to be forked."""

    def __init__(self, line: socket.socket | None = None) -> None:
        self._one = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        if line:
            self._line = line
            return
        self._line, theirs = socket.socketpair()
        command, env = (
            [sys.executable, "-m", "tests.support.forked_interpreter"],
            {"LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
        )
        with theirs:
            self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=theirs, start_new_session=True)

    def start(self, wanted: Wanted, outputs: list[int]) -> int:
        """The new child's number."""
        told = json.dumps(wanted).encode()
        with self._one, _taking_orphans():
            socket.send_fds(self._line, [len(told).to_bytes(4, "big")], outputs)
            self._line.sendall(told)
            number = self._line.recv(4, socket.MSG_WAITALL)
        assert len(number) == 4, "the interpreter that is forked has ended"
        return int.from_bytes(number, "big")

    def close(self) -> None:
        self._line.close()
        if self._process:
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
