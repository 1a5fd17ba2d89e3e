"""What happens while a call runs: progress, cancelling, requests of the server, and what it offers changing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp.server import MCPServer

from mcp_runtime.sessions import one_call, subscribing
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.clocks import Clock, resting, running_clocks, time_limit
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.progress import MOST, Paced, Progress, heard_by
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from tests.mcp_runtime.conftest import MEMBER, Called, Connect, MakePool
from tests.mcp_runtime.lively import ERAS, Lively, lively
from tests.mcp_runtime.odd_server import TOOL, OddServer
from tests.mcp_runtime.servers import asgi, free_socket, port_of

SAMPLING = {"method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}}
pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")


@pytest.fixture(params=ERAS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Lively]:
    async with lively(request.param) as running:
        yield running


@pytest.fixture
async def pool(server: Lively, make_pool: MakePool, connect: Connect) -> Pool:
    made = make_pool("127.0.0.1", call_timeout=60.0)
    await connect(made, HttpSpec(server.url), title="Lively")
    return made


async def names(pool: Pool) -> set[str]:
    return {tool.own_name for tool in (await pool.toolset(MEMBER)).tools}


async def set_aside(db: Database) -> set[str]:
    """Those that wait for their member to look at them."""
    async with db.read() as tables:
        connections = await tables.connections.of(MEMBER.workspace, MEMBER.id)
        rows = await tables.tools.of_many(MEMBER.workspace, [each.id for each in connections])
    return {row.name for row in rows if row.state == "set_aside"}


async def test_how_far_a_call_has_come_is_heard_by_who_made_it(pool: Pool) -> None:
    heard: list[Progress] = []
    tools = await pool.toolset(MEMBER)
    with heard_by(heard.append):
        given = await tools.call(ToolCall("", "lively__import_rows"))
    assert given.output["result"] == "imported"
    assert [each.words for each in heard] == ["43 of 120: reading pages"]


async def test_a_call_that_is_broken_off_is_broken_off_at_the_server(pool: Pool, server: Lively) -> None:
    tools = await pool.toolset(MEMBER)
    call = asyncio.create_task(tools.call(ToolCall("", "lively__wait")))
    await server.running.wait()
    call.cancel()
    await asyncio.wait({call})
    assert call.cancelled()
    await asyncio.wait_for(server.broken_off.wait(), 60)


async def test_a_call_whose_time_is_up_is_broken_off_at_the_server(
    server: Lively, make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks: list[Clock] = []

    @asynccontextmanager
    async def limit(seconds: float) -> AsyncIterator[None]:
        async with time_limit(seconds):
            clocks.append(running_clocks()[-1])
            clocks[-1].rest()  # until the server is at it, or there would be nothing to break off
            yield

    monkeypatch.setattr(one_call, "time_limit", limit)
    pool = make_pool("127.0.0.1", terms=lambda _: Terms(seconds=0.3))
    await connect(pool, HttpSpec(server.url), title="Lively")
    calling = asyncio.create_task((await pool.toolset(MEMBER)).call(ToolCall("", "lively__wait")))
    await asyncio.wait_for(server.running.wait(), 60)
    clocks[-1].go_on()
    given = await calling
    assert given.timed_out
    assert "may still have happened" in given.error
    await asyncio.wait_for(server.broken_off.wait(), 60)


async def test_what_usher_does_not_do_for_servers_is_refused_at_once(pool: Pool, server: Lively) -> None:
    given = await (await pool.toolset(MEMBER)).call(ToolCall("", "lively__ask_for_more"))
    assert given.output["result"] == "asked"
    assert len(server.refusals) == 2
    if server.refusals[0][0] == -32601:  # of the newer kind a server finds out before it asks
        assert "folders" in server.refusals[0][1]
        assert "model" in server.refusals[1][1]


async def test_a_tool_that_comes_later_is_shown_to_its_member_without_a_call_and_without_a_restart(
    pool: Pool, server: Lively, sqlite_db: Database
) -> None:
    await (await pool.toolset(MEMBER)).call(ToolCall("", "lively__import_rows"))  # so that there is a session
    assert "trick" not in await names(pool)
    await (await pool.toolset(MEMBER)).call(ToolCall("", "lively__learn"))
    async with asyncio.timeout(60):
        while "trick" not in await set_aside(sqlite_db):
            await asyncio.sleep(0.02)


async def test_a_clock_rests_while_a_person_is_asked() -> None:
    async with time_limit(0.5):
        with resting(running_clocks()):
            await asyncio.sleep(0.6)
    with pytest.raises(TimeoutError):
        async with time_limit(0.01), time_limit(10):
            with resting(running_clocks()[1:]):
                await asyncio.Event().wait()


def test_of_a_flood_of_progress_little_is_told() -> None:
    heard: list[Progress] = []
    at = [0.0]
    paced = Paced(heard.append, clock=lambda: at[0])
    for step in range(100_000):
        at[0] = step / 100
        paced(Progress(step, 100_000))
    assert 20 < len(heard) <= MOST
    assert heard[0].words == "0 of 100000"


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(43, 120), "43 of 120"),
        (Progress(0.5, 1), "0.5 of 1"),
        (Progress(43, float("inf")), "43"),
        (Progress(43, 1e300, "rows"), "43: rows"),
        (Progress(7), "7"),
        (Progress(7, 0), "7"),
        (Progress(float("nan"), 3, "half"), "half"),
        (Progress(float("inf")), ""),
        (Progress(message="x" * 500), "x" * 99 + "…"),
    ],
)
def test_progress_is_told_in_words(progress: Progress, words: str) -> None:
    assert progress.words == words


class Breaking:
    """The app, whose streams for listeners can be cut, and which counts them."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.listened = 0
        self.cut = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope.get("headers", [])}
        if headers.get("mcp-method") != "subscriptions/listen":
            return await self._app(scope, receive, send)
        self.listened += 1
        serving = asyncio.create_task(self._app(scope, receive, send))
        cutting = asyncio.create_task(self.cut.wait())
        await asyncio.wait({serving, cutting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (serving, cutting):
            task.cancel()
        await asyncio.wait({serving, cutting})


async def test_a_listener_that_is_cut_off_listens_again_and_misses_nothing(
    make_pool: MakePool, connect: Connect, sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "SETTLED_AFTER", 0.0)
    monkeypatch.setattr(subscribing, "FIRST_PAUSE", 0.01)
    listener = free_socket()
    server = Lively(MCPServer("lively", log_level="CRITICAL"), port_of(listener))
    server.add_tools()
    app = Breaking(server.server.streamable_http_app())
    async with asgi(app, listener):
        pool = make_pool("127.0.0.1")
        await connect(pool, HttpSpec(server.url), title="Lively")
        await (await pool.toolset(MEMBER)).call(ToolCall("", "lively__import_rows"))
        async with asyncio.timeout(60):
            while not app.listened:
                await asyncio.sleep(0.01)
            before = app.listened
            server.learn("unheard")  # nobody is told
            app.cut.set()
            while app.listened == before:
                await asyncio.sleep(0.01)
            app.cut.clear()
            while "unheard" not in await set_aside(sqlite_db):
                await asyncio.sleep(0.02)
        await pool.close()


MODERN = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}


@pytest.mark.parametrize("wanted", [{"method": "roots/list"}, SAMPLING], ids=["folders", "a model"])
async def test_what_no_server_is_given_is_not_blamed_on_its_words(called: Called, wanted: dict[str, Any]) -> None:
    hello = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, **MODERN}
    asks = {"resultType": "input_required", "inputRequests": {"a": wanted}, "requestState": "s"}
    server = OddServer({"server/discover": hello, "tools/list": {"tools": [TOOL], **MODERN}, "tools/call": asks})
    given = await called(server)
    assert given.error.startswith("Odd wanted a model or folders of Usher's, which no server is given")


@pytest.mark.parametrize("kind", ["task", "complete ", 7])
async def test_a_kind_of_result_that_nobody_knows_is_no_result(called: Called, kind: Any) -> None:
    """The revision of 2026-07-28 says so: what it holds may be a receipt for a call that goes on, not its answer."""
    hello = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, **MODERN}
    receipt = {"resultType": kind, "content": [{"type": "text", "text": "all is done"}], "taskId": "7"}
    server = OddServer({"server/discover": hello, "tools/list": {"tools": [TOOL], **MODERN}, "tools/call": receipt})
    given = await called(server)
    assert "all is done" not in given.error and "do not repeat it" in given.error
