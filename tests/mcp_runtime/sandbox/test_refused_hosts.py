"""A program that asks for a host it may not reach: the log says so, and so does the audit of its workspace."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sessions import refused_hosts
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.repositories.work.rates import Limit
from storage.repositories.workspaces.audit import Audit
from storage.tables import AuditEntry
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.sandbox.far import PUBLIC, resolve, web_server
from tests.mcp_runtime.servers import scripted

SECRET = "Hunter2-of-the-test"
SPEC = StdioSpec("scripted", secret_variables=(("token", "TOKEN"),), network=("*.good.test",))
FETCHES = '{"tools": [{"name": "fetch", "inputSchema": {"type": "object"}}]}'
SCARCE = Limit(burst=2, every_microseconds=3_600_000_000)
NOT_LISTED = "it is not on the list of hosts for this program"


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch, make_pool: MakePool, sandbox: Sandbox) -> Pool:
    programs: Any = PROGRAMS
    monkeypatch.setitem(programs, "scripted", scripted(FETCHES))
    return make_pool(f"{PUBLIC}/32", sandbox=sandbox, resolve=resolve)


@pytest.fixture
async def far() -> AsyncIterator[int]:
    async with web_server(PUBLIC) as port:
        yield port


async def fetched(pool: Pool, *urls: str, of: str = "notes") -> Any:
    result = await (await pool.toolset(MEMBER)).call(ToolCall("", f"{of}__fetch", {"urls": list(urls)}))
    return json.loads(result.output["result"])


async def entries(db: Database) -> list[AuditEntry]:
    async with db.read() as tables:
        assert await tables.audit.verify(MEMBER.workspace)
        return [each for each in await tables.audit.of(MEMBER.workspace) if each.action == "host.refused"][::-1]


async def test_each_host_is_an_entry_of_its_member_and_connection_once_a_session(
    pool: Pool, connect: Connect, far: int, sqlite_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    connection = await connect(pool, SPEC, SECRET)
    evil, secret = f"http://evil.test:{far}/", f"http://{SECRET}.evil.test:{far}/"
    inward = "http://metadata.good.test/latest"
    asked = (f"http://api.good.test:{far}/", evil, evil, inward, secret)
    assert await fetched(pool, *asked) == [200, 403, 403, 403, 403]
    await pool.forget(connection.id)
    assert await fetched(pool, evil) == [403]
    await pool.close()

    found = await entries(sqlite_db)
    assert {(each.actor, each.subject) for each in found} == {(MEMBER.id, connection.id)}
    told = sorted((each.detail["host"], each.detail["port"], each.detail["why"]) for each in found)
    private = next(why for host, _, why in told if host == "metadata.good.test")
    assert "private" in private and "169.254" not in str(told)
    listed = ("metadata.good.test", 80, private)
    assert told == [*[("evil.test", far, NOT_LISTED)] * 2, listed, ("….evil.test", far, NOT_LISTED)]
    lines = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert sum("asked for" in line for line in lines) == 4 and SECRET.lower() not in caplog.text.lower()


async def test_entries_are_bounded_by_connection_and_the_last_one_says_so(
    pool: Pool, connect: Connect, sqlite_db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(refused_hosts, "PER_CONNECTION", SCARCE)
    greedy, other = await connect(pool, SPEC), await connect(pool, SPEC, title="Other")
    await fetched(pool, *(f"http://{number}.evil.test/" for number in range(4)))
    await fetched(pool, "http://evil.test/", of="other")
    await pool.close()

    found = await entries(sqlite_db)
    assert sorted(each.subject for each in found) == sorted([greedy.id, greedy.id, other.id])
    assert [each.detail.get("more") for each in found if each.subject == greedy.id] == [None, refused_hosts.LAST]
    assert caplog.text.count("asked for") == 5


async def test_no_program_waits_for_its_entry(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def never(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    await connect(pool, SPEC)
    monkeypatch.setattr(Audit, "add", never)
    monkeypatch.setattr("mcp_runtime.sessions.pool.RECORDED_WITHIN", 0.05)
    assert await fetched(pool, "http://evil.test/") == [403]
    await asyncio.wait_for(begun.wait(), 60)
    await pool.close()
    assert "calls and refused hosts are in no record" in caplog.text


async def test_an_entry_that_cannot_be_written_hinders_nothing_and_is_logged(
    pool: Pool, connect: Connect, sqlite_db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise OSError("the disk is full")

    connection = await connect(pool, SPEC)
    monkeypatch.setattr(Audit, "add", broken)
    assert await fetched(pool, "http://evil.test/") == [403]
    await pool.close()
    assert f"a refused host of connection {connection.id} could not be recorded" in caplog.text
    assert await entries(sqlite_db) == []
