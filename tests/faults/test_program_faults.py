"""A server that runs as our child and fails: said in a sentence, its program gone or well, nobody else's touched."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import FormError
from mcp_runtime.programs import MIB, PROGRAMS, python
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.processes import tree
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall, ToolResult
from mcp_runtime.transports.stdio import MAX_LINE
from run_cards import CARDS, time
from storage.members import Member
from tests.faults.conftest import OpenHouse
from tests.mcp_runtime.test_programs import ended, pid_of
from tests.services.house import OTHER, OWNER, House
from tests.support.memory import grown
from tests.support.requirements import require

HERE = Path(__file__).parent
CARD = replace(time.CARD, name="shop", title="Shop", reads=frozenset(), server=lambda _: StdioSpec("faulty"))
PERHAPS = "What was asked may still have happened: look before you try again."
SLOW = "Too slow: Shop did not answer in time. Try again in a minute; if it stays so, tell an administrator."
TOO_LONG = (
    "Too big: it sent a message that is too long, and no session came about. "
    "Whoever runs it can send it in smaller parts."
)
SILENT = "Shop did not answer within 1 s."
ADMINS = "Cannot reach: the tool's program would not start here. An administrator can see why."
Start = Callable[[str], None]


@pytest.fixture(params=["sandboxed", "bare"])
async def box(request: pytest.FixtureRequest) -> Sandbox:
    made = Sandbox(enabled=request.param == "sandboxed")
    level = await made.probe()
    require(request.param == "bare" or level.name == "full", level.cure)
    return made


@pytest.fixture
async def house(open_with: OpenHouse, box: Sandbox) -> AsyncIterator[House]:
    async with open_with((*CARDS, CARD), sandbox=box) as opened:
        yield opened


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Start:
    """From now on it starts like this."""

    def started(how: str) -> None:
        inside = python("/srv/tests/faulty_server.py", how)
        folders = {**inside.folders, "/srv/tests": HERE}
        program = replace(inside, folders=folders, memory=150 * MIB)
        monkeypatch.setitem(PROGRAMS, "faulty", program)  # type: ignore[arg-type]

    started("")
    return started


async def use(house: House, tool: str, member: Member = OWNER) -> ToolResult:
    return await (await house.pool.toolset(member)).call(ToolCall("", f"shop__{tool}"))


ENDS = {
    "killed": "its program ended",
    "exits": "its program ended",
    "half": "its program ended",
    "line": "it sent a message that is too long",
}


@pytest.mark.parametrize(("fault", "why"), ENDS.items(), ids=ENDS)
async def test_what_ends_a_program_is_told_and_those_of_others_run_on(
    house: House, starts: Start, fault: str, why: str
) -> None:
    for member in (OWNER, OTHER):
        await house.connections.begin(member, CARD, {})
    theirs = await use(house, "pid", OTHER)
    assert (await use(house, fault)).error == f"The session with Shop was lost: {why}. {PERHAPS}"
    assert (await use(house, "pid", OTHER)).output == theirs.output
    assert not (await use(house, "echo")).failed  # started anew
    [view] = await house.connections.of(OWNER)
    assert (await house.connections.test(OWNER, view.connection.id)).ok


@pytest.mark.parametrize("fault", ["hangs", "drips", "deaf"])
async def test_a_program_that_does_not_answer_is_waited_for_no_longer_than_a_call_may_take(
    open_with: OpenHouse, starts: Start, fault: str
) -> None:
    patience: list[float] = []  # short for the one call that has to be waited for
    terms = lambda _: Terms(seconds=patience[-1] if patience else None)  # noqa: E731
    async with open_with((*CARDS, CARD), sandbox=Sandbox(enabled=False), terms=terms) as house:
        for member in (OWNER, OTHER):
            await house.connections.begin(member, CARD, {})
        theirs = await use(house, "pid", OTHER)
        told = "The session with Shop was lost: its program ended." if fault == "deaf" else SILENT
        patience.append(60.0 if fault == "deaf" else 1.2)
        assert (await use(house, fault)).error == f"{told} {PERHAPS}"
        patience.clear()
        assert (await use(house, "pid", OTHER)).output == theirs.output


@pytest.mark.parametrize("fault", ["noise", "bytes", "stderr"])
async def test_what_is_no_message_is_read_away_and_told_to_nobody(
    house: House, starts: Start, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    await house.connections.begin(OWNER, CARD, {})
    result = await use(house, fault)
    assert result.output["result"] == "done" and "hunter2" not in str(result) + caplog.text


@pytest.mark.parametrize("fault", ["exits", "killed", "half", "line", "page", "hangs"])
async def test_a_program_that_cannot_be_talked_to_is_not_connected_and_its_words_are_kept_to_itself(
    open_with: OpenHouse, starts: Start, fault: str
) -> None:
    starts(fault)
    patience = 0.5 if fault in ("page", "hangs") else 60.0  # the others say at once what is wrong
    async with open_with((*CARDS, CARD), sandbox=Sandbox(enabled=False), connect_timeout=patience) as house:
        with pytest.raises(FormError) as told:
            await house.connections.begin(OWNER, CARD, {})
        assert told.value.errors == {"": {"page": SLOW, "hangs": SLOW, "line": TOO_LONG}.get(fault, ADMINS)}
        assert await house.connections.of(OWNER) == []


async def test_noise_before_the_first_word_does_not_keep_a_program_from_being_connected(
    house: House, starts: Start
) -> None:
    starts("noise")
    await house.connections.begin(OWNER, CARD, {})
    assert not (await use(house, "echo")).failed


async def test_a_program_that_ignores_every_wish_to_end_is_killed_and_reaped_and_the_next_call_has_a_new_one(
    house: House, starts: Start
) -> None:
    await house.connections.begin(OWNER, CARD, {})
    [view] = await house.connections.of(OWNER)
    assert not (await use(house, "stays")).failed
    first = pid_of(house.pool, view.connection.id)
    pids = list(tree(first))
    os.kill(pids[-1], signal.SIGTERM)  # the server itself; what it runs in is above it
    assert not (await use(house, "echo")).failed and list(tree(first)) == pids

    async with asyncio.timeout(60):
        await house.pool.forget(view.connection.id)
    assert not Path(f"/proc/{first}").exists()  # a process that is not reaped would still be there
    for pid in pids:
        await ended(pid)
    assert not (await use(house, "echo")).failed
    assert pid_of(house.pool, view.connection.id) not in pids


async def test_stderr_without_end_holds_up_no_call_and_is_kept_nowhere(
    house: House, starts: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await house.connections.begin(OWNER, CARD, {})
    assert not (await use(house, "roars")).failed
    with grown() as growth:
        async with asyncio.timeout(60):
            while int((await use(house, "roared")).output["result"]) < 100 * MIB:
                pass
    assert growth.most < MAX_LINE
    assert "hunter2" not in caplog.text and len(caplog.text) < 10_000


async def test_a_line_of_200_megabytes_is_too_big_and_takes_no_more_memory_than_a_message_may(
    house: House, starts: Start
) -> None:
    await house.connections.begin(OTHER, CARD, {})
    starts("line")
    with grown() as growth, pytest.raises(FormError) as told:
        await house.connections.begin(OWNER, CARD, {})
    assert told.value.errors == {"": TOO_LONG}
    assert growth.most < 2 * MAX_LINE
