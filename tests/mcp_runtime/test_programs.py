"""Servers that run as our children: the real clock, and one that misbehaves."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping

import pytest

from mcp_runtime.errors import ProgramFailed, ServerError, TooSlow
from mcp_runtime.programs import MIB, PROGRAMS
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.processes import tree
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall, ToolResult
from mcp_runtime.transports.mending.echoes import LEFT_OUT
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.servers import scripted

TIME = StdioSpec("time")
SCRIPTED = StdioSpec("scripted", secret_variables=(("token", "SERVER_TOKEN"),))


def tools(*names: str) -> str:
    return json.dumps({"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]})


def pid_of(pool: Pool, connection_id: str) -> int:
    """Of the process that we started; what runs inside is below it."""
    session = pool._sessions.held[connection_id].live.current
    assert session is not None and session.diagnosis.pid is not None
    return session.diagnosis.pid


async def ended(pid: int) -> None:
    """Return when the process has ended; one that is gone already counts."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(handle, gone.set)
    try:
        await asyncio.wait_for(gone.wait(), 60)
    finally:
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)


async def say(pool: Pool, tool: str, **arguments: object) -> ToolResult:
    return await (await pool.toolset(MEMBER)).call(ToolCall("", f"notes__{tool}", dict(arguments)))


async def test_the_real_clock_tells_the_time_from_its_sandbox(
    make_pool: MakePool, connect: Connect, sandbox: Sandbox
) -> None:
    pool = make_pool(sandbox=sandbox)
    await connect(pool, TIME, title="Time", free=("get_current_time",))
    mine = await pool.toolset(MEMBER)
    assert {tool.name: tool.guarded for tool in mine.tools} == {
        "time__convert_time": True,
        "time__get_current_time": False,
    }
    result = await mine.call(ToolCall("", "time__get_current_time", {"timezone": "Asia/Tokyo"}))
    assert result.output["result"]["timezone"] == "Asia/Tokyo"
    assert "untrusted" in result.output["source"]


async def test_a_tools_own_failure_is_words_for_the_model(
    make_pool: MakePool, connect: Connect, sandbox: Sandbox
) -> None:
    pool = make_pool(sandbox=sandbox)
    await connect(pool, TIME)
    result = await say(pool, "get_current_time", timezone="Atlantis/Capital")
    assert "Invalid timezone" in result.error and "Notes" in result.error


@pytest.fixture(params=[True, False], ids=["sandboxed", "bare"])
def pool(request: pytest.FixtureRequest, make_pool: MakePool) -> Pool:
    box = request.getfixturevalue("sandbox") if request.param else Sandbox(enabled=False)
    return make_pool(sandbox=box)


def running(monkeypatch: pytest.MonkeyPatch, settings: str, **limits: int) -> None:
    programs: Mapping[str, object] = PROGRAMS
    monkeypatch.setitem(programs, "scripted", scripted(settings, **limits))  # type: ignore[arg-type]


async def test_a_server_that_is_killed_is_noticed_and_started_anew(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, tools("pid"))
    connection = await connect(pool, SCRIPTED)
    first = await say(pool, "pid")
    killed = pid_of(pool, connection.id)
    os.kill(killed, signal.SIGKILL)
    await ended(killed)
    async with asyncio.timeout(60):
        await pool._sessions.held[connection.id].live.ended()
    second = await say(pool, "pid")
    assert not first.failed and not second.failed
    assert pid_of(pool, connection.id) != killed


async def test_a_server_that_dies_during_a_call_leaves_words_and_touches_no_other(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, tools("exit", "echo"))
    await connect(pool, SCRIPTED)
    await connect(pool, SCRIPTED, title="Other")
    result = await say(pool, "exit")
    assert "program ended" in result.error and "may still have happened" in result.error
    other = await (await pool.toolset(MEMBER)).call(ToolCall("", "other__echo", {}))
    assert not other.failed
    assert not (await say(pool, "echo")).failed


async def test_the_secret_goes_by_its_variable_and_nothing_else_does(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-ours")
    running(monkeypatch, tools("env"))
    await connect(pool, SCRIPTED, "s3cret")
    environ = json.loads((await say(pool, "env")).output["result"])
    # That it is there is seen by what is left out of all that its server says.
    assert environ["SERVER_TOKEN"] == LEFT_OUT and "SLACK_BOT_TOKEN" not in environ


async def test_a_program_that_does_not_start_says_so(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    running(monkeypatch, '{"dies": true}')
    with pytest.raises(ProgramFailed, match="ended"):
        await pool.try_out(SCRIPTED, {}, title="Notes")


async def test_a_mute_program_is_too_slow(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    running(monkeypatch, '{"mute": true}')
    with pytest.raises(TooSlow):
        await make_pool(connect_timeout=0.5).try_out(SCRIPTED, {}, title="Notes")


async def test_a_call_that_takes_too_long_is_given_up_and_the_session_lives(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, tools("sleep", "echo"))
    pool = make_pool(terms=lambda _: Terms(seconds=0.5))
    await connect(pool, SCRIPTED)
    result = await say(pool, "sleep", seconds=1)
    assert result.timed_out and "did not answer" in result.error
    async with asyncio.timeout(60):
        while (await say(pool, "echo")).failed:  # it wakes up and goes on
            pass


async def test_what_is_no_message_is_passed_over(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running(monkeypatch, tools("garbage"))
    await connect(pool, SCRIPTED)
    assert not (await say(pool, "garbage")).failed
    assert "hunter2" not in caplog.text


async def test_a_message_without_end_ends_the_session_with_its_reason(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, tools("big"))
    await connect(pool, SCRIPTED)
    result = await say(pool, "big", bytes=9 * MIB)
    assert "too long" in result.error


async def test_a_server_that_grows_too_big_is_ended_and_the_reason_told(
    pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, tools("grow"), memory=150 * MIB)
    await connect(pool, SCRIPTED)
    result = await say(pool, "grow")
    assert "it used more than 150 MB of memory and was ended" in result.error


async def test_closing_leaves_no_process_behind(pool: Pool, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    running(monkeypatch, tools("orphan"))
    connection = await connect(pool, SCRIPTED)
    assert not (await say(pool, "orphan")).failed
    pids = list(tree(pid_of(pool, connection.id)))
    assert len(pids) >= 2
    await pool.close()
    for pid in pids:
        await ended(pid)


async def test_an_idle_program_is_closed_and_comes_back(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, tools("pid"))
    pool = make_pool(idle_after=0.1)
    connection = await connect(pool, SCRIPTED)
    await ended(int((await say(pool, "pid")).output["result"]))
    assert not (await say(pool, "pid")).failed
    assert pool._sessions.held[connection.id].live.opens == 2


async def test_a_program_that_is_on_no_list_is_an_error(pool: Pool) -> None:
    with pytest.raises(ServerError):
        await pool.try_out(StdioSpec("bash", ("-c", "true")), {}, title="Notes")
