"""Chunks arrive, silence and cuts are trouble, and leaving closes the request at once."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from bot.agent.events import Delta
from bot.agent.gemini.client import Line
from bot.agent.gemini.errors import Broken, Refused
from bot.agent.gemini.history import text_of
from bot.agent.gemini.request import Request
from bot.agent.gemini.stream import USUAL, Patience, open_stream
from playground.gemini import Break, Failure, Reply, text
from tests.support.gemini import MODEL, Scripted

ASK = Request(MODEL, {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]})
SOON = 60.0  # seconds that a hang-up may take on a busy machine


async def read(gemini: Scripted, patience: Patience = USUAL) -> list[str]:
    line = Line("key", gemini.server.url, None)
    try:
        async with open_stream(await line.client(), ASK, patience) as chunks:
            return [text_of(chunk["candidates"][0]["content"]["parts"]) async for chunk in chunks]
    finally:
        await line.close()


async def test_chunks_come_in_order(gemini: Scripted) -> None:
    gemini.will_say("one ", "two")
    assert await read(gemini) == ["one ", "two"]
    assert gemini.asked[0].query == {"alt": "sse"}


async def test_a_large_chunk_is_taken_whole(gemini: Scripted) -> None:
    gemini.will_say("x" * 1_000_000)
    assert len((await read(gemini))[0]) == 1_000_000


@pytest.mark.parametrize(
    ("steps", "patience"),
    [([Break.HOLD], Patience(0.05, SOON)), ([[text("one")], Break.HOLD], Patience(SOON, 0.05))],
)
async def test_silence_is_not_borne_for_ever(gemini: Scripted, steps: list[Any], patience: Patience) -> None:
    gemini.script(Reply(steps))
    with pytest.raises(Broken, match=r"0\.05 s"):
        await read(gemini, patience)
    await asyncio.wait_for(gemini.server.hung_up.wait(), SOON)


@pytest.mark.parametrize("reply", [Reply([[text("one")], Break.CUT]), Reply([[text("one")]], finish="")])
async def test_a_stream_without_an_end_was_cut(gemini: Scripted, reply: Reply) -> None:
    gemini.script(reply)
    with pytest.raises(Broken):
        await read(gemini)


async def test_an_error_in_mid_stream_is_told_like_one_before_it(gemini: Scripted) -> None:
    gemini.script(Reply([[text("one")], Failure(503, "UNAVAILABLE", "overloaded")]))
    with pytest.raises(Refused) as caught:
        await read(gemini)
    assert (caught.value.code, caught.value.message) == (503, "overloaded")


async def test_a_refused_connection_fails_without_a_wait(gemini: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float, result: object = None) -> object:
        waits.append(seconds)
        return result

    await gemini.server.close()
    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(Broken):
        await read(gemini)
    assert not any(waits)  # left alone, the SDK would sleep a second or more


async def test_stopping_a_turn_hangs_up_even_while_its_listener_is_busy(gemini: Scripted) -> None:
    gemini.script(Reply([[text("one")], Break.HOLD]))
    busy = asyncio.Event()

    async def listen() -> None:
        async with aclosing(gemini.model.reply([gemini.model.user("hi")], (), instructions="")) as heard:
            async for event in heard:
                assert event == Delta("one")
                busy.set()
                await asyncio.Event().wait()

    listening = asyncio.create_task(listen())
    await busy.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await asyncio.wait_for(gemini.server.hung_up.wait(), SOON)
