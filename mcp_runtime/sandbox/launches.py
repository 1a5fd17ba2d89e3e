"""How a program is started: in the sandbox, in the reduced one, or without any."""

import os
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import anyio

from mcp_runtime.programs import Program, on_host
from mcp_runtime.sandbox.cgroups import BESIDE_IT, Group, Groups
from mcp_runtime.sandbox.command import BARE, Given, Network, argv
from mcp_runtime.sandbox.landlock_command import landlock_argv
from mcp_runtime.sandbox.network import hand_out
from mcp_runtime.sandbox.network.destinations import NOWHERE, Destinations
from mcp_runtime.sandbox.network.listeners import hosts_file, listen
from mcp_runtime.sandbox.network.way_out import WayOut
from mcp_runtime.sandbox.seccomp import AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, seccomp_filter
from mcp_runtime.sandbox.view.folders import Folder
from mcp_runtime.sandbox.written_files import Writable, take_away

Beside = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Launch:
    """All that it takes to start a program, while the descriptors are open."""

    argv: list[str]
    env: Mapping[str, str] = field(repr=False)
    pass_fds: tuple[int, ...]
    memory: int
    cwd: str | None = None
    beside: Beside | None = None
    """To run from the start to the end of the program, until cancelled; raises OSError when it cannot start."""
    group: Group | None = None
    writable: Writable | None = None
    """A folder on the disk that is to be watched."""
    threads: int | None = None
    """The most of all its processes together, where they are to be watched: the kernel counts no program's own."""


Prepare = Callable[[], AbstractContextManager[Launch]]
REMOVED_WITHIN = 2.0


@dataclass(frozen=True)
class Asked:
    """What one connection asks for its program, checked already."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    arguments: tuple[str, ...] = ()
    folders: Mapping[str, Folder] = field(default_factory=dict)
    """By their path inside."""
    hidden: tuple[Path, ...] = ()
    """Of this machine: not shown, whatever folder they lie in."""
    destinations: Destinations = NOWHERE
    way_out: Callable[[Destinations], WayOut] | None = None


Way = Callable[[Program, Asked], AbstractContextManager[Launch]]


@contextmanager
def boxed(program: Program, asked: Asked) -> Iterator[Launch]:
    """In the sandbox; secrets go by descriptor, since a command line is public."""
    words = "".join(f"--setenv\0{name}\0{value}\0" for name, value in asked.secrets.items())
    with ExitStack() as stack:
        network, beside = _network(stack, asked)
        families = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK) if network else (AF_UNIX,)
        secrets = in_memory(stack, words.encode())
        given = Given(secrets, _filter(stack, families), network, asked.folders, asked.hidden)
        passed = [given.secrets, given.seccomp]
        if network is not None:  # what is not used would stay open in the server
            passed += [network.control, network.script, *network.files.values()]
        numbers = tuple(number for number in passed if number is not None)
        yield Launch(argv(program, given, asked.arguments), BARE, numbers, program.memory, beside=beside)


@contextmanager
def shut_in(program: Program, asked: Asked) -> Iterator[Launch]:
    """By Landlock, where namespaces cannot be had: it has no socket at all, and a folder to write to."""
    there = on_host(program, {inside: folder.path for inside, folder in asked.folders.items()}, asked.arguments)
    home = tempfile.mkdtemp(prefix="usher-program-")
    with ExitStack() as stack:
        stack.push(lambda kind, *_: take_away(home) if kind else None)
        secrets = "".join(f"{name}\0{value}\0" for name, value in {**there.env, **asked.secrets}.items())
        environment, allowed = in_memory(stack, secrets.encode()), _filter(stack, (), sees_others=True)
        if allowed is None:
            raise OSError("there is no system-call filter for this machine")
        numbers = (environment, allowed)
        words = landlock_argv(
            there, asked.folders, home=home, environment=environment, seccomp=allowed, hidden=asked.hidden
        )
        writable = Writable(Path(home), program.disk)
        beside = partial(_until_gone, home)
        yield Launch(words, BARE, numbers, program.memory, home, beside, writable=writable, threads=program.processes)


@contextmanager
def unboxed(program: Program, asked: Asked) -> Iterator[Launch]:
    there = on_host(program, {inside: folder.path for inside, folder in asked.folders.items()}, asked.arguments)
    yield Launch(list(there.command), {**BARE, **there.env, **asked.secrets}, (), program.memory)


@contextmanager
def grouped(way: Way, groups: Groups, program: Program, asked: Asked) -> Iterator[Launch]:
    """By ``way``, in a control group of its own where one can be made."""
    with way(program, asked) as launch:
        if (group := groups.make(program.memory, program.processes)) is None:
            yield launch
            return
        try:
            beside = partial(_both, launch, group, groups)
            threads = None if launch.threads is None else launch.threads + BESIDE_IT  # the kernel refuses it before
            yield replace(launch, argv=group.joining(launch.argv), group=group, beside=beside, threads=threads)
        except BaseException:
            groups.leave(group)
            raise


async def _both(launch: Launch, group: Group, groups: Groups) -> None:
    try:
        await (launch.beside() if launch.beside else anyio.sleep_forever())
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True), anyio.move_on_after(REMOVED_WITHIN):
            # The kernel tells nobody when the last of those that were killed is gone.
            while not group.remove():  # noqa: ASYNC110
                await anyio.sleep(0.02)
        raise
    finally:
        groups.leave(group)


def _network(stack: ExitStack, asked: Asked) -> tuple[Network | None, Beside | None]:
    if not asked.destinations or asked.way_out is None:
        return None, None
    ours, theirs = socket.socketpair()
    stack.enter_context(theirs)
    stack.push(lambda kind, *_: ours.close() if kind else None)  # else it is closed by who serves it
    way_out = asked.way_out(asked.destinations)
    files = {"/etc/hosts": hosts_file(asked.destinations), "/etc/nsswitch.conf": "hosts: files\n"}
    network = Network(
        control=theirs.fileno(),
        script=in_memory(stack, Path(hand_out.__file__).read_bytes()),
        files={path: in_memory(stack, text.encode()) for path, text in files.items()},
        listen=listen(asked.destinations),
        proxied=bool(asked.destinations.web),
    )
    return network, lambda: way_out.serve(ours)


def _filter(stack: ExitStack, families: tuple[int, ...], *, sees_others: bool = False) -> int | None:
    try:
        return in_memory(stack, seccomp_filter(sockets=families, sees_others=sees_others))
    except KeyError:  # a machine whose call numbers we do not know
        return None


async def _until_gone(home: str) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(take_away, home)


def in_memory(stack: ExitStack, content: bytes) -> int:
    descriptor = os.memfd_create("usher", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
