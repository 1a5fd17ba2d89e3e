"""Agents of a workspace, and the channels that are fixed to one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository, table_of
from storage.rules.access import AgentRules, rule
from storage.schema import now
from storage.tables import Agent, AgentChannel, Conversation, Link


@dataclass(frozen=True)
class LeansOn:
    """What would go without an agent: how much of each."""

    channels: tuple[str, ...]
    links: int
    """That are alive."""
    conversations: int
    """In which something was said lately."""


def rules_of(agent: Agent) -> AgentRules:
    its = rule(agent.scope, agent.tools)
    return AgentRules(its, frozenset(agent.cards), agent.asks_first, agent.archived_at is not None)


def answers(workspace: str) -> sa.ColumnElement[bool]:
    """The one that answers: a channel's own, else the one asked by name, else the default.

    Parameters: ``agent`` and ``channel``, empty for none.
    """
    of_channel = sa.select(AgentChannel.agent_id).where(
        AgentChannel.workspace_id == sa.bindparam(workspace), AgentChannel.channel == sa.bindparam("channel")
    )
    default = sa.orm.aliased(Agent)
    usual = sa.select(default.id).where(default.workspace_id == sa.bindparam(workspace), default.is_default)
    asked = sa.func.nullif(sa.bindparam("agent", type_=sa.String), sa.literal_column("''"))
    chosen = sa.func.coalesce(of_channel.scalar_subquery(), asked, usual.scalar_subquery())
    return sa.and_(Agent.workspace_id == sa.bindparam(workspace), Agent.id == chosen)


_ANSWERING = sa.select(*table_of(Agent).c).where(answers("workspace"))


class Agents(Repository):
    async def add(self, agent: Agent) -> Agent:
        """Raises `sqlalchemy.exc.IntegrityError` when another is called so."""
        await self._add(agent)
        return agent

    async def get(self, workspace: str, agent_id: str) -> Agent | None:
        return await self._session.scalar(sa.select(Agent).where(Agent.workspace_id == workspace, Agent.id == agent_id))

    async def hold(self, workspace: str, agent_id: str) -> Agent | None:
        """As it is now, and nobody else changes it before the transaction ends."""
        ours = (Agent.workspace_id == workspace, Agent.id == agent_id)
        return await self._session.scalar(sa.select(Agent).where(*ours).with_for_update(key_share=True))

    async def default(self, workspace: str) -> Agent | None:
        return await self._session.scalar(sa.select(Agent).where(Agent.workspace_id == workspace, Agent.is_default))

    async def named(self, workspace: str, called: str) -> Agent | None:
        """``called`` as names are compared; also one that is archived."""
        return await self._session.scalar(
            sa.select(Agent).where(Agent.workspace_id == workspace, Agent.called == called)
        )

    async def of(self, workspace: str, *, archived: bool = False) -> list[Agent]:
        """The default first, then by name; with the archived ones last, where they are asked for."""
        query = sa.select(Agent).where(Agent.workspace_id == workspace)
        query = query if archived else query.where(Agent.archived_at.is_(None))
        order = (Agent.archived_at.is_not(None), Agent.is_default.is_(False), Agent.called)
        return await self._rows(query.order_by(*order))

    async def update(self, workspace: str, agent_id: str, **values: Any) -> bool:
        ours = (Agent.workspace_id == workspace, Agent.id == agent_id)
        return await self._did(sa.update(Agent).where(*ours).values(**values))

    async def make_default(self, workspace: str, agent_id: str) -> bool:
        """In place of the one that was; False when it is not there or archived."""
        there = (Agent.workspace_id == workspace, Agent.id == agent_id, Agent.archived_at.is_(None))
        if await self._session.scalar(sa.select(Agent.id).where(*there).with_for_update(key_share=True)) is None:
            return False
        others = (Agent.workspace_id == workspace, Agent.is_default)
        await self._session.execute(sa.update(Agent).where(*others).values(is_default=False))
        return await self._did(sa.update(Agent).where(*there).values(is_default=True))

    async def archive(self, workspace: str, agent_id: str) -> bool:
        """False for the default one, and for what is archived already."""
        ours = (Agent.workspace_id == workspace, Agent.id == agent_id)
        alive = (sa.not_(Agent.is_default), Agent.archived_at.is_(None))
        return await self._did(sa.update(Agent).where(*ours, *alive).values(archived_at=now()))

    async def channels(self, workspace: str) -> dict[str, str]:
        """The agent of each channel that is fixed to one."""
        query = sa.select(AgentChannel.channel, AgentChannel.agent_id).where(AgentChannel.workspace_id == workspace)
        return {channel: agent for channel, agent in await self._session.execute(query.order_by(AgentChannel.channel))}

    async def fix(self, workspace: str, agent_id: str, channels: Collection[str]) -> list[str]:
        """These channels and no others are this agent's; those that were another's before."""
        here = AgentChannel.workspace_id == workspace
        taken = sa.select(AgentChannel.channel).where(
            here, AgentChannel.channel.in_(list(channels)), AgentChannel.agent_id != agent_id
        )
        others = list(await self._session.scalars(taken.order_by(AgentChannel.channel)))
        ours_or_taken = sa.or_(AgentChannel.agent_id == agent_id, AgentChannel.channel.in_(list(channels)))
        await self._session.execute(sa.delete(AgentChannel).where(here, ours_or_taken))
        await self._add(
            *(AgentChannel(workspace_id=workspace, channel=each, agent_id=agent_id) for each in sorted(set(channels)))
        )
        return others

    async def answering(self, workspace: str, agent_id: str, channel: str) -> Agent | None:
        """Who answers in this channel whoever asks for ``agent_id``, or for nobody."""
        asked = {"workspace": workspace, "agent": agent_id, "channel": channel}
        return await self._found(Agent, _ANSWERING, asked)

    async def leans_on(self, workspace: str, agent_id: str, since: datetime) -> LeansOn:
        channels = [channel for channel, agent in (await self.channels(workspace)).items() if agent == agent_id]
        alive = (Link.workspace_id == workspace, Link.closed_at.is_(None), Link.expires_at > now())
        of_it = Link.agent["id"].as_string() == agent_id
        talks = (Conversation.workspace_id == workspace, Conversation.agent_id == agent_id)
        count = sa.func.count()
        links = await self._session.scalar(sa.select(count).select_from(Link).where(*alive, of_it))
        lately = sa.select(count).select_from(Conversation).where(*talks, Conversation.last_at >= since)
        return LeansOn(tuple(channels), links or 0, await self._session.scalar(lately) or 0)
