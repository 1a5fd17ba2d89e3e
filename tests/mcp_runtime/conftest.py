"""Pools, members and connections for the tests of the runtime."""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from mcp_runtime.sessions.lifetime.backoff import Backoff
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec, ServerSpec, as_json
from mcp_runtime.tools.changes import pinned
from mcp_runtime.tools.names import exposed
from mcp_runtime.tools.pins import Offer
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.database import Database
from storage.members import Member
from storage.tables import Connection
from tests.mcp_runtime.odd_server import OddServer, odd
from tests.mcp_runtime.servers import Notes, notes_server
from tests.support.clock import Clock
from tests.support.requirements import require
from tests.support.served import free_socket, port_of

MEMBER = Member("T1", "U1")
MakePool = Callable[..., Pool]
Connect = Callable[..., Awaitable[Connection]]
Offered = Callable[[OddServer], Awaitable[Offer]]
Called = Callable[[OddServer], Awaitable[ToolResult]]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The SDK's loggers say raw lines and tracebacks, as `bot.running.logs` knows."""
    names = ("mcp", "client", "httpx2", "httpcore2")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
async def sandbox() -> Sandbox:
    """One that works here, or a skip."""
    box = Sandbox()
    level = await box.probe()
    require(level.name == "full", level.cure)
    return box


@pytest.fixture
def resting(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which a server that failed is left alone: it stands still, however long the test takes."""
    clock = Clock()
    monkeypatch.setattr(Backoff.__init__, "__defaults__", (clock,))
    return clock


@pytest.fixture
def secrets() -> SecretStore:
    return SecretStore(Vault([MasterKey(b"k" * 32)]))


@pytest.fixture
async def notes() -> AsyncIterator[Notes]:
    async with notes_server() as server:
        yield server


@pytest.fixture
async def make_pool(sqlite_db: Database, secrets: SecretStore) -> AsyncIterator[MakePool]:
    """A pool that may dial ``allowed``; closed at the end."""
    async with AsyncExitStack() as stack:

        def make(allowed: str = "", **options: Any) -> Pool:
            options = {"sandbox": Sandbox(enabled=False), "connect_timeout": 60.0, **options}
            pool = Pool(sqlite_db, secrets, reach=Reach.allowing(allowed), **options)
            stack.push_async_callback(pool.close)
            return pool

        yield make


@pytest.fixture
async def connect(sqlite_db: Database, secrets: SecretStore) -> Connect:
    """Save a connection with what the server offers now, as the service does."""

    async def connected(
        pool: Pool,
        spec: ServerSpec,
        secret: str | None = None,
        *,
        title: str = "Notes",
        free: frozenset[str] = frozenset(),
    ) -> Connection:
        offer = await pool.try_out(spec, {"token": secret} if secret else {}, title=title)
        async with sqlite_db.begin() as tables:
            await tables.workspaces.ensure(MEMBER.workspace)
            connection = await tables.connections.add(
                Connection(
                    workspace_id=MEMBER.workspace,
                    member_id=MEMBER.id,
                    card="custom",
                    title=title,
                    slug=title.lower(),
                    spec=as_json(spec),
                )
            )
            rows = [pinned(connection, tool, "free" if tool.name in free else "ask") for tool in offer.tools]
            await tables.tools.save(rows)
            if secret is not None:
                await secrets.put(tables, MEMBER, connection.id, secret)
        return connection

    return connected


@pytest.fixture
def http(notes: Notes) -> HttpSpec:
    return HttpSpec(notes.url)


@pytest.fixture
def offered(make_pool: MakePool) -> Offered:
    """What an odd server is found to offer."""

    async def asked(server: OddServer) -> Offer:
        async with odd(server):
            return await make_pool("127.0.0.1").try_out(HttpSpec(server.url), {}, title="Odd")

    return asked


@pytest.fixture
def called(make_pool: MakePool, connect: Connect) -> Called:
    """Connect an odd server and call its first tool."""

    async def made(server: OddServer) -> ToolResult:
        async with odd(server):
            pool = make_pool("127.0.0.1", call_timeout=60.0)
            await connect(pool, HttpSpec(server.url), title="Odd")
            name = (await pool.toolset(MEMBER)).tools[0].own_name
            given = await (await pool.toolset(MEMBER)).call(ToolCall("", exposed("odd", name)))
            await pool.close()
            return given

    return made


@pytest.fixture
async def mute(connection: Connection, sqlite_db: Database) -> AsyncIterator[socket.socket]:
    """Where the connection leads: it listens, and whoever comes gets no word."""
    listener = free_socket()
    async with sqlite_db.begin() as tables:
        spec = as_json(HttpSpec(f"http://127.0.0.1:{port_of(listener)}/mcp"))
        await tables.connections.update(MEMBER.workspace, connection.id, spec=spec)
    yield listener
    listener.close()
