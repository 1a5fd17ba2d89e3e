"""Programs that make themselves many or fill what they can write: bounded in both sandboxes, whoever started them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mcp_runtime.programs import MIB
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.processes import kill_tree, tree
from tests.mcp_runtime.sandbox.accounts import ACCOUNTS, run_by

FEW, DISK = 32, 8 * MIB
AROUND = 4
"""Processes that a sandbox is made of."""

SAID = """
import contextlib, errno, json, os, time
def say(**told): print(json.dumps({"jsonrpc": "2.0", "method": "told", "params": told}), flush=True)
"""

BOMB = """
full, tell = os.pipe()
if os.fork() == 0:
    while True:  # whoever is born goes on with it, and again as soon as another has been ended
        try: os.fork()
        except OSError as error:
            os.write(tell, error.errno.to_bytes(1, "big"))
            time.sleep(0.05)
"""
FORKS = f"""{BOMB}
say(error=errno.errorcode[os.read(full, 1)[0]])
while True: time.sleep(60)
"""
TO_ITS_END = f"{BOMB}time.sleep(600)\n"

CROWD = """
import threading
for _ in range(24): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
say(many=24)
while True: time.sleep(60)
"""

EARLIER = """
say(ready=True)
input()
def begun(number):
    try:
        if os.fork() == 0: time.sleep(600)
        return number
    except OSError as error: return errno.errorcode[error.errno]
say(many=[begun(number) for number in range(8)])
while True: time.sleep(60)
"""

FILLS = """
home = os.environ["HOME"]
def filled(name):
    try:
        with open(name, "ab", buffering=0) as file: return file.write(bytes(1 << 20)) >> 20
    except OSError as error: return errno.errorcode[error.errno]
def until_refused(names):
    written = 0
    while written < 4000 and isinstance(told := filled(names(written)), int): written += told
    return [written, told]
say(one=until_refused(lambda _: f"{home}/one"))
os.unlink(f"{home}/one")
say(many=until_refused(lambda number: f"{home}/{number}"))
while True: time.sleep(60)
"""

HIDES = """
home, held = os.environ["HOME"], []
def written():
    with open(f"{home}/one", "wb", buffering=0) as file: file.write(bytes(1 << 20)); held.append(os.dup(file.fileno()))
    os.unlink(f"{home}/one")
for _ in range(100): written()
while True: time.sleep(60)
"""

SOCKETS = """
import socket
pairs, first = [], socket.socketpair()[0]
first.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
say(buffer=first.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))
for _ in range(5):
    if os.fork() == 0: break
def filled():
    pair = socket.socketpair()
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    pair[0].setblocking(False)
    pairs.append(pair)
    with contextlib.suppress(BlockingIOError):
        while True: pair[0].send(bytes(1 << 16))
with contextlib.suppress(OSError):
    while len(pairs) < 120: filled()
while True: time.sleep(60)
"""

NAMES = """
made, home = 0, os.environ["HOME"]
while made < 400_000:
    os.mkdir(f"{home}/{made}")
    made += 1
while True: time.sleep(60)
"""

RUNS = """
import asyncio, json, os, time
from dataclasses import replace
from functools import partial
from pathlib import Path
from mcp_runtime.sandbox import launches
from mcp_runtime.transports.stdio import BoundedStdio
from tests.mcp_runtime.sandbox.inside import SYSTEMS

source, bounds = sys.argv[1], json.loads(sys.argv[2])

def alive(mark):
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try: found += [each] * (mark.encode() in each.read_bytes())
        except OSError: pass
    return len(found)

async def left(mark):
    until = time.monotonic() + 30  # whoever is killed may have to wait for a processor to die
    while (found := alive(mark)) and time.monotonic() < until: await asyncio.sleep(0.02)
    return found

def ran(way, source, bounds):
    program = replace(SYSTEMS, command=(*SYSTEMS.command, source), **bounds)
    return BoundedStdio(partial(getattr(launches, way), program, launches.Asked()), grace=0.05)

async def told_by(read, *names):
    told = {}
    async with asyncio.timeout(60):
        async for message in read:
            told |= message.message.params
            if {*names} & set(told): break
    return told
"""

RUN = f"""{RUNS}
async def seen(name):
    mark = f"# {{name}}-{{os.getpid()}}"
    async with (transport := ran(name, source + mark, bounds)) as (read, _):
        told = await told_by(read, "error", "many")
        running = alive(mark)
    return {{**told, "running": running, "left": await left(mark), "why": transport.why}}

