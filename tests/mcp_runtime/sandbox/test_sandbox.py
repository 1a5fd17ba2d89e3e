"""What a program sees and may do in the sandbox."""

import asyncio
import os
import subprocess
import sysconfig
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from mcp_runtime.errors import ProgramFailed, SandboxMissing
from mcp_runtime.programs import MIB, PROGRAMS, Program, on_host, python
from mcp_runtime.sandbox import Sandbox, command, probe
from mcp_runtime.sandbox.command import Given, argv
from mcp_runtime.sandbox.launches import Asked, boxed
from mcp_runtime.sandbox.processes import kill_tree, tree
from mcp_runtime.specs import StdioSpec
from tests.mcp_runtime.sandbox.inside import LONG, OPEN_FILES, told
from tests.support.requirements import require

TIME = StdioSpec("time")
BARE_TIME = list(on_host(PROGRAMS["time"], {}, ()).command)


@pytest.fixture(autouse=True)
async def works(sandbox: Sandbox) -> None:
    """All of this needs a sandbox that works here."""


async def test_only_what_was_given_is_there() -> None:
    root, etc, home, processes = await told(
        """
        processes = sorted(name for name in os.listdir("/proc") if name.isdigit())
        print(json.dumps([os.listdir("/"), os.listdir("/etc"), os.listdir("/home"), processes]))
        """
    )
    assert set(root) <= {"bin", "dev", "etc", "home", "lib", "lib64", "proc", "sbin", "srv", "tmp", "usr"}
    assert set(etc) <= {"ssl", "ld.so.cache", "alternatives"}
    assert home == ["mcp"] and processes == ["1", "2"]


async def test_nothing_of_our_environment_and_no_open_file_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-ours")
    environ, everywhere, files = await told(
        f"""
        everywhere = [open("/proc/1/environ").read(), open("/proc/2/environ").read()]
        print(json.dumps([dict(os.environ), everywhere, {OPEN_FILES}]))
        """,
        Asked({"TOKEN": "odd = \n but whole"}),
    )
    assert environ["TOKEN"] == "odd = \n but whole"
    ours = {"PATH", "HOME", "TMPDIR", "LANG", "PWD", "TOKEN"}
    assert set(environ) <= ours | {name for name in environ if name.startswith(("PYTHON", "LD_", "LC_"))}
    assert "xoxb-ours" not in "".join(everywhere)
    assert len(files) == 3 and all(name.startswith("pipe:") for name in files)


def test_a_secret_is_on_no_command_line() -> None:
    with boxed(Program(("true",)), Asked({"TOKEN": "hunter2"})) as launch:
        assert not any("hunter2" in word for word in launch.argv)
        assert "hunter2" not in repr(launch)


@pytest.mark.parametrize("secrets", [{"TOKEN": "x\0--bind\0/\0/host"}, {"A\0--bind": "x"}], ids=["value", "name"])
async def test_what_would_end_a_word_of_bubblewraps_is_refused(sandbox: Sandbox, secrets: dict[str, str]) -> None:
    with pytest.raises(ProgramFailed, match="a character that no program can be given") as told:
        await sandbox.launcher(TIME, secrets, server="Time")
    assert told.value.cure == "Edit it, and enter it anew."


async def test_it_has_no_power_and_gets_none() -> None:
    status = dict(await told("print(json.dumps([line.split(':', 1) for line in open('/proc/self/status')]))"))
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert int(status["NoNewPrivs"]) == 1 and int(status["Seccomp"]) == 2
    assert status["Uid"].split() == ["65534"] * 4


async def test_it_is_not_ours_even_when_we_are_root() -> None:
    with boxed(python("-c", "print(flush=True); input()"), Asked()) as launch:
        process = await asyncio.create_subprocess_exec(
            *launch.argv, stdin=PIPE, stdout=PIPE, pass_fds=launch.pass_fds, env=launch.env, start_new_session=True
        )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LONG):
            await process.stdout.readline()
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in tree(process.pid)}
    finally:
        kill_tree(process.pid)
        await process.wait()
    assert owners == ({65534} if os.geteuid() == 0 else {os.geteuid()})


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("unshare(0x10000000)", "EPERM"),
        ("ptrace(0, 0, 0, 0)", "EPERM"),
        ("mount(b'none', b'/tmp', b'tmpfs', 0, None)", "EPERM"),
        ("syscall(425, 1, 0)", "EPERM"),  # io_uring_setup
        ("memfd_create(b'x', 0)", "EPERM"),
        ("syscall(435, 0, 0)", "ENOSYS"),  # clone3
        ("ioctl(0, 0x5412, b'x')", "EPERM"),  # TIOCSTI
        ("socket(2, 1, 0)", "EAFNOSUPPORT"),  # AF_INET
    ],
)
async def test_calls_that_no_server_needs_are_refused(call: str, error: str) -> None:
    seen = await told(
        f"""
        import ctypes
        result = ctypes.CDLL(None, use_errno=True).{call}
        print(json.dumps([result, errno.errorcode[ctypes.get_errno()]]))
        """
    )
    assert seen == [-1, error]


