"""One conversation with the demo model, through the product's own loop and the real client."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC
from typing import Any

from bot.agent.events import Answer, Event, Paused, ToolStarted
from bot.agent.loop import Verdict, resume, run
from bot.agent.notes import of_member
from bot.agent.prompt import MEMBER
from mcp_runtime.tools.tools import ToolCall, Toolset
from storage.schema import now
from tests.support.gemini import Scripted

TOLD = MEMBER
NOTE = of_member(now(), UTC)


class Chat:
    """Whatever waits is approved, or declined."""

    def __init__(self, demo: Scripted, tools: Toolset, told: str = TOLD, note: str = NOTE) -> None:
        self.demo, self.tools, self.told, self.note = demo, tools, told, note
        self.history: list[Any] = []
        self.asked: list[str] = []
        self.started: list[ToolCall] = []

    async def says(self, words: str, *, allow: bool = True) -> str:
        self.history.append(self.demo.model.user(words, self.note))
        end = await self._heard(run(self.demo.model, self.tools, self.history, instructions=self.told))
        while isinstance(end, Paused):
            self.asked += [each.call.name for each in end.waiting]
            verdicts = {each.position: Verdict(allow) for each in end.waiting}
            end = await self._heard(
                resume(self.demo.model, self.tools, self.history, end.pause, verdicts, instructions=self.told)
            )
        assert isinstance(end, Answer), end
        return end.text

    async def _heard(self, events: AsyncGenerator[Event, None]) -> Event:
        async with aclosing(events):
            heard = [event async for event in events]
        self.started += [event.call for event in heard if isinstance(event, ToolStarted)]
        return heard[-1]
