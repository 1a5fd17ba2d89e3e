"""The reduced sandbox, for where namespaces cannot be had."""

import asyncio
import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_runtime.errors import ProgramStopped, SandboxMissing
from mcp_runtime.programs import MIB, PROGRAMS, Program
from mcp_runtime.sandbox import Sandbox, landlock, probe
from mcp_runtime.sandbox.command import YIELDS, Given, argv
from mcp_runtime.sandbox.landlock_command import FOR_OTHERS
from mcp_runtime.sandbox.launches import Asked, boxed, shut_in
from mcp_runtime.sandbox.probe import complaint
from mcp_runtime.sandbox.processes import tree
from mcp_runtime.sandbox.view.folders import Folder
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.tools import ToolCall
from mcp_runtime.transports.stdio import BoundedStdio
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.sandbox.accounts import ACCOUNTS, run_by
from tests.mcp_runtime.sandbox.inside import SYSTEMS, told
from tests.mcp_runtime.servers import HERE
from tests.support.ending import gone
from tests.support.requirements import require

TRY = """
import ctypes, subprocess
libc = ctypes.CDLL(None, use_errno=True)

def tried(act):
    try: act()
    except OSError as error: return errno.errorcode[error.errno]
    return True

def called(name, *given): return 0 if getattr(libc, name)(*given) >= 0 else errno.errorcode[ctypes.get_errno()]

def opened(*given): return tried(lambda: open(*given).close())

"""


@pytest.fixture(autouse=True)
async def works() -> None:
    require(landlock.version() >= landlock.NEEDED, "the kernel's Landlock is too old, or there is none")
    program = replace(SYSTEMS, command=(*SYSTEMS.command, "pass"))
    wrong = await complaint(lambda: shut_in(program, Asked()))
    require(wrong is None, wrong or "")


async def shut(source: str, asked: Asked | None = None, **options: Any) -> Any:
    return await told(f"{TRY}{source}", asked, way=shut_in, **options)


async def test_only_the_system_can_be_read_and_only_its_own_folder_written() -> None:
    read, written = await shut(
        """
paths = ("/usr/bin/env", "/etc/hostname", "/etc/passwd", "/proc/self/environ", "/proc/1/environ", "/root", "/tmp")
print(json.dumps([[opened(path) for path in paths[:6]] + [tried(lambda: os.listdir("/tmp"))],
    [opened(path, "w") for path in ("mine", "/tmp/not-mine", "/usr/not-mine", "/dev/null")]]))
"""
    )
    assert read == [True, *["EACCES"] * 6]
    assert written[0] is True and written[1:3] == ["EACCES", "EACCES"] and written[3] is True


async def test_what_it_starts_is_shut_in_as_well() -> None:
    reads = "open('/etc/hostname')"
    assert await shut(f"print(subprocess.run([sys.executable, '-c', {reads!r}], capture_output=True).returncode)") == 1


async def test_it_can_neither_trace_nor_signal_who_started_it() -> None:
    calls = "called('kill', os.getppid(), 0), called('ptrace', 16, os.getppid(), 0, 0), called('unshare', 1 << 28)"
    assert await shut(f"print(json.dumps([{calls}]))") == ["EPERM"] * 3


async def test_it_has_no_socket_so_that_none_of_this_machine_answers_it() -> None:
    kinds = "(1, 1), (2, 1), (2, 2), (10, 1), (16, 3), (17, 3)"
    seen = await shut(f"print(json.dumps([tried(lambda: socket.socket(*kind)) for kind in ({kinds})]))")
    assert seen == ["EAFNOSUPPORT"] * 6
    assert await shut("import asyncio; print(json.dumps(asyncio.run(asyncio.sleep(0, 1))))") == 1


async def test_its_secrets_are_its_environment_and_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-ours")
    asked = Asked({"TOKEN": "odd = \n but whole"})
    with shut_in(SYSTEMS, asked) as launch:
        assert not any("but whole" in word for word in launch.argv) and "but whole" not in repr(launch)
    shutil.rmtree(launch.cwd or "")  # which goes with a program, and none was started
    open_files = "[number for number in range(3, 64) if tried(lambda: os.fstat(number)) is True]"
    environ, files = await shut(f"print(json.dumps([dict(os.environ), {open_files}]))", asked)
    assert environ["TOKEN"] == "odd = \n but whole" and "SLACK_BOT_TOKEN" not in environ
    assert files == []