async def test_what_can_be_written_is_small() -> None:
    megabytes = await told(
        """
        def written(folder):
            for number in range(40):
                try:
                    with open(f"{folder}/{number}", "wb") as file: file.write(bytes(1 << 20))
                except OSError: return number
            return "too much"
        found = [path for depth in ("/", "/*", "/*/*") for path in glob.glob(depth)]
        folders = [path for path in found if os.path.isdir(path) and not os.path.islink(path)]
        print(json.dumps({folder: number for folder in folders if (number := written(folder))}))
        """,
        disk=8 * MIB,
    )
    assert megabytes == {"/tmp": 8, "/home/mcp": 8, "/dev/shm": 8}


async def test_too_many_processes_are_refused() -> None:
    made = await told(
        """
        made = 0
        try:
            while made < 200:
                if os.fork() == 0: os.read(0, 1); os._exit(0)
                made += 1
        except BlockingIOError:
            print(made)
        """
    )
    assert 50 < made < 64


async def test_the_first_process_is_bounded_too_since_a_server_may_write_into_its_memory() -> None:
    first, own = await told(
        """
        print(json.dumps([open("/proc/1/limits").read(), open("/proc/self/limits").read()]))
        """
    )
    assert first == own


async def test_a_process_that_asks_for_too_much_memory_is_refused() -> None:
    megabytes = await told(
        """
        held = []
        try:
            while len(held) < 400: held.append(bytearray(1 << 20))
        except MemoryError:
            count = len(held)
            held.clear()
            print(count)
        """,
        data=128 * MIB,
    )
    assert 64 < megabytes < 128


def test_the_order_of_the_words_is_the_order_of_the_acts() -> None:
    words = argv(PROGRAMS["time"], Given(3, 4))
    closed = max(place for place, word in enumerate(words) if word == "--remount-ro")
    assert words.index("--clearenv") < words.index("--args") < closed < words.index("--chdir")
    assert words[closed + 1] == "/" and max(n for n, word in enumerate(words) if word == "--ro-bind") < closed
    assert words.index("--chdir") < words.index("sh") < words.index("mcp_server_time")


async def test_the_probe_says_what_is_missing_and_servers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.BARE, "PATH", "/nowhere")
    none = Sandbox()
    level = await none.probe()
    assert level.name == "none" and "apt-get install bubblewrap" in level.cure
    with pytest.raises(SandboxMissing):
        await none.launcher(TIME, {}, server="Time")


async def test_a_program_may_be_named_that_runs_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.BARE, "PATH", "/nowhere")
    with (await Sandbox(unsandboxed=frozenset({"time"})).launcher(TIME, {}, server="Time"))() as launch:
        assert launch.argv == BARE_TIME


async def test_a_sandbox_that_was_switched_off_on_purpose_is_said_to_be() -> None:
    off = Sandbox(enabled=False)
    assert (await off.probe()).name == "off"
    with (await off.launcher(TIME, {"TOKEN": "x"}, server="Time"))() as launch:
        assert launch.argv == BARE_TIME
        assert {"PATH", "TOKEN"} <= set(launch.env) and "SLACK_BOT_TOKEN" not in launch.env


OTHER_ACCOUNT = """
import asyncio, os, sys
sys.path[:0] = sys.argv[1:]
from mcp_runtime.sandbox import Sandbox
print(os.geteuid(), asyncio.run(Sandbox().probe()).name)
"""


@pytest.mark.parametrize("account", [0, 1234])
def test_it_works_for_root_and_for_others_with_the_systems_python(account: int) -> None:
    packages, ours = Path(sysconfig.get_path("purelib")), Path(__file__).parents[3]
    version = subprocess.run(["/usr/bin/python3", "-V"], capture_output=True, text=True).stdout.split()[-1:]
    require(version[0:1] != [] and version[0].startswith(sysconfig.get_python_version()), "no such Python in /usr/bin")
    reachable = all(parent.stat().st_mode & 1 for path in (packages, ours) for parent in (path, *path.parents))
    require(os.geteuid() == 0 and reachable, "only root can be another account, which has to reach the code")
    become = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]
    words = [*become, "/usr/bin/python3", "-I", "-c", OTHER_ACCOUNT, str(ours), str(packages)]
    told = subprocess.run(words, capture_output=True, text=True)
    assert told.stdout.split() == [str(account), "full"], told.stderr


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("bwrap: No permissions to create new namespace, likely because …", "user namespaces"),
        ("bwrap: setting up uid map: Permission denied", "AppArmor"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "systempaths"),
        ("bwrap: Can't find source path /x: Permission denied", "read the folders"),
        ("something new", "docs/operations.md"),
    ],
)
def test_each_complaint_has_its_cure(said: str, cure: str) -> None:
    assert cure in probe.cure(said)
