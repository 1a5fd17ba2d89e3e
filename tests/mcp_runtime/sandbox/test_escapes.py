"""Ways out, tried from inside: all refused, in both sandboxes, started by root and by a plain account."""

import json
from typing import Any

import pytest

from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.seccomp import FORBIDDEN
from tests.mcp_runtime.sandbox.accounts import ACCOUNTS, run_by

ELSEWHERE = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hostname",
    "/proc/sysrq-trigger",
    "/dev/mem",
    "/dev/kmsg",
)

TRIED = """
import ctypes, resource
outside, calls, places = json.loads(sys.stdin.read())
libc = ctypes.CDLL(None, use_errno=True)

def called(number):
    ctypes.set_errno(0)
    return "done" if libc.syscall(number, *[0] * 6) >= 0 else errno.errorcode[ctypes.get_errno()]

def tried(act, *given):
    try: act(*given)
    except OSError as error: return errno.errorcode[error.errno]
    return "done"

def abstract():
    with socket.socket(socket.AF_UNIX) as ours: ours.connect("\\0" + outside["socket"])

def open_files():
    held = []
    try:
        while len(held) < 5000: held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error: return [errno.errorcode[error.errno], len(held)]
    finally:
        for each in held: os.close(each)

def raw(*kind): socket.socket(*kind).close()

print(json.dumps({
    "calls": {name: called(number) for name, number in calls.items()},
    "sockets": [tried(raw, *kind) for kind in ((2, 3, 1), (10, 3, 58), (17, 3, 0), (16, 3, 0), (40, 1, 0))],
    "abstract": tried(abstract),
    "written": {place: tried(os.open, place, os.O_WRONLY) for place in places},
    "signal": tried(os.kill, outside["pid"], 0),
    "priority": tried(os.setpriority, os.PRIO_PROCESS, outside["pid"], 19),
    "limit": tried(resource.prlimit, outside["pid"], resource.RLIMIT_CPU, (1, 1)),
    "processors": tried(os.sched_setaffinity, outside["pid"], {0}),
    "own": [len(resource.getrlimit(resource.RLIMIT_CPU)), tried(os.sched_setaffinity, 0, os.sched_getaffinity(0))],
    "root": tried(os.setuid, 0),
    "open": open_files(),
}))
"""

RUN = """
import asyncio, json, os, platform, socket, sys
from mcp_runtime.sandbox.launches import boxed, shut_in
from mcp_runtime.sandbox.seccomp import ARCHITECTURES, FORBIDDEN
from tests.mcp_runtime.sandbox.inside import told

column = ARCHITECTURES[platform.machine()].column
calls = {name: numbers[column] for name, numbers in FORBIDDEN.items() if numbers[column] is not None}
name = f"usher-test-{os.getpid()}"
listening = socket.socket(socket.AF_UNIX)
listening.bind("\\0" + name)
listening.listen()
said = json.dumps([{"pid": os.getpid(), "socket": name}, calls, json.loads(sys.argv[2])])

async def main():
    seen = [await told(sys.argv[1], way=way, said=said) for way in (boxed, shut_in)]
    print(json.dumps([os.geteuid(), *seen]))

asyncio.run(main())
"""


@pytest.fixture(params=ACCOUNTS.values(), ids=ACCOUNTS)
def seen(request: pytest.FixtureRequest, sandbox: Sandbox) -> dict[str, Any]:
    """What came of it in each sandbox."""
    account, boxed, shut_in = run_by(request.param, RUN, TRIED, json.dumps(ELSEWHERE))
    assert account == request.param
    return {"boxed": boxed, "shut in": shut_in}


def test_what_has_led_out_of_sandboxes_is_on_the_list() -> None:
    led = "bpf chroot init_module io_uring_setup kexec_load keyctl memfd_create mount move_mount open_by_handle_at"
    led += " perf_event_open pidfd_getfd pivot_root process_vm_readv ptrace setns shmget unshare userfaultfd"
    assert set(led.split()) <= FORBIDDEN.keys()


def test_every_way_out_is_refused(seen: dict[str, Any]) -> None:
    for way, found in seen.items():
        assert len(found["calls"]) > len(FORBIDDEN) - 5
        assert {name for name, result in found["calls"].items() if result != "EPERM"} == set(), way
        assert found["sockets"] == ["EAFNOSUPPORT"] * 5, way
        assert "done" not in found["written"].values(), way
        assert found["own"] == [2, "done"], way
        error, number = found["open"]
        assert error == "EMFILE" and number < 128, way
    assert seen["boxed"]["abstract"] == "ECONNREFUSED" and seen["shut in"]["abstract"] == "EAFNOSUPPORT"
    others = ("signal", "priority", "limit", "processors")
    assert [seen["boxed"][each] for each in others] == ["ESRCH"] * 4
    assert [seen["shut in"][each] for each in others] == ["EPERM"] * 4
    assert seen["boxed"]["root"] == "EINVAL" and seen["shut in"]["root"] == "EPERM"  # in a box there is no such account
