"""Event streams seen from outside, at the price of a socket and a few bytes each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from benchmarks.streaming.metronome import LAST_WORD

BATCH = 100
"""Opened at a time: more would overrun the listener's backlog."""
FIRST, LAST_OF_ALL = b"event: delta", b'"state":"done"'
_LAST_WORD = LAST_WORD.encode()
WITHIN = 60.0


class Reader(asyncio.Protocol):
    """One open stream; notes when an answer's first words, its last ones and its end came."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.done: asyncio.Future[None] = loop.create_future()
        self.first_at = self.last_at = self.done_at = 0.0
        self._request = request
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        # A mark may be split over two reads.
        window = self._tail + data
        self._tail = window[-len(LAST_OF_ALL) :]
        if not self.opened.done():
            self._answered(window[9:12])
        if not self.first_at and FIRST in window:
            self.first_at = time.perf_counter()
        if not self.last_at and _LAST_WORD in window:
            self.last_at = time.perf_counter()
        if not self.done_at and LAST_OF_ALL in window:
            self.done_at = time.perf_counter()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        for future in (self.opened, self.done):
            if not future.done():
                future.set_exception(ConnectionError("a stream was closed early"))
                future.exception()  # whoever waits still gets it

    def _answered(self, status: bytes) -> None:
        if status == b"200":
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionError(f"a stream was refused: {status.decode()}"))


@dataclass
class Streams:
    """All that are open on one server; the context closes them."""

    url: str
    readers: list[Reader] = field(default_factory=list)

    async def open(self, targets: Sequence[tuple[str, dict[str, str]]]) -> None:
        """Path and headers of each; returns once all have begun."""
        for start in range(0, len(targets), BATCH):
            opened = await asyncio.gather(*(self._one(*each) for each in targets[start : start + BATCH]))
            self.readers += opened
            async with asyncio.timeout(WITHIN):
                await asyncio.gather(*(reader.opened for reader in opened))

    async def all_done(self) -> None:
        async with asyncio.timeout(WITHIN):
            await asyncio.gather(*(reader.done for reader in self.readers))

    async def _one(self, path: str, headers: dict[str, str]) -> Reader:
        parts = urlsplit(self.url)
        head = {"Host": parts.netloc, "Accept": "text/event-stream", **headers}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        request = "\r\n".join(lines).encode()
        loop = asyncio.get_running_loop()
        _, reader = await loop.create_connection(lambda: Reader(request), parts.hostname, parts.port)
        return reader

    async def __aenter__(self) -> "Streams":
        return self

    async def __aexit__(self, *_: object) -> None:
        for reader in self.readers:
            reader.transport.abort()
        await asyncio.sleep(0)
