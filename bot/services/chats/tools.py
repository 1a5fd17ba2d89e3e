"""The tools of a turn: the member's own and Usher's, or those that a link froze."""

from collections.abc import Sequence
from typing import Any, Protocol

from bot.agent.events import Paused, ToolFinished
from bot.services.approvals.questions import Question
from bot.services.chats.values import Place
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from storage.members import Member


class OwnToolset(Toolset, Protocol):
    """Tools that can say in words what a yes to a call of theirs would do."""

    async def question(self, call: ToolCall) -> Question | None: ...


class OwnTools(Protocol):
    """Usher's own tools, bound to the member who asks and to where the conversation is held."""

    async def toolset(self, member: Member, place: Place) -> OwnToolset: ...


class Joined:
    """Several toolsets as one; a name goes to the first that has it."""

    def __init__(self, *toolsets: Toolset) -> None:
        self._toolsets = toolsets

    @property
    def tools(self) -> Sequence[Tool]:
        found: dict[str, Tool] = {}
        for toolset in self._toolsets:
            for tool in toolset.tools:
                found.setdefault(tool.name, tool)
        return list(found.values())

    async def call(self, call: ToolCall) -> ToolResult:
        for toolset in self._toolsets:
            if any(tool.name == call.name for tool in toolset.tools):
                return await toolset.call(call)
        return ToolResult(error=f"There is no tool named {call.name}.")


def by_name(toolset: Toolset) -> dict[str, Tool]:
    return {tool.name: tool for tool in toolset.tools}


def refused(toolset: Toolset, event: ToolFinished) -> dict[str, Any]:
    """For whoever asks why a call was not made; empty where it was let through."""
    tool = by_name(toolset).get(event.call.name) if event.refused else None
    return {"refused": event.refused, "tool": tool.own_name, "connection_id": tool.connection_id} if tool else {}


async def questions_of(own: OwnToolset | None, event: Paused) -> dict[int, Question]:
    """Of Usher's own tools, by position; a name is theirs before it is anybody else's."""
    if own is None:
        return {}
    asked = {each.position: await own.question(each.call) for each in event.waiting}
    return {position: question for position, question in asked.items() if question}
