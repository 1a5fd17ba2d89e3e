"""The tools of a turn: the member's own and Usher's, or those that a link froze."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from bot.agent.events import Paused, ToolFinished
from bot.agent.finding import Offering, offered
from bot.agent.model import Model
from bot.agent.prompt import instructions_for_guest, instructions_for_member
from bot.services.approvals.asking import Withheld
from bot.services.approvals.questions import Question
from bot.services.chats.opening import Opened
from bot.services.chats.values import Place
from bot.services.links.results.filing import Filing
from bot.services.watch.content.canary import canary_of
from bot.words import LANGUAGES
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from storage.database import Database
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.schema import now
from storage.tables import Link

LATELY = timedelta(days=30)


class OwnToolset(Toolset, Protocol):
    """Tools that can say in words what a yes to a call of theirs would do."""

    async def question(self, call: ToolCall) -> Question | None: ...


class OwnTools(Protocol):
    """Usher's own tools, bound to the member who asks and to where the conversation is held."""

    async def warm(self) -> None: ...

    async def toolset(self, member: Member, place: Place, agent: str = "") -> OwnToolset:
        """``agent`` is who calls them, where it is another than the default."""


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


class ReadingOnly:
    """Of Usher's own tools those that only read, for whoever may do no more."""

    def __init__(self, inner: OwnToolset) -> None:
        self._inner = inner
        self.tools: Sequence[Tool] = [each for each in inner.tools if each.reads and not each.guarded]

    async def call(self, call: ToolCall) -> ToolResult:
        if all(each.name != call.name for each in self.tools):
            return ToolResult(error=f"There is no tool named {call.name}.")
        return await self._inner.call(call)

    async def question(self, call: ToolCall) -> Question | None:
        return await self._inner.question(call)


@dataclass(frozen=True)
class Equipped:
    """What the agent has for one turn."""

    tools: Toolset
    instructions: str
    own: OwnToolset | None = None
    withheld: Withheld = field(default_factory=dict)
    """Connection and own name of each tool that the agent may not call."""
    newly_declared: Callable[[], dict[str, Any]] = dict
    """What a message that is stored has to say of the tools that were declared since the one before."""


async def equipped(db: Database, pool: Pool, model: Model, own_tools: OwnTools | None, found: Opened) -> Equipped:
    conversation, link = found.conversation, found.link
    member = Member(conversation.workspace_id, conversation.member_id)
    if link:
        answers = ForAgent(str(link.agent.get("id", "")))
        theirs = await pool.toolset_of(link.workspace_id, link.tools, member, turn_id=found.turn.id, agent=answers)
        # First what files answers: no server can take its name.
        filing = [Filing(db, link, found.session)] if found.session else []
        offering = await _offered(db, model, found, Joined(*filing, theirs), theirs.tools)
        return Equipped(offering, _instructions(link), None, theirs.withheld, _additions(offering))
    named = found.of_member.named if found.of_member else ""
    own = await own_tools.toolset(member, Place.of(conversation), named) if own_tools else None
    if own and found.of_member and found.of_member.reads_only:
        own = ReadingOnly(own)
    connected = [found.of_member.tools] if found.of_member else []
    # Usher's own come first: a name goes to the first that has it.
    tools = Joined(*([own] if own else []), *connected)
    offering = await _offered(db, model, found, tools, connected[0].tools if connected else ())
    withheld = connected[0].withheld if connected else {}
    return Equipped(offering, _of_agent(found), own, withheld, _additions(offering))


def _of_agent(found: Opened) -> str:
    agent = found.of_member.agent if found.of_member else None
    return instructions_for_member(agent.name, agent.instructions) if agent else instructions_for_member()


def _instructions(link: Link) -> str:
    told = {"title": link.title, "purpose": link.purpose, "instructions": link.instructions}
    told |= {"agent": str(link.agent.get("name", "")), "wanted": str(link.agent.get("instructions", ""))}
    language = LANGUAGES[link.language].name if link.language in LANGUAGES else ""
    return instructions_for_guest(**told, covers=link.covers, language=language, mark=canary_of(link))


def _additions(tools: Toolset) -> Callable[[], dict[str, Any]]:
    return tools.newly_declared if isinstance(tools, Offering) else dict


async def _offered(db: Database, model: Model, found: Opened, tools: Toolset, theirs: Sequence[Tool]) -> Toolset:
    """Those that are declared: where there are too many, what fits, and a way to the others."""
    member = Member(found.conversation.workspace_id, found.conversation.member_id)

    async def used() -> dict[str, int]:
        return {} if found.link else await often_used(db, member, theirs)

    return await offered(tools, theirs, model, found.history, found.turn.text, used)


async def often_used(db: Database, member: Member, tools: Sequence[Tool]) -> dict[str, int]:
    """How often the member has called each of these tools lately."""
    async with db.read() as tables:
        rows = await tables.usage.often(member.workspace, member.id, now() - LATELY)
    calls = {(connection_id, own_name): number for connection_id, own_name, number in rows}
    return {tool.name: found for tool in tools if (found := calls.get((tool.connection_id, tool.own_name)))}


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
