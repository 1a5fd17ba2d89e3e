"""A model that says the first half at once and the rest when it is let, and counts how often it was asked what."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from bot.agent.events import Delta
from bot.agent.gemini import Gemini
from bot.agent.model import Heard, Message, Reply
from mcp_runtime.tools.tools import Tool


class Gated(Gemini):
    def __init__(self) -> None:
        super().__init__("key", "none", "none")
        self.asked: Counter[str] = Counter()
        self.let = asyncio.Event()
        self._begun = asyncio.Condition()

    async def reply(self, history: Sequence[Message], tools: Sequence[Tool], **_: Any) -> AsyncGenerator[Heard, None]:
        question = last_words(history)
        async with self._begun:
            self.asked[question] += 1
            self._begun.notify_all()
        yield Delta("This is ")
        await self.let.wait()
        yield Delta(f"about {question}.")
        text = answer_to(question)
        yield Reply({"role": "model", "parts": [{"text": text}]}, text)

    async def begun(self, count: int) -> None:
        """Until it was asked so often in all."""
        async with asyncio.timeout(60), self._begun:
            await self._begun.wait_for(lambda: self.asked.total() >= count)


def answer_to(question: str) -> str:
    return f"This is about {question}."


def last_words(history: Sequence[Message]) -> str:
    said = [part["text"] for each in history if each["role"] == "user" for part in each["parts"] if "text" in part]
    return str(said[-1])
