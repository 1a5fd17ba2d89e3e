"""What a member's turn begins with: their tools, and what the model is told of them, of the hour and of the place."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Protocol

from bot.agent import notes
from bot.services.agents.refusing import refusal
from bot.services.chats.values import Place
from mcp_runtime.sessions.pool import MemberTools, Pool
from mcp_runtime.tools.asking.elicitation import Asker
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.rules.outside import Kind
from storage.schema import now
from storage.tables import Agent, Conversation, Turn

NOT_ANY_MORE = "Administrators of this workspace do not let me answer you any more. Turn to somebody of it."
FROM: Mapping[Kind, str] = {
    Kind.GUESTS: "a guest of this workspace",
    Kind.OUTSIDERS: "of another organisation",
    Kind.BOTS: "a program, another app or a workflow",
}


@dataclass(frozen=True)
class Person:
    """A member by their own profile; whatever they are called is a name and nothing else."""

    name: str = ""
    zone: tzinfo = UTC
    picture: str = ""
    """Where a picture that they chose themselves is; empty without one."""


class People(Protocol):
    """Knows members' profiles."""

    async def about(self, member: Member) -> Person:
        """Within about a second; what is not known by then is left out."""


MakeAsker = Callable[[Turn, Conversation], Asker]
"""Reaches the member of one turn for what a server asks in the middle of a call."""


@dataclass(frozen=True)
class MemberTurn:
    tools: MemberTools
    note: str
    servers: str
    """What the connected servers say about their tools; empty when none says anything."""
    agent: Agent
    """Who answers."""
    refusal: str = ""
    """Why it may not answer here, for the member; empty: it may."""
    reads_only: bool = False
    """Whoever asks is from outside, and may say yes to nothing."""

    @property
    def named(self) -> str:
        """The agent's id, where it is another than the default."""
        return "" if self.agent.is_default else self.agent.id


async def prepared(
    pool: Pool, people: People | None, turn: Turn, conversation: Conversation, asker: MakeAsker | None = None
) -> MemberTurn | None:
    """None for a guest's turn, and for one that is to be stopped. No server is asked for it."""
    if conversation.door != "slack" or turn.stop_asked:
        return None
    member = Member(conversation.workspace_id, conversation.member_id)
    asking = asker(turn, conversation) if asker else None
    place = Place.of(conversation)
    answers = ForAgent(conversation.agent_id, place.channel)
    person, tools = await asyncio.gather(
        _about(people, member), pool.toolset(member, turn_id=turn.id, asker=asking, agent=answers)
    )
    reads_only = tools.whence is not None and tools.whence.reads_only
    note = notes.of_member(
        now(),
        person.zone,
        name=person.name,
        private=place.private,
        connections=tools.states,
        outside=FROM[tools.whence.kind] if tools.whence and reads_only else "",
    )
    agent = tools.answering
    why = refusal(agent) or (NOT_ANY_MORE if tools.whence and tools.whence.barred else "")
    return MemberTurn(tools, note, notes.of_servers(tools.said), agent, why, reads_only)


async def _about(people: People | None, member: Member) -> Person:
    return await people.about(member) if people else Person()