async def test_it_is_bounded_and_not_ours() -> None:
    grown, threads, account = await shut(
        """
import resource
def grows():
    held = []
    try:
        while len(held) < 400: held.append(bytearray(1 << 20))
    except MemoryError:
        number = len(held)
        held.clear()
        return number

print(json.dumps([grows(), resource.getrlimit(resource.RLIMIT_NPROC), os.geteuid()]))
""",
        data=128 * MIB,
    )
    assert grown < 128
    # Of the whole account, until it is looked at, which counts its own: see test_bombs.
    assert threads[0] == threads[1] and 0 <= threads[0] - SYSTEMS.processes - FOR_OTHERS < 10_000
    assert account == (65534 if os.geteuid() == 0 else os.geteuid())


async def test_folders_are_seen_as_they_were_allowed(open_folder: Path) -> None:
    for name in ("seen", "filled"):
        (open_folder / name).mkdir()
        (open_folder / name).chmod(0o777)
        (open_folder / name / "note").write_text(name)
    (open_folder / "secret").write_text("ours")
    asked = Asked(
        folders={
            "/srv/folders/seen": Folder(open_folder / "seen"),
            "/srv/folders/filled": Folder(open_folder / "filled", writable=True),
        },
        arguments=("/srv/folders/seen", "/srv/folders/filled/new"),
    )
    seen = await shut(
        """
seen, new = sys.argv[1:]
(print(json.dumps([open(f"{seen}/note").read(), opened(f"{seen}/new", "w"), opened(new, "w"),
    opened(f"{seen}/../secret")])))
""",
        asked,
    )
    assert seen == ["seen", "EACCES", True, "EACCES"]
    assert (open_folder / "filled" / "new").exists()


