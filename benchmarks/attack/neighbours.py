"""Those who have nothing to do with an attack, and how long they wait; and strangers who hold on to connections."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.parts.guests import Chat, frames

PATIENCE = 60.0


@asynccontextmanager
async def holding(port: int, number: int) -> AsyncIterator[None]:
    """So many connections that begin a body and never end it."""
    head = "POST /temp-chat/tc_x/start HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
    begun = f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode()
    writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(number)]
    for writer in writers:
        writer.write(begun)
    try:
        yield
    finally:
        for writer in writers:
            writer.close()


async def looks_at(url: str, number: int, between: float) -> list[float]:
    """At whether the process lives."""
    times = []
    async with aiohttp.ClientSession(url) as session:
        for _ in range(number):
            begun = time.perf_counter()
            async with session.get("/healthz") as answer:
                await answer.read()
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(between)
    return times


async def first_words(url: str, chats: list[Chat]) -> list[float]:
    """One guest after the other, each from their question to the first word of its answer."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        return [await _first_word(session, chat) for chat in chats]


async def _first_word(session: aiohttp.ClientSession, chat: Chat) -> float:
    async with asyncio.timeout(PATIENCE), session.get(f"{chat.path}events", headers=chat.headers) as stream:
        told = frames(stream)
        await anext(told)
        begun = time.perf_counter()
        async with session.post(f"{chat.path}messages", json=chat.message("Hello"), headers=chat.headers) as sent:
            await sent.read()
        async for kind, shown in told:
            if kind == "delta" or (kind == "message" and shown["author"] == "agent"):
                return time.perf_counter() - begun
    raise RuntimeError("the stream ended before the answer")
