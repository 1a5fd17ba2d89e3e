"""An agent asked by its name: «ask Ledger: what is open?»."""

import re
from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.services.agents.refusing import ARCHIVED
from bot.services.agents.values import NAME, called
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Agent

_ASKED = re.compile(rf"\s*ask\s+(?P<name>[^\s:][^:\n]{{0,{NAME}}}):(?P<words>.*)", re.IGNORECASE | re.DOTALL)
NOTHING = "What should I ask {name}? Write it behind the colon: “ask {name}: what is open?”"
ELSEWHERE = "{name} answers only in the channels that administrators have given it: {channels}. Ask it there."
FIXED = (
    "In this channel {fixed} answers, and no other agent: administrators have set that. Ask {name} in a direct message."
)
OTHERS = "This thread is with {other}. Send “ask {name}: …” as a message of its own, outside of threads."


@dataclass(frozen=True)
class Asked:
    agent: Agent
    words: str
    """Without the name."""


def names_one(words: str) -> bool:
    """Whether somebody is asked by name; who that is only the database knows."""
    return _ASKED.fullmatch(words) is not None


async def asked(db: Database, member: Member, channel: str, words: str) -> Asked | None:
    """None where no agent is called so: an ordinary message. Raises `UserError` for one that may not answer here."""
    if (found := _ASKED.fullmatch(words)) is None:
        return None
    async with db.read() as tables:
        agent = await tables.agents.named(member.workspace, called(found["name"]))
        if agent is None:
            return None
        await _may_answer(tables, agent, channel)
    said = found["words"].strip()
    if not said:
        raise UserError(NOTHING.format(name=agent.name))
    return Asked(agent, said)


async def begin(db: Database, member: Member, key: str, place: dict[str, Any], agent: Agent) -> None:
    """The conversation under this key is with this agent, from its first message on. Raises `UserError`."""
    async with db.begin() as tables:
        conversation = await tables.conversations.open(member.workspace, member.id, "slack", key, place, agent.id)
        if conversation.agent_id == agent.id or (agent.is_default and not conversation.agent_id):
            return
        other = await tables.agents.answering(member.workspace, conversation.agent_id, "")
    raise UserError(OTHERS.format(other=other.name if other else "another agent", name=agent.name))


async def _may_answer(tables: Tables, agent: Agent, channel: str) -> None:
    if agent.archived_at:
        raise UserError(ARCHIVED.format(name=agent.name))
    fixed = await tables.agents.channels(agent.workspace_id)
    if fixed.get(channel, agent.id) != agent.id:
        other = await tables.agents.get(agent.workspace_id, fixed[channel])
        raise UserError(FIXED.format(fixed=other.name if other else "another agent", name=agent.name))
    if agent.used == "channels" and channel not in fixed:
        theirs = ", ".join(f"<#{each}>" for each, whose in fixed.items() if whose == agent.id)
        raise UserError(ELSEWHERE.format(name=agent.name, channels=theirs or "none yet"))
