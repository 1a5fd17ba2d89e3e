"""Words at a steady pace, and a model that says them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from bot.agent.events import Delta
from bot.agent.gemini import Gemini
from bot.agent.model import Heard, Message, Reply
from mcp_runtime.tools import Tool

TOKENS = 500
A_SECOND = 100.0


async def beats() -> AsyncGenerator[str, None]:
    """Each when it is due, however late the one before was."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    for number in range(TOKENS):
        if (early := begun + number / A_SECOND - clock()) > 0:
            await asyncio.sleep(early)
        yield f"word{number:03} "


LAST_WORD = f"word{TOKENS - 1:03}"


class Metronome(Gemini):
    """Google's answer without Google, and without what reading it costs; so many begin in the same moment."""

    def __init__(self, together: int) -> None:
        super().__init__("key", "none", "none")
        self._together = asyncio.Barrier(together)

    async def reply(self, history: Sequence[Message], tools: Sequence[Tool], **_: Any) -> AsyncGenerator[Heard, None]:
        await self._together.wait()
        said = []
        async for word in beats():
            said.append(word)
            yield Delta(word)
        text = "".join(said)
        yield Reply({"role": "model", "parts": [{"text": text}]}, text)
