"""Grants: what an agent may do with one connection, and what it has beside it in one look."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.engines.prepared import Row
from storage.repositories.agents.agents import answers, rules_of
from storage.repositories.repository import Repository, made, table_of
from storage.rules.access import Access, Grant, Scope, access_of, narrowed, rule
from storage.rules.outside import Whence, whence
from storage.schema import now
from storage.tables import Agent, AgentGrant, Connection, OutsidePerson, OutsideRule

_OF_AGENT = sa.and_(
    AgentGrant.workspace_id == Agent.workspace_id,
    AgentGrant.agent_id == Agent.id,
    AgentGrant.target_id == Connection.id,
)
_MINE = sa.and_(
    Connection.workspace_id == Agent.workspace_id,
    Connection.member_id == sa.bindparam("member"),
    Connection.leaving_since.is_(None),
)
_WHOSE = sa.and_(OutsidePerson.workspace_id == Agent.workspace_id, OutsidePerson.member_id == sa.bindparam("member"))
_AGENT, _CONNECTION, _GRANT = (tuple(table_of(each).c) for each in (Agent, Connection, AgentGrant))
EQUIPPED = (
    sa.select(*_AGENT, *_CONNECTION, *_GRANT, OutsidePerson.kind, OutsideRule.rule, OutsidePerson.state)
    .select_from(table_of(Agent))
    .outerjoin(table_of(Connection), _MINE)
    .outerjoin(table_of(AgentGrant), _OF_AGENT)
    .outerjoin(table_of(OutsidePerson), _WHOSE)
    .outerjoin(
        table_of(OutsideRule),
        sa.and_(OutsideRule.workspace_id == OutsidePerson.workspace_id, OutsideRule.kind == OutsidePerson.kind),
    )
    .where(answers("workspace"))
    .order_by(Connection.created_at, Connection.id)
)


@dataclass(frozen=True)
class Reachable:
    """A member's connection, and what an agent may do with it."""

    connection: Connection
    grant: AgentGrant | None
    access: Access


@dataclass(frozen=True)
class Equipped:
    agent: Agent
    reachable: list[Reachable]
    """All of the member's connections, oldest first."""
    whence: Whence | None = None
    """Of whoever asks, where they are no member."""


class Grants(Repository):
    async def equipped(self, workspace: str, member: str, agent_id: str = "", channel: str = "") -> Equipped | None:
        """Who answers there, with the member's connections and what it may do with each, in one statement.

        None when no such agent is there.
        """
        asked = {"workspace": workspace, "member": member, "agent": agent_id, "channel": channel}
        rows = [_parts(row) for row in await self._transaction.rows(EQUIPPED, asked)]
        if not rows:
            return None
        its, _, _, outside = rows[0]
        agent, moment, whose = made(Agent, its), now(), whence(*outside)
        found = [
            _reachable(agent, made(Connection, mine), made(AgentGrant, grant) if any(grant) else None, moment, whose)
            for _, mine, grant, _ in rows
            if any(mine)
        ]
        return Equipped(agent, found, whose)

    async def access(self, workspace: str, agent_id: str, target: str) -> Access | None:
        """What this agent may do with one connection, by its keys; None when either is not there."""
        of_it = (Connection.workspace_id == workspace, Connection.id == target, Connection.leaving_since.is_(None))
        joined = sa.select(Agent, Connection, AgentGrant).select_from(Agent).join(Connection, sa.and_(*of_it))
        query = joined.outerjoin(AgentGrant, _OF_AGENT).where(Agent.workspace_id == workspace, Agent.id == agent_id)
        found = (await self._session.execute(query)).first()
        return _reachable(found[0], found[1], found[2], now()).access if found else None

    async def get(self, workspace: str, agent_id: str, target: str) -> AgentGrant | None:
        return await self._session.scalar(sa.select(AgentGrant).where(*_one(workspace, agent_id, target)))

    async def put(
        self,
        workspace: str,
        agent_id: str,
        target: str,
        scope: Scope,
        *,
        by: str,
        tools: Collection[str] = (),
        expires_at: datetime | None = None,
    ) -> None:
        """Granting again replaces. Raises `sqlalchemy.exc.IntegrityError` for an agent of another workspace."""
        row = {
            "scope": scope.value,
            "tools": sorted(set(tools)),
            "granted_by": by,
            "granted_at": now(),
            "expires_at": expires_at,
        }
        key = {"workspace_id": workspace, "agent_id": agent_id, "target_id": target}
        insert = self._insert(AgentGrant).values(**key, **row)
        await self._session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=row))


def _parts(row: Row) -> tuple[Row, Row, Row, Row]:
    """An agent's, a connection's, a grant's, of whom; of one that is not there each value is None."""
    mine, grant, whose = len(_AGENT), len(_AGENT) + len(_CONNECTION), len(row) - 3
    return row[:mine], row[mine:grant], row[grant:whose], row[whose:]


def _one(workspace: str, agent_id: str, target: str) -> tuple[sa.ColumnElement[bool], ...]:
    return AgentGrant.workspace_id == workspace, AgentGrant.agent_id == agent_id, AgentGrant.target_id == target


def _reachable(
    agent: Agent, connection: Connection, row: AgentGrant | None, moment: datetime, whose: Whence | None = None
) -> Reachable:
    grant = None
    if row is not None:
        expired = row.expires_at is not None and row.expires_at <= moment
        grant = Grant(rule(row.scope, row.tools), expired)
    access = narrowed(access_of(rules_of(agent), connection.card, grant), whose)
    return Reachable(connection, row, access)