async def main():
    print(json.dumps([os.geteuid(), {{name: await seen(name) for name in sys.argv[3:]}}]))

asyncio.run(main())
"""

BESIDE = f"""{RUNS}
from contextlib import AsyncExitStack
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCNotification

async def begun(way):
    async with AsyncExitStack() as stack:
        read, write = await stack.enter_async_context(ran(way, source, bounds))
        await told_by(read, "ready")
        for _ in range(4):
            later, _ = await stack.enter_async_context(ran(way, sys.argv[3], bounds))
            await told_by(later, "many")
        await write.send(SessionMessage(JSONRPCNotification(jsonrpc="2.0", method="go")))
        return (await told_by(read, "many"))["many"]

async def main():
    print(json.dumps([os.geteuid(), {{way: await begun(way) for way in ("boxed", "shut_in")}}]))

asyncio.run(main())
"""


def seen(by: int, program: str, *words: str, run: str = RUN, **bounds: int) -> dict[str, Any]:
    """What came of it in each sandbox."""
    account, found = run_by(by, run, SAID + program, json.dumps(bounds), *words)
    assert account == by
    return found


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_a_fork_bomb_is_bounded_and_ended_whole(sandbox: Sandbox, account: int) -> None:
    found = seen(account, FORKS, "boxed", processes=FEW)["boxed"]
    assert found["error"] == "EAGAIN"
    assert FEW // 2 < found["running"] <= FEW + AROUND
    assert found["left"] == 0


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_where_the_kernel_counts_no_programs_own_it_is_ended_for_it(sandbox: Sandbox, account: int) -> None:
    found = seen(account, TO_ITS_END, "shut_in", processes=FEW)["shut_in"]
    assert found["why"] == f"it ran more than {FEW} processes at once and was ended"
    assert found["left"] == 0


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_those_that_began_later_take_no_process_from_one_that_runs(sandbox: Sandbox, account: int) -> None:
    found = seen(account, EARLIER, SAID + CROWD, run=BESIDE, processes=FEW)
    assert found == {way: list(range(8)) for way in ("boxed", "shut_in")}, "another's were counted as its own"


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_the_disk_cannot_be_filled(sandbox: Sandbox, account: int) -> None:
    found = seen(account, FILLS, "boxed", "shut_in", disk=DISK)
    assert found["boxed"]["one"] == found["shut_in"]["one"] == [DISK // MIB, "EFBIG"]
    assert found["boxed"]["many"] == [DISK // MIB, "ENOSPC"]
    # There it is on the machine's own disk, where nothing refuses many files: whoever writes them is ended.
    assert found["shut_in"]["why"] == "it wrote more than 8 MB of files and was ended"
    assert found["boxed"]["left"] == found["shut_in"]["left"] == 0


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_nor_by_files_that_are_in_no_folder_any_more(sandbox: Sandbox, account: int) -> None:
    found = seen(account, HIDES, "shut_in", disk=DISK)["shut_in"]
    assert found["why"] == "it wrote more than 8 MB of files and was ended" and found["left"] == 0


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_what_lies_in_sockets_counts_as_memory(sandbox: Sandbox, account: int) -> None:
    usual = int(Path("/proc/sys/net/core/wmem_default").read_text())
    for way, found in seen(account, SOCKETS, "boxed", "shut_in", memory=64 * MIB).items():
        assert found["why"] == "it used more than 64 MB of memory and was ended", way
        assert found["buffer"] == usual, "a larger one was taken"
        assert found["left"] == 0, way


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_and_so_do_the_names_of_empty_files(sandbox: Sandbox, account: int) -> None:
    found = seen(account, NAMES, "boxed", memory=64 * MIB)["boxed"]
    assert found["why"] == "it used more than 64 MB of memory and was ended" and found["left"] == 0


def test_what_ends_while_it_is_looked_at_is_left_out_and_the_rest_is_found() -> None:
    """Or the look, which comes four times a second, would end the session of whoever starts other programs."""
    words = "sleep 60 & while :; do true | true & wait $!; done"
    with subprocess.Popen(["sh", "-c", words], start_new_session=True) as starter:
        try:
            looks = [set(tree(starter.pid)) for _ in range(5000)]
        finally:
            kill_tree(starter.pid)
    assert all(starter.pid in look for look in looks)
    assert len(set.union(*looks)) > len(looks[0]), "nothing has ended meanwhile"
