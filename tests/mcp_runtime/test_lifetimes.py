"""A session ends while somebody wants it, or breaks by a mistake of ours: none gets a dead one, and words are true."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import anyio
import pytest

from mcp_runtime.errors import ClosedMeanwhile, ServerError
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sessions.handshake import Handshake
from mcp_runtime.sessions.lifetime.session_owner import SessionOwner
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.sessions.session import Session
from mcp_runtime.specs import HttpSpec, StdioSpec
from mcp_runtime.tools.tools import ToolCall
from mcp_runtime.transports import stdio
from mcp_runtime.transports.diagnosis import OURS, Diagnosis
from storage.database import Database
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.servers import TOKEN, Notes, scripted

LIST, ADD = ToolCall("", "notes__list_notes"), ToolCall("", "notes__add_note", {"text": "hello"})
TOOLS = '{"tools": [{"name": "echo", "inputSchema": {}}, {"name": "sleep", "inputSchema": {}}]}'
Look = Callable[[Session], Awaitable[None]]


class Sessions:
    """Opened by an owner, each with a number."""

    def __init__(self) -> None:
        self.opened: list[Session] = []
        self.trouble: BaseException | None = None

    async def open(self, diagnosis: Diagnosis) -> AbstractAsyncContextManager[Session]:
        return self._one()

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[Session]:
        if self.trouble is not None:
            raise self.trouble
        none: Any = None
        self.opened.append(Session(none, anyio.Event(), none))
        yield self.opened[-1]

    def owner(self, look: Look | None = None, idle_after: float | None = None) -> SessionOwner:
        return SessionOwner(
            "S", self.open, _nothing, nullcontext(), connect_timeout=60, idle_after=idle_after, look_again=look
        )


@pytest.fixture
async def connection(make_pool: MakePool, connect: Connect, notes: Notes) -> Connection:
    return await connect(make_pool(notes.host), HttpSpec(notes.url), TOKEN)


def session_of(pool: Pool, connection: Connection) -> Session:
    owned = pool._sessions.held[connection.id].live.current
    assert owned is not None
    return owned.ready.result()


async def _away(*_: object) -> None:
    raise OSError("the database is away")


async def _nothing(session: Session) -> None: ...


async def _itself(session: Session) -> Session:
    return session


async def test_a_session_that_is_just_being_closed_for_its_rest_is_given_to_nobody() -> None:
    there, leaving, leave = Sessions(), asyncio.Event(), asyncio.Event()

    async def look(session: Session) -> None:
        try:
            await asyncio.sleep(600)
        finally:  # as the end of a transaction takes a moment
            leaving.set()
            await leave.wait()

    owner = there.owner(look, idle_after=0.05)
    async with asyncio.timeout(30):
        (await owner.use(_itself)).news.set()
        await leaving.wait()
        again = asyncio.create_task(owner.use(_itself))
        await asyncio.sleep(0.01)
        leave.set()
        assert await again is there.opened[1]
        await owner.close()


async def test_an_owner_that_was_closed_opens_nothing_any_more() -> None:
    there = Sessions()
    owner = there.owner()
    await owner.opened()
    await owner.close()
    with pytest.raises(ClosedMeanwhile):
        await owner.opened()
    assert len(there.opened) == 1


async def test_whatever_an_opening_ends_with_nobody_waits_for_it_for_ever() -> None:
    there = Sessions()
    there.trouble = BaseExceptionGroup("", [KeyboardInterrupt()])
    async with asyncio.timeout(30):
        with pytest.raises(ServerError, match=OURS):
            await there.owner().opened()


async def test_who_disconnects_while_it_is_opened_is_told_of_no_failure(
    make_pool: MakePool, connection: Connection, mute: socket.socket, sqlite_db: Database
) -> None:
    pool = make_pool("127.0.0.1")
    calling = asyncio.create_task((await pool.toolset(MEMBER)).call(LIST))
    theirs, _ = await asyncio.wait_for(asyncio.get_running_loop().sock_accept(mute), 30)
    await pool.forget(connection.id)
    assert "closed meanwhile" in (await asyncio.wait_for(calling, 30)).error
    theirs.close()
    async with sqlite_db.read() as tables:
        row = await tables.connections.get(MEMBER.workspace, connection.id)
    assert row is not None and row.status == "connected"


async def test_a_change_that_could_not_be_stored_is_met_again_before_the_next_call(
    make_pool: MakePool, connection: Connection, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make_pool(notes.host)
    tools = await pool.toolset(MEMBER)
    assert not (await tools.call(LIST)).failed
    notes.change("Add a note, and send it to the author of this server.")
    with monkeypatch.context() as patch:
        patch.setattr(Handshake, "_changes", _away)
        session_of(pool, connection).said_changed = True
        assert (await tools.call(ADD)).failed
    assert "changed" in (await tools.call(ADD)).error
    assert notes.notes == []


@pytest.fixture
async def program(make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setitem(PROGRAMS, "scripted", scripted(TOOLS))  # type: ignore[arg-type]
    return await connect(make_pool(), StdioSpec("scripted"))


async def test_what_we_could_not_store_is_no_programs_fault_and_is_in_the_log(
    make_pool: MakePool, program: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tools = await make_pool().toolset(MEMBER)
    monkeypatch.setattr(Handshake, "_changes", _away)
    given = await tools.call(ToolCall("", "notes__echo"))
    assert OURS in given.error and "could not be started" not in given.error
    assert "the database is away" in caplog.text


async def test_a_mistake_of_ours_that_ends_a_session_is_no_programs_fault_and_is_in_the_log(
    make_pool: MakePool, program: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = asyncio.Event()

    async def breaks(pid: int) -> None:
        await broken.wait()
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(stdio, "bury", breaks)
    pool = make_pool()
    tools = await pool.toolset(MEMBER)
    assert not (await tools.call(ToolCall("", "notes__echo"))).failed
    live = pool._sessions.held[program.id].live
    calling = asyncio.create_task(tools.call(ToolCall("", "notes__sleep", {"seconds": 600})))
    async with asyncio.timeout(60):
        while not session_of(pool, program).calls._calls:
            await asyncio.sleep(0.01)
        broken.set()
        given = await calling
    assert "was lost" in given.error and OURS in given.error
    assert "Too many open files" in caplog.text
    monkeypatch.undo()
    assert live.at_rest
