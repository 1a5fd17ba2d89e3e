"""A server that fails over HTTP: said in a sentence wherever its member looks, and nobody beside it notices."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from unittest.mock import patch

import pytest

from bot.errors import FormError
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall, ToolResult
from run_cards import custom
from storage.members import Member
from tests.faults.conftest import OpenHouse
from tests.faults.http_faults import FAULTS, THEIR_WORDS, Fault
from tests.mcp_runtime.hand_made import Body, HandMade, result, running
from tests.services.house import OTHER, OWNER, House
from tests.services.workshop import TOKEN

EACH = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@contextmanager
def meeting(house: House, fault: Fault) -> Iterator[None]:
    """What meets it is waited for so long; all before and after may take as long as a busy machine does."""
    sessions = house.pool._sessions
    assert sessions is not None
    with ExitStack() as stack:
        stack.enter_context(patch.object(sessions._owners, "_connect_timeout", fault.seconds))
        for each in sessions.held.values():
            stack.enter_context(patch.object(each, "_patience", fault.seconds))
        yield


async def connect(house: House, server: HandMade, name: str = "Shop", member: Member = OWNER) -> str:
    made = await house.connections.begin_with_secrets(
        member, custom.CARD, {"name": name, "url": server.url}, {"token": TOKEN}
    )
    return made.connection.id


async def look(house: House, name: str = "shop", member: Member = OWNER) -> ToolResult:
    return await (await house.pool.toolset(member)).call(ToolCall("", f"{name}__look"))


@asynccontextmanager
async def neighbours(house: House) -> AsyncIterator[None]:
    """Another connection of the same member, and one of somebody else: both sessions outlive what happens inside."""
    async with running(HandMade()) as server:
        await connect(house, server, "Mine")
        await connect(house, server, "Theirs", OTHER)
        assert not (await look(house, "mine")).failed and not (await look(house, "theirs", OTHER)).failed
        opened = server.opened
        yield
        assert not (await look(house, "mine")).failed and not (await look(house, "theirs", OTHER)).failed
        assert server.opened == opened


@EACH
async def test_what_is_wrong_stands_under_the_form_and_nothing_is_saved(open_with: OpenHouse, fault: Fault) -> None:
    async with open_with() as house, running(HandMade(on_any=fault.answer)) as shop, neighbours(house):
        with meeting(house, fault), pytest.raises(FormError) as told:
            await connect(house, shop)
        assert told.value.errors == {fault.field: fault.connecting}
        assert [each.connection.title for each in await house.connections.of(OWNER)] == ["Mine"]


@EACH
async def test_a_connection_that_meets_it_says_so_when_it_is_tested_and_mends_itself(
    open_with: OpenHouse, fault: Fault
) -> None:
    async with open_with() as house, running(HandMade()) as shop, neighbours(house):
        connection = await connect(house, shop)
        assert not (await look(house)).failed
        shop.on_any = fault.answer
        with meeting(house, fault):
            told = (await house.connections.test(OWNER, connection)).sentence
        assert told == f"Shop cannot be used. {fault.later}" and THEIR_WORDS not in told
        shop.on_any = None
        assert (await house.connections.test(OWNER, connection)).ok


@EACH
async def test_a_call_that_meets_it_is_told_of_honestly_and_made_once(open_with: OpenHouse, fault: Fault) -> None:
    async with open_with() as house, running(HandMade()) as shop, neighbours(house):
        await connect(house, shop)
        shop.on_call = fault.answer
        with patch.object(house.pool, "_terms", lambda _: Terms(seconds=fault.seconds)):
            told = await look(house)
        assert told.error == fault.called and THEIR_WORDS not in str(told)
        assert shop.calls <= 2 and (shop.calls == 1 or "not made" in told.error)


async def test_a_call_of_somebody_else_that_is_under_way_gets_its_answer(open_with: OpenHouse) -> None:
    """While one server hangs up, sends what nobody can read, and hangs."""

    async def gated(body: Body, request: object) -> object:
        await theirs.gate.wait()
        return result(body, {"content": [{"type": "text", "text": "seen"}]})

    async with open_with() as house, running(HandMade()) as shop, running(HandMade(on_call=gated)) as theirs:  # type: ignore[arg-type]
        await connect(house, shop)
        await connect(house, theirs, "Theirs", OTHER)
        waiting = asyncio.create_task(look(house, "theirs", OTHER))
        async with asyncio.timeout(60):
            while not theirs.calls:
                await asyncio.sleep(0)
        for name in ("500", "garbage", "a stream that is cut", "401"):
            shop.on_call = FAULTS[name].answer
            assert (await look(house)).failed
        assert not waiting.done()
        theirs.gate.set()
        assert (await waiting).output["result"] == "seen"
