"""Guests' pages: they ask, follow their log by a stream, come back when it breaks off, and may be loaded anew."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.chaos.ushers import Usher
from benchmarks.parts.guests import Chat, Frame, numbered

AGAIN_AFTER = 0.3
PATIENCE = 8.0
"""Seconds until an answer; then the page tries elsewhere, as behind a balancer."""
BEAT = 25.0
"""Seconds until any sign of life in a stream."""
OVER = ("failed", "interrupted", "stopped")
LATER = (409, 429)


@dataclass
class Page:
    """``seen`` is what its stream has told since it was loaded; ``before`` what it had told each time before."""

    ushers: Sequence[Usher]
    chat: Chat
    seen: list[Frame] = field(default_factory=list)
    before: list[list[Frame]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    at: int = 0

    async def __aenter__(self) -> "Page":
        connector, jar = aiohttp.TCPConnector(limit=0, force_close=True), aiohttp.DummyCookieJar()
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar)
        self._told = asyncio.Condition()
        self._at_once = asyncio.Event()
        self._stream: asyncio.Task[None] | None = None
        self._reading = asyncio.create_task(self._read_on())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._read_no_more()
        await self._session.close()

    async def _read_no_more(self) -> None:
        for task in (self._reading, self._stream):
            if task:
                task.cancel()
                await asyncio.wait({task})

    # --- what a guest does
    async def ask(self, text: str) -> None:
        """Until it is taken in, under the same id each time."""
        client_id = os.urandom(8).hex()
        while True:
            status = await self._posted({"text": text, "client_id": client_id})
            if status == 202:
                return
            if status and status < 500 and status not in LATER:
                self.wrong.append(f"a message was answered with {status}")
                return
            await asyncio.sleep(AGAIN_AFTER)

    async def answered(self, text: str) -> None:
        """The page shows what became of it."""
        async with self._told:
            await self._told.wait_for(lambda: self._over(text))

    async def leave(self) -> None:
        """Once it shows all that there is; what the server has can still be asked."""
        while not await self._shows_all():
            await asyncio.sleep(AGAIN_AFTER)
        await self._read_no_more()

    async def _shows_all(self) -> bool:
        with suppress(aiohttp.ClientError, TimeoutError, KeyError):  # whatever fails at this moment
            return len(self.seen) >= len(await self.log())
        return False

    def load_anew(self) -> None:
        """Nothing is remembered but what the server has."""
        self.before.append(self.seen)
        self.seen = []
        self.lose_the_stream()

    def lose_the_stream(self) -> None:
        if self._stream:
            self._stream.cancel()

    # --- what it shows
    def _over(self, text: str) -> bool:
        said = False
        for frame in self.seen:
            body = frame.body
            said = said or (frame.kind == "message" and body["author"] == "guest" and body["text"] == text)
            ended = frame.kind == "message" and body["author"] == "agent" and not body.get("partial")
            if said and (ended or (frame.kind == "status" and body["state"] in OVER)):
                return True
        return False

    def shown_after(self, question: str) -> str:
        """All that the agent says from this question to the next, and that it could not say more."""
        shown, here = [], False
        for frame in self.seen:
            if frame.kind == "message" and frame.body["author"] == "guest":
                here = frame.body["text"].startswith(question)
            elif here and (frame.kind == "message" or frame.body.get("state") in OVER):
                shown.append(str(frame.body.get("text", frame.body)))
        return "\n".join(shown)

    @property
    def url(self) -> str:
        return self.ushers[self.at % len(self.ushers)].url

    async def _posted(self, body: dict[str, Any]) -> int:
        options: dict[str, Any] = {"json": body, "headers": self.chat.headers}
        with suppress(aiohttp.ClientError, TimeoutError):
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            async with self._session.post(f"{self.url}{self.chat.path}messages", timeout=timeout, **options) as answer:
                return answer.status
        self.at += 1
        return 0

    async def _read_on(self) -> None:
        """As a browser's own EventSource: from the last place on, again and again."""
        while True:
            self._stream = asyncio.create_task(self._read())
            await asyncio.wait({self._stream})
            if not self._stream.cancelled() and (error := self._stream.exception()):
                self.wrong.append(f"a stream ended with {error!r}")
            self.at += 1
            await asyncio.sleep(AGAIN_AFTER)

    async def _read(self) -> None:
        last = self.seen[-1].place if self.seen else ""
        headers = self.chat.headers | ({"Last-Event-ID": last} if last else {})
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=BEAT)
        with suppress(aiohttp.ClientError, TimeoutError):
            address = f"{self.url}{self.chat.path}events"
            async with self._session.get(address, headers=headers, timeout=timeout) as answer:
                if answer.status == 200:
                    async for frame in numbered(answer):
                        await self._take(frame)

    async def _take(self, frame: Frame) -> None:
        if frame.kind == "resync":
            raise RuntimeError("its place in the log was not known")
        if frame.place:
            async with self._told:
                self.seen.append(frame)
                self._told.notify_all()

    async def log(self) -> list[str]:
        """The places of all that the server has, read anew from the beginning by polls."""
        places: list[str] = []
        last = ""
        while True:
            address = f"{self.url}{self.chat.path}state?after={last}"
            async with self._session.get(address, headers=self.chat.headers) as answer:
                told = await answer.json()
            if not told["events"] and told["last"] == last:
                return places
            places += [each["id"] for each in told["events"]]
            last = told["last"]


async def complaints(page: Page) -> list[str]:
    """What its guest was shown out of order, twice or not at all."""
    found, log = list(page.wrong), await page.log()
    for told in (*page.before, page.seen):
        places = [frame.place for frame in told]
        if places != log[: len(places)]:
            found.append(f"a page was told {places} of {log}")
    if len(page.seen) < len(log):
        found.append(f"a page has {len(page.seen)} of {len(log)} events")
    return found
