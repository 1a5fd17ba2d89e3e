"""Running text on its way to browsers: a frame at once, then one every 50 ms."""

import asyncio
from collections.abc import Iterator

from bot.services.chats.values import Delta
from storage.bus.bus import Bell, Bus
from storage.tables import Turn

SECONDS = 0.05
PIECE = 1_000  # characters: what the bus carries at once is small


class PartialText:
    def __init__(self, bus: Bus, topic: str, turn: Turn) -> None:
        self._bus = bus
        self._topic = topic
        self._turn = turn
        self._text = ""
        self._told = ""
        self._more = asyncio.Event()
        self._sending = asyncio.Lock()

    def add(self, text: str) -> None:
        self._text += text
        self._more.set()

    async def run(self) -> None:
        """Until cancelled."""
        with self._bus.follow(again(self._topic)) as asked:
            repeating = asyncio.create_task(self._repeat(asked))
            try:
                while True:
                    await self._more.wait()
                    await self.flush()
                    await asyncio.sleep(SECONDS)
            finally:
                repeating.cancel()
                await asyncio.wait({repeating})

    async def _repeat(self, asked: Bell) -> None:
        """For who came in the middle: all of it once more, each piece with its place, so that nobody reads it twice."""
        while True:
            await asked.rung()
            async with self._sending:
                await self._tell(self._told, 0)
            await asyncio.sleep(SECONDS)

    async def flush(self) -> None:
        """Nothing is left to be told when this returns."""
        async with self._sending:
            text, self._text = self._text, ""
            self._more.clear()
            start, self._told = len(self._told), self._told + text
            await self._tell(text, start)

    async def _tell(self, text: str, start: int) -> None:
        for piece in _pieces(text):
            delta = Delta(self._turn.id, piece, start, self._turn.attempts)
            start = delta.end
            await self._bus.tell(self._topic, delta.packed())


def again(topic: str) -> str:
    """Where to ask for the running text from its beginning."""
    return f"again:{topic}"


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))