def shut_in_here(monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A machine whose namespaces are refused, as in a stock container."""

    async def refused() -> str:
        return "bubblewrap does not work here (No permissions to create a new namespace): allow user namespaces"

    monkeypatch.setattr(probe, "_without_bubblewrap", refused)
    monkeypatch.setattr(probe, "python", lambda *_: Program((*SYSTEMS.command, "pass")))
    return Sandbox()


async def test_a_server_runs_in_it_and_leaves_nothing_behind(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, open_folder: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(open_folder))
    inside = ("/usr/bin/python3", "-I", "-S", "/srv/tests/scripted_server.py")
    programs: Any = PROGRAMS
    monkeypatch.setitem(programs, "scripted", Program(inside, {"/srv/tests": HERE}))
    pool = make_pool(sandbox=shut_in_here(monkeypatch))
    await connect(pool, StdioSpec("scripted"))
    assert not (await (await pool.toolset(MEMBER)).call(ToolCall("", "notes__echo"))).failed
    async with asyncio.timeout(60):
        while len(list(open_folder.iterdir())) != 1:  # that of the try is taken away by and by
            await asyncio.sleep(0.01)
    await pool.close()
    assert list(open_folder.iterdir()) == []


async def test_a_program_that_needs_the_network_is_refused_since_it_cannot_be_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = shut_in_here(monkeypatch)
    assert (await box.probe()).name == "reduced"
    await box.launcher(StdioSpec("time"), {}, server="Time")
    with pytest.raises(SandboxMissing, match="network"):
        await box.launcher(StdioSpec("time", network=("api.good.test",)), {}, server="Time")


async def test_a_server_that_fills_its_folder_is_ended_and_the_reason_told(
    monkeypatch: pytest.MonkeyPatch, make_pool: MakePool, open_folder: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(open_folder))
    fills = "import signal\nfor n in range(20): open(str(n), 'wb').write(bytes(1 << 20))\nsignal.pause()"
    program = replace(SYSTEMS, command=(*SYSTEMS.command, fills), disk=8 * MIB)
    programs: Any = PROGRAMS
    monkeypatch.setitem(programs, "fills", program)
    pool = make_pool(sandbox=shut_in_here(monkeypatch))
    with pytest.raises(ProgramStopped, match="it wrote more than 8 MB of files and was ended"):
        await pool.try_out(StdioSpec("fills"), {}, title="Files")
    await pool.close()
    assert list(open_folder.iterdir()) == []


async def test_where_the_processors_are_busy_others_go_first() -> None:
    ours = os.nice(0)
    for way in (boxed, shut_in):
        assert await told("print(os.getpriority(os.PRIO_PROCESS, 0))", way=way) == min(ours + YIELDS, 19), way


def test_what_is_gone_again_when_it_is_to_be_shown_keeps_no_program_from_starting(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an editor's file beside what it edits."""
    landlock.allow(-1, str(open_folder / "gone"), landlock.READ)
    there = open_folder / "link"
    there.symlink_to("elsewhere")
    found = Path.is_symlink

    def seen(path: Path) -> bool:
        if path != there:
            return found(path)
        there.unlink(missing_ok=True)
        return True

    monkeypatch.setattr(Path, "is_symlink", seen)
    hidden = open_folder / "hidden"
    hidden.touch()
    given = Given(1, None, None, {"/srv/shown": Folder(open_folder)}, (hidden,))
    assert "--chdir" in argv(SYSTEMS, given, ())


DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    os.setpgid(0, 0) if os.getpgrp() != os.getpid() else None
    if os.fork() == 0:
        for number in range(3): os.close(number)
        time.sleep(600)
    os._exit(0)
os.wait()
print('{"jsonrpc": "2.0", "method": "begun"}', flush=True)
"""


@pytest.mark.parametrize(
    "then", ["sys.stdin.read()", "time.sleep(600)", "while not os.path.exists('end'): time.sleep(.05)"]
)
async def test_what_makes_itself_independent_stays_in_sight_and_ends_with_its_program(then: str) -> None:
    program = replace(SYSTEMS, command=(*SYSTEMS.command, DAEMON + then))
    transport = BoundedStdio(partial(shut_in, program, Asked()), grace=0.05)
    async with transport as (read, _), asyncio.timeout(60):
        await read.receive()
        there = set(tree(transport.pid or 0))
        assert len(there) == 2, "it is out of sight"
        if "end" in then:
            Path(f"/proc/{transport.pid}/cwd/end").touch()
            with pytest.raises(anyio.EndOfStream):
                await read.receive()
    await gone(*there)


CLOSES = """
import asyncio, json, os
from functools import partial
from pathlib import Path
from mcp_runtime.sandbox import launches
from mcp_runtime.transports.stdio import BoundedStdio
from tests.mcp_runtime.sandbox.inside import SYSTEMS
from dataclasses import replace

SOURCE = '''
import os
os.makedirs("a/b/c")
os.symlink(OUTSIDE, "a/link")
open("a/b/file", "w").close()
for each in ("a/b/c", "a/b", "a", "."): os.chmod(each, 0)
print('{"jsonrpc": "2.0", "method": "begun"}', flush=True)
'''

async def main():
    outside = Path(sys.argv[1])
    program = replace(SYSTEMS, command=(*SYSTEMS.command, SOURCE.replace("OUTSIDE", repr(str(outside)))))
    transport = BoundedStdio(partial(launches.shut_in, program, launches.Asked()))
    launches.tempfile.tempdir = str(outside.parent)
    async with transport as (read, _): await read.receive()
    print(json.dumps([sorted(each.name for each in outside.parent.iterdir()), outside.stat().st_mode & 0o777]))

asyncio.run(main())
"""


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS)
def test_a_folder_that_it_has_closed_is_taken_away_all_the_same(open_folder: Path, account: int) -> None:
    place = open_folder / "temp"
    for each in (place, outside := place / "outside"):
        each.mkdir()
        os.chown(each, account, account)
    outside.chmod(0o500)
    assert run_by(account, CLOSES, str(outside)) == [["outside"], 0o500]
