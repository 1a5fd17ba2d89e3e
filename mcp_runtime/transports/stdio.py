"""A stdio transport that trusts nothing of its child: bounded lines, bounded memory, an end that leaves nothing."""

import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from mcp.shared.message import SessionMessage

from mcp_runtime.programs import MIB
from mcp_runtime.sandbox import Prepare
from mcp_runtime.sandbox.launches import Beside, Launch
from mcp_runtime.sandbox.processes import grown_over, kill_tree, opened_whole, signal_group
from mcp_runtime.sandbox.written_files import Writable
from mcp_runtime.transports.diagnosis import FILES, MEMORY, PROCESSES, TOO_LONG
from mcp_runtime.transports.large.reading import Reading
from mcp_runtime.transports.mending.messages import TooManyValues, messages_in
from mcp_runtime.transports.session_budgets import SessionBudget, SessionSpent

MAX_LINE = 8 * MIB
GRACE, PATIENCE = 0.7, 1.0
"""Seconds to end by itself when its input is closed; seconds for the kernel to end what was killed."""
STDERR_TAIL = 8192
log = logging.getLogger(__name__)
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)


class LineTooLong(Exception):
    """The child sent more than one message may hold."""


class BoundedStdio:
    """A transport for `mcp.Client`; after the end, ``why`` says what happened, for people.

    ``stderr`` is the last that the child wrote there. It may hold anything, so it is shown to nobody.
    """

    def __init__(
        self,
        prepare: Prepare,
        *,
        max_line: int = MAX_LINE,
        grace: float = GRACE,
        budget: SessionBudget | None = None,
        reading: Reading | None = None,
    ) -> None:
        self._budget = budget or SessionBudget()
        self._large = reading or Reading()
        self.why: str | None = None
        self.exit_code: int | None = None
        self.stderr = bytearray()
        self.pid: int | None = None
        self._stdout_ended, self._stderr_ended = anyio.Event(), anyio.Event()
        self._reading = anyio.CancelScope()
        self._prepare = prepare
        self._max_line = max_line
        self._grace = grace

    async def __aenter__(self) -> tuple[Any, Any]:
        self._running = self._run()
        return await self._running.__aenter__()

    async def __aexit__(self, *exc: Any) -> bool | None:
        return await self._running.__aexit__(*exc)

    @asynccontextmanager
    async def _run(self) -> AsyncIterator[tuple[Any, Any]]:
        with self._prepare() as launch:
            opening = anyio.open_process(
                launch.argv, env=launch.env, cwd=launch.cwd, pass_fds=launch.pass_fds, start_new_session=True
            )
            process = await opened_whole(opening)
        # No await until the task group below: a cancellation in between would leak the process.
        stdin, stdout, stderr = pipes(process)
        self.pid = process.pid
        inbound, read = anyio.create_memory_object_stream[SessionMessage](0)
        write, outbound = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as tasks:
            ended = partial(_why_ended, launch)
            tasks.start_soon(self._deliver, stdout, inbound, ended)
            tasks.start_soon(self._submit, outbound, stdin, inbound, ended)
            tasks.start_soon(self._keep_tail, stderr)
            tasks.start_soon(bury, process.pid)
            tasks.start_soon(self._watch, process.pid, launch)
            if launch.writable is not None:
                tasks.start_soon(self._watch_files, process.pid, launch.writable)
            if launch.beside is not None:
                tasks.start_soon(self._accompany, launch.beside, process.pid)
            try:
                yield read, write
            finally:
                with anyio.CancelScope(shield=True):
                    read.close()  # frees a reader parked on a session that no longer listens
                    write.close()
                    await self._stop(process, stdin)
                tasks.cancel_scope.cancel()

    async def _deliver(self, stdout: ByteReceiveStream, inbound: Any, ended: Callable[[], str]) -> None:
        try:
            with self._reading:
                async with inbound:
                    await self._pass_on(stdout, inbound)
                    self._note(ended())
        except (LineTooLong, TooManyValues):
            self._note(TOO_LONG)
        except SessionSpent:
            self._note(self._budget.spent)
        except GONE:
            self._note("its session was closed")
        await drain(stdout)  # a server blocked on a full pipe could not exit by itself
        self._stdout_ended.set()

    async def _pass_on(self, stdout: ByteReceiveStream, inbound: Any) -> None:
        async for line in lines(stdout, self._max_line):
            self._budget.came(len(line))
            # Or none: much is printed that belongs to stderr.
            small = await self._large.small(line)
            for message in self._budget.work(partial(messages_in, small)):
                if self._budget.hears(message):
                    await inbound.send(SessionMessage(message))
            await self._budget.others()

    async def _submit(self, outbound: Any, stdin: ByteSendStream, inbound: Any, ended: Callable[[], str]) -> None:
        try:
            async with outbound:
                async for item in outbound:
                    await stdin.send(encode(item))
        except GONE:
            self._note(ended())
            await inbound.aclose()  # so that requests in flight fail instead of waiting for ever

    async def _keep_tail(self, stderr: ByteReceiveStream) -> None:
        with suppress(*GONE, SessionSpent):
            async for chunk in stderr:
                self.stderr += chunk
                del self.stderr[:-STDERR_TAIL]
                self._budget.came(len(chunk))
                await self._budget.others()
        await drain(stderr)
        self._stderr_ended.set()

    async def _accompany(self, beside: Beside, pid: int) -> None:
        """What goes on beside the program, such as the serving of its way out, until both end."""
        try:
            await beside()
        except (OSError, TimeoutError) as error:
            log.warning("a program was ended: it did not start as it should: %r", error)
            self._note("its program did not start as it should")
            kill_tree(pid)

    async def _watch(self, pid: int, launch: Launch) -> None:
        limit = launch.memory // MIB
        if (held := await grown_over(launch.memory, pid, launch.threads)) is None:
            log.warning("a program was ended: it ran more than the %d processes that it may", launch.threads)
        else:
            log.warning("a program was ended: it held %d MB of memory, and may hold %d", held // MIB, limit)
        self._note(PROCESSES.format(launch.threads) if held is None else MEMORY.format(limit))
        kill_tree(pid)

    async def _watch_files(self, pid: int, writable: Writable) -> None:
        await writable.overfilled(pid)
        log.warning("a program was ended: it wrote more than the %d MB of files that it may", writable.most // MIB)
        self._note(FILES.format(writable.most // MIB))
        kill_tree(pid)

    def _note(self, why: str) -> None:
        self.why = self.why or why

    async def _stop(self, process: Process, stdin: ByteSendStream) -> None:
        self._reading.cancel()  # it may be waiting for others' turns
        try:
            with suppress(*GONE):
                await stdin.aclose()
            # No SIGTERM: it would reach bwrap alone, and with it gone nobody could say what was below it.
            with anyio.move_on_after(self._grace):
                await process.wait()
        finally:  # whoever is cut off here by asyncio is, for all the shield, and nobody else would end it
            if process.returncode is None:
                kill_tree(process.pid)
        await process.wait()
        self.exit_code = process.returncode
        signal_group(process.pid, signal.SIGKILL)
        with anyio.move_on_after(PATIENCE) as waiting:  # until all who held its pipes are gone
            await self._stdout_ended.wait()
            await self._stderr_ended.wait()
        if waiting.cancelled_caught:  # who has left its group, where nothing keeps it from that, holds them still
            await process.aclose()


def _why_ended(launch: Launch) -> str:
    if launch.group is not None and launch.group.overran():
        return MEMORY.format(launch.memory // MIB)
    return "its program ended"


def pipes(process: Process) -> tuple[ByteSendStream, ByteReceiveStream, ByteReceiveStream]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("a child without pipes")
    return process.stdin, process.stdout, process.stderr


async def bury(leader: int) -> None:
    """Kill what an exited server left behind: a child that holds its stdout would hide the end."""
    if not hasattr(os, "pidfd_open"):
        return  # not on Linux; closing still kills the group
    try:
        handle = os.pidfd_open(leader)
    except ProcessLookupError:
        signal_group(leader, signal.SIGKILL)
    except OSError as error:  # no descriptor is left: its end is seen by its pipes then, and closing kills the rest
        log.warning("the end of a program cannot be waited for: %s", error)
    else:
        try:
            await anyio.wait_readable(handle)
        finally:
            os.close(handle)
        signal_group(leader, signal.SIGKILL)


async def lines(stdout: ByteReceiveStream, limit: int) -> AsyncIterator[bytes]:
    """Split on newlines; every byte is looked at once, however long the line."""
    held = bytearray()
    async for chunk in stdout:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            held += chunk[start:end]
            start = end + 1
            if len(held) > limit:
                break
            if held:
                yield bytes(held)
            held.clear()
        held += chunk[start:]
        if len(held) > limit:
            raise LineTooLong


async def drain(stream: ByteReceiveStream) -> None:
    with suppress(*GONE):
        while True:
            await stream.receive()


def encode(item: SessionMessage) -> bytes:
    return item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
