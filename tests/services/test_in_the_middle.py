"""What a call tells while it runs is part of its turn, and whoever stops the turn stops the call."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.mcp_runtime.lively import Lively, lively
from tests.services.house import House, allow
from tests.support.gemini import Scripted

CALL = "lively__{}"


@pytest.fixture(params=["handshake", "modern"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Lively]:
    async with lively(request.param) as running:
        yield running


async def test_how_far_a_call_has_come_is_in_the_turns_log(house: House, gemini: Scripted, server: Lively) -> None:
    await allow(house, await house.connect(server.url, "Lively"), "import_rows", "always")
    gemini.will_call((CALL.format("import_rows"), {}))
    gemini.will_say("Imported.")
    async with house.worker():
        await house.say("import it")
        shown = await house.face.after()
    told = shown.bodies("tool")
    assert [body["state"] for body in told] == ["started", "started", "done"]
    assert [body["summary"] for body in told[:2]] == ["", "43 of 120: reading pages"]
    assert len({body["call"] for body in told}) == 1


async def test_a_turn_that_is_stopped_stops_its_call_at_the_server(
    house: House, gemini: Scripted, server: Lively
) -> None:
    await allow(house, await house.connect(server.url, "Lively"), "wait", "always")
    gemini.will_call((CALL.format("wait"), {}))
    async with house.worker():
        said = await house.say("wait")
        await asyncio.wait_for(server.running.wait(), 60)
        await house.chats.stop("T1", said.conversation_id)
        shown = await house.face.after()
        await asyncio.wait_for(server.broken_off.wait(), 60)
    assert shown.states[-1] == "stopped"
