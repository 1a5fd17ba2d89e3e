"""What a tool's member allows at this moment, and what the agent that calls it may: asked before each call."""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from storage.engines.single_reads import SingleReads
from storage.repositories.agents.agents import answers
from storage.rules.access import Access, AgentRules, Grant, access_of, narrowed, rule
from storage.rules.outside import whence
from storage.tables import Agent, AgentGrant, Connection, OutsidePerson, OutsideRule, PinnedTool

# Without parameters of its own: each has to be named where this is asked.
_FORBIDDEN, _OUTSIDE, _PAUSED, _NEITHER = (
    sa.literal_column(f"'{word}'", sa.String) for word in ("forbidden", "outside", "paused", "")
)
_RESTS = sa.case(
    (Connection.forbidden, _FORBIDDEN),
    (Connection.outside, _OUTSIDE),
    (Connection.paused_at.is_not(None), _PAUSED),
    else_=_NEITHER,
)
QUESTION = (
    sa.select(PinnedTool.state, PinnedTool.policy, _RESTS)
    .where(
        PinnedTool.workspace_id == sa.bindparam("workspace"),
        PinnedTool.connection_id == sa.bindparam("connection_id"),
        PinnedTool.name == sa.bindparam("name"),
    )
    .join(Connection, Connection.id == PinnedTool.connection_id)
    .where(Connection.member_id == sa.bindparam("member"), Connection.leaving_since.is_(None))
)
_AGENT = (
    Connection.card,
    Agent.scope,
    sa.cast(Agent.tools, sa.Text),
    sa.cast(Agent.cards, sa.Text),
    Agent.asks_first,
    Agent.archived_at.is_not(None),
)
_GRANT = (
    AgentGrant.scope,
    sa.cast(AgentGrant.tools, sa.Text),
    sa.func.coalesce(AgentGrant.expires_at <= sa.func.current_timestamp(), sa.false()),
)
_WHOSE = (OutsidePerson.kind, OutsideRule.rule, OutsidePerson.state)
QUESTION_OF_AGENT = (
    QUESTION.add_columns(*_AGENT, *_GRANT, *_WHOSE)
    .outerjoin(Agent, answers("workspace"))
    .outerjoin(
        AgentGrant,
        sa.and_(
            AgentGrant.workspace_id == Agent.workspace_id,
            AgentGrant.agent_id == Agent.id,
            AgentGrant.target_id == Connection.id,
        ),
    )
    .outerjoin(
        OutsidePerson,
        sa.and_(OutsidePerson.workspace_id == Connection.workspace_id, OutsidePerson.member_id == Connection.member_id),
    )
    .outerjoin(
        OutsideRule,
        sa.and_(OutsideRule.workspace_id == OutsidePerson.workspace_id, OutsideRule.kind == OutsidePerson.kind),
    )
)
"""The same in one statement with the agent's rules, with what was granted to it on this connection, and with how far
its member may go who is from outside."""


@dataclass(frozen=True)
class ForAgent:
    """Which agent of a conversation calls: the one asked by name, where it is held; empty for none."""

    id: str = ""
    channel: str = ""


class Standing:
    def __init__(self, reads: SingleReads) -> None:
        self._reads = reads

    async def of(self, workspace: str, member: str, connection_id: str, name: str) -> tuple[str, str] | None:
        """State and policy of a tool; None when it is gone, or another member's.

        ``paused`` is a state too; so are ``forbidden`` and ``outside``, by administrators.
        """
        asked = {"workspace": workspace, "member": member, "connection_id": connection_id, "name": name}
        if (found := await self._reads.first(QUESTION, asked)) is None:
            return None
        state, policy, rests = found
        return rests or state, policy

    async def for_agent(
        self, workspace: str, member: str, connection_id: str, name: str, agent: ForAgent
    ) -> tuple[str, str, Access] | None:
        """`of`, and what the agent may do with the connection at this moment."""
        asked = {"workspace": workspace, "member": member, "connection_id": connection_id, "name": name}
        found = await self._reads.first(QUESTION_OF_AGENT, {**asked, "agent": agent.id, "channel": agent.channel})
        if found is None or found[4] is None:  # no agent: nobody who may
            return None
        state, policy, rests = found[:3]
        return rests or state, policy, narrowed(_access(*found[3:12]), whence(*found[12:]))


def _access(
    card: str,
    scope: str,
    tools: str,
    cards: str,
    asks_first: int,
    archived: int,
    granted: str | None,
    granted_tools: str | None,
    expired: int,
) -> Access:
    rules = AgentRules(rule(scope, json.loads(tools)), frozenset(json.loads(cards)), bool(asks_first), bool(archived))
    grant = None if granted is None else Grant(rule(granted, json.loads(granted_tools or "[]")), bool(expired))
    return access_of(rules, card, grant)
