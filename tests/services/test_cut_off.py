"""An answer that never ends: what was shown of it is kept, marked as cut off, and not in the model's history."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from bot.services.chats import one_turn, unpacked
from bot.services.links import Guest
from playground.gemini import Break, Failure, Reply, text
from storage.bus.bus import Bell
from storage.schema import now
from storage.tables import Link
from tests.services.house import OWNER, House
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

pytestmark = on_each_engine

HALF = "Half an answer"


async def half_told(house: House, gemini: Scripted, *then: object) -> tuple[Guest, Bell]:
    """A guest has read half of an answer, of which no more comes."""
    guest, _ = await house.guest()
    gemini.script(Reply([[text("Half an ")], [text("answer")], *(then or [Break.HOLD])]))
    with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        await house.chats.say_as_guest(guest, "hello", "c1")
        heard = ""
        async with asyncio.timeout(60):
            while heard != HALF:
                await bell.wait(60)
                heard += "".join(delta.text for payload in bell.take() if (delta := unpacked(payload)))
    return guest, bell


async def kept(house: House, guest: Guest) -> list[tuple[str, object]]:
    """The log after the guest's message and the turn's beginning, once the turn has ended."""
    async with asyncio.timeout(60):
        while (await house.turns())[0].status == "running":
            await asyncio.sleep(0.01)
    log = await house.links.log(guest)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    return [(event.kind, event.body.get("text") if event.kind == "message" else _what(event.body)) for event in log[2:]]


def _what(body: dict) -> object:
    return body.get("state") or body.get("reason")


async def test_stopping_keeps_what_was_shown_and_the_model_is_not_told_it_said_so(
    house: House, gemini: Scripted
) -> None:
    async with house.worker():
        guest, _ = await half_told(house, gemini)
        await house.chats.stop("T1", guest.conversation_id)
        assert await kept(house, guest) == [("message", HALF), ("status", "stopped")]
        assert (await house.links.log(guest))[2].body["partial"] is True
        assert f"AI assistant: {HALF} (stopped here)" in await house.links.outcomes.transcript(guest)
    async with house.db.read() as tables:
        history = await tables.messages.of("T1", guest.conversation_id)
    assert HALF not in str([each.content for each in history])


async def test_a_failure_in_mid_answer_keeps_what_was_shown(house: House, gemini: Scripted) -> None:
    async with house.worker():
        guest, _ = await half_told(house, gemini, Failure(400, "INVALID_ARGUMENT"))
        assert await kept(house, guest) == [("message", HALF), ("status", "failed")]


async def test_running_out_of_time_keeps_what_was_shown(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[asyncio.Timeout] = []

    @asynccontextmanager
    async def limit(_: float) -> AsyncIterator[None]:
        async with asyncio.timeout(None) as timeout:
            limits.append(timeout)
            yield

    monkeypatch.setattr(one_turn, "time_limit", limit)
    async with house.worker():
        guest, _ = await half_told(house, gemini)
        for each in limits:  # now, and not before anybody has read so much
            each.reschedule(0)
        assert await kept(house, guest) == [("message", HALF), ("status", "failed")]


@pytest.mark.parametrize("reason", ["revoked", "expired", "guest"])
async def test_the_end_of_the_chat_keeps_what_was_shown_and_stays_the_last_word(
    house: House, gemini: Scripted, reason: str
) -> None:
    async with house.worker():
        guest, _ = await half_told(house, gemini)
        if reason == "revoked":
            await house.links.revoke(OWNER, guest.link.id)
        elif reason == "guest":
            await house.links.end(guest)
        else:
            async with house.db.begin() as tables:
                await tables.session.execute(sa.update(Link).values(expires_at=now()))
            await house.links.sweep()
        assert await kept(house, guest) == [("message", HALF), ("end", reason)]


async def test_who_tells_of_the_end_can_wait_for_the_last_words(house: House, gemini: Scripted) -> None:
    async with house.worker():
        guest, _ = await half_told(house, gemini)
        turns = [turn.id for turn in await house.turns()]
        waiting = asyncio.create_task(house.links.last_words("T1", turns))
        await house.links.revoke(OWNER, guest.link.id)
        await asyncio.wait_for(waiting, 60)
        assert HALF in await house.links.outcomes.transcript(guest)
