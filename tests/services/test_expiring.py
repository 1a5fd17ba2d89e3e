"""A link ends at its moment: its chats, its streams and what the model is saying."""

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from bot.services.chats import unpacked
from bot.services.links.ending.expiring import Expiring
from playground.gemini import Break, Reply, text
from storage.schema import now
from storage.tables import Link, Turn
from tests.services.house import House
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

pytestmark = on_each_engine


async def test_a_link_that_runs_out_ends_its_chat_and_stops_the_model_with_no_sweep_beside(
    house: House, gemini: Scripted
) -> None:
    guest, _ = await house.guest()
    running = asyncio.create_task(Expiring(house.links, house.bus).run())
    gemini.script(Reply([[text("Once upon a time")], Break.HOLD]))
    async with house.worker():
        with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
            await house.chats.say_as_guest(guest, "Tell me a story", "c1")
            while not any(unpacked(each) for each in bell.take()):  # something of the answer is on their screen
                assert await bell.wait(60)
        async with house.db.begin() as tables:
            await tables.session.execute(sa.update(Link).values(expires_at=now() + timedelta(seconds=0.3)))
        await house.bus.tell("links")
        await ended(house, guest)
        assert (await turns_over(house)).status == "stopped"
    assert [(each.kind, each.body.get("reason")) for each in await house.links.log(guest)][-1] == ("end", "expired")
    running.cancel()
    await asyncio.wait({running})


async def turns_over(house: House) -> Turn:
    with house.bus.follow("turns") as bell:
        while (turn := (await house.turns())[-1]).status in ("queued", "running"):
            assert await bell.wait(60)
    return turn


async def ended(house: House, guest) -> None:
    with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        while not any(each.kind == "end" for each in await house.links.log(guest)):
            assert await bell.wait(60)


async def test_a_link_that_ran_out_while_nobody_was_there_is_ended_at_the_start(house: House) -> None:
    guest, _ = await house.guest()
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Link).values(expires_at=now() - timedelta(hours=1)))
    running = asyncio.create_task(Expiring(house.links, house.bus).run())
    await ended(house, guest)
    running.cancel()
    await asyncio.wait({running})
    assert await house.links.next_expiry() is None
