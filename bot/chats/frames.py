"""Running text on its way to browsers: a frame at once, then one every 50 ms."""

import asyncio
from collections.abc import Iterator

from bot.chats.values import Delta
from storage.bus import Bus
from storage.tables import Turn

SECONDS = 0.05
PIECE = 1_000  # characters: what the bus carries at once is small


class Frames:
    def __init__(self, bus: Bus, topic: str, turn: Turn) -> None:
        self._bus = bus
        self._topic = topic
        self._turn = turn
        self._text = ""
        self._told = 0
        self._more = asyncio.Event()
        self._sending = asyncio.Lock()

    def add(self, text: str) -> None:
        self._text += text
        self._more.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._more.wait()
            await self.flush()
            await asyncio.sleep(SECONDS)

    async def flush(self) -> None:
        """Nothing is left to be told when this returns."""
        async with self._sending:
            text, self._text = self._text, ""
            self._more.clear()
            for piece in _pieces(text):
                delta = Delta(self._turn.id, piece, self._told, self._turn.attempts)
                self._told = delta.end
                await self._bus.tell(self._topic, delta.packed())


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))
