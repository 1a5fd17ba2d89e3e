"""Words at a steady pace, and a model that says them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from bot.agent.events import Delta
from bot.agent.gemini import Gemini
from bot.agent.model import Heard, Message, Reply
from mcp_runtime.tools.tools import Tool

A_SECOND = 100.0
LAST_WORD = "goodbye"
NAMED = "gemini-2.5-flash"
"""As the product's own: one that has no price is counted as the dearest, and a day has no room for so many at once."""


async def beats(tokens: int) -> AsyncGenerator[str, None]:
    """Each when it is due, however late the one before was."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    for number in range(tokens):
        if (early := begun + number / A_SECOND - clock()) > 0:
            await asyncio.sleep(early)
        yield f"word{number:03} " if number < tokens - 1 else LAST_WORD


class Metronome(Gemini):
    """Google's answer without Google, and without what reading it costs; so many begin in the same moment.

    It ``thinks`` for so many seconds before its first word.
    """

    def __init__(self, together: int, tokens: int, thinks: float = 0.0) -> None:
        super().__init__("key", NAMED, NAMED)
        self._tokens = tokens
        self._thinks = thinks
        self._together = asyncio.Barrier(together)

    async def reply(self, history: Sequence[Message], tools: Sequence[Tool], **_: Any) -> AsyncGenerator[Heard, None]:
        await self._together.wait()
        await asyncio.sleep(self._thinks)
        said = []
        async for word in beats(self._tokens):
            said.append(word)
            yield Delta(word)
        text = "".join(said)
        yield Reply({"role": "model", "parts": [{"text": text}]}, text)
