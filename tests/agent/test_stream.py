"""Chunks arrive, silence and cuts are trouble, and leaving closes the request at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.agent.events import Delta
from bot.agent.gemini.client import Line
from bot.agent.gemini.errors import Broken, Garbled, Refused, Trouble
from bot.agent.gemini.history import text_of
from bot.agent.gemini.request import Request
from bot.agent.gemini.retry import passing
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


@asynccontextmanager
async def answering(status: int, body: bytes) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A model, or whoever stands before it, that says this and goes on for ever; set once nobody listens any more."""
    hung_up = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        said = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
        await said.prepare(request)
        await said.write(body)
        try:
            while status == 200:
                await asyncio.sleep(0.01)
                await said.write(b"\n")
        finally:
            hung_up.set()
        return said

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), hung_up


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b'data: {"error": {"message": "without a code"}}\n\n', Refused),
        (200, b'data: {"error": {"code": "503"}}\n\n', Refused),
        (200, b'data: {"error": null}\n\n', Refused),
        (200, b'data: {"error": "in words"}\n\n', Garbled),
        (200, b"data: \xff\n\n", Broken),
        (500, b'{"error": {"code": 5', Broken),
    ],
)
async def test_an_error_of_any_shape_is_trouble_with_the_model_and_asked_again(
    status: int, body: bytes, kind: type[Trouble]
) -> None:
    async with answering(status, body) as (url, _):
        line = Line("key", url, None)
        try:
            with pytest.raises(kind) as caught:
                async with open_stream(await line.client(), ASK, USUAL) as chunks:
                    assert [chunk async for chunk in chunks] == []
            assert passing(caught.value)
        finally:
            await line.close()


@pytest.mark.parametrize("body", [b'data: {"error": {"code": 503}}\n\n', b"data: [1]\n\n"])
async def test_what_goes_on_after_its_error_is_hung_up_on(body: bytes) -> None:
    async with answering(200, body) as (url, hung_up):
        line = Line("key", url, None)
        try:
            with pytest.raises((Refused, Garbled)) as held:
                async with open_stream(await line.client(), ASK, USUAL) as chunks:
                    assert [chunk async for chunk in chunks] == []
            await asyncio.wait_for(hung_up.wait(), SOON)
            assert held  # as whoever handles it may: what it holds on to is no reason to go on
        finally:
            await line.close()
