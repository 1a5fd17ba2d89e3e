"""The interpreter that is forked: it has imported all of Usher, and waits on a line to be told what to become."""

import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NoReturn

from playground.children import die_with_parent
from tests.support.forked import BENCHMARKS, Environment, forked_starts
from tests.support.spared import waiting_their_turn

FOR_ALL = """app bot.doctor bot.house alembic.command google.genai icu4py.messageformat mcp mcp.client.streamable_http
    mcp_runtime.own_servers.running mcp_runtime.sessions.sessions bot.tool_server.in_memory segno storage.bus.postgres
    storage.migrate"""


def main() -> None:
    for each in FOR_ALL.split():
        importlib.import_module(each)
    del sys.modules["app"]  # each runs it as its own main module
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    with waiting_their_turn(), socket.socket(fileno=os.dup(0)) as line:
        _serve(line)


def _serve(line: socket.socket) -> None:
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
        middle, child = os.getpid(), os.fork()
        if child == 0:
            _be(*json.loads(wanted), outputs, middle)
        os.write(writes, child.to_bytes(4, "big"))
        os._exit(0)
    os.waitpid(between, 0)
    number = int.from_bytes(os.read(reads, 4), "big")
    os.close(reads)
    os.close(writes)
    return number


def _be(
    command: list[str], folder: str, env: Environment, leads: bool, bound: bool, outputs: list[int], middle: int
) -> NoReturn:
    """This command, as the interpreter would run and end it."""
    module, *arguments = command
    high = [os.dup(each) for each in outputs]  # above all that is put in place
    for number, output in enumerate(high):
        os.dup2(output, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.path[0], sys.argv[1:] = folder, arguments
    _open_streams(unbuffered="PYTHONUNBUFFERED" in env)
    if leads:
        os.setsid()
    if bound:
        _bound_to_who_starts_it(middle)
    code: Any = 0
    try:
        with _forking_too() if module.startswith(BENCHMARKS) else nullcontext():
            runpy.run_module(module, run_name="__main__", alter_sys=True)
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


def _bound_to_who_starts_it(middle: int) -> None:
    while os.getppid() == middle:
        time.sleep(0.001)
    die_with_parent()


@contextmanager
def _forking_too() -> Iterator[None]:
    """What is started from here is forked from another of us: here there will be threads."""
    line, theirs = socket.socketpair()
    if os.fork() == 0:
        line.close()
        _serve(theirs)
        os._exit(0)
    theirs.close()
    with forked_starts(line):
        yield


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
