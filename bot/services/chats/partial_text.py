"""Running text on its way to browsers: a frame at once, then one every 50 ms, of all that was said meanwhile."""

import asyncio
from collections.abc import Callable, Iterator

from bot.services.chats.values import Delta
from storage.bus.bus import Bell, Bus
from storage.tables import Turn

SECONDS = 0.05
PIECE = 1_000  # characters: what the bus carries at once is small


class PartialText:
    """What was said passes the guards when it is told, and not for each word of it."""

    def __init__(self, bus: Bus, topic: str, turn: Turn) -> None:
        self._bus = bus
        self._topic = topic
        self._turn = turn
        self.guards: Callable[[str], str] = _nothing
        """What may be shown now of all that they were given."""
        self._heard = ""
        self._text = ""
        """That passed, and was not told yet."""
        self._told = ""
        self._more = asyncio.Event()
        self._sending = asyncio.Lock()

    def add(self, text: str) -> None:
        self._heard += text
        self._more.set()

    @property
    def said(self) -> str:
        """All that may be shown so far."""
        self._pass()
        return self._told + self._text

    def _pass(self) -> None:
        heard, self._heard = self._heard, ""
        if heard:
            self._text += self.guards(heard)

    async def run(self) -> None:
        """Until cancelled."""
        with self._bus.follow(again(self._topic)) as asked:
            repeating = asyncio.create_task(self._repeat(asked))
            try:
                while True:
                    await self._more.wait()
                    if await self.flush():
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

    async def flush(self) -> bool:
        """Nothing is left to be told when this returns; whether anything was."""
        async with self._sending:
            self._pass()
            text, self._text = self._text, ""
            self._more.clear()
            start, self._told = len(self._told), self._told + text
            await self._tell(text, start)
            return bool(text)

    async def _tell(self, text: str, start: int) -> None:
        for piece in _pieces(text):
            delta = Delta(self._turn.id, piece, start, self._turn.attempts)
            start = delta.end
            await self._bus.tell(self._topic, delta.packed())


def _nothing(text: str) -> str:
    """Of what nobody guards."""
    return ""


def again(topic: str) -> str:
    """Where to ask for the running text from its beginning."""
    return f"again:{topic}"


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))
