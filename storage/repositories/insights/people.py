"""Who uses what, in counts: people, their connections, the links that are alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Connection, Link

WELL = "connected"


@dataclass(frozen=True)
class Holds:
    """What a member has."""

    connections: int = 0
    troubled: int = 0
    """Of these, how many do not work."""
    links: int = 0
    """That are alive."""


@dataclass(frozen=True)
class OfCard:
    """Connections of one card."""

    members: int
    connections: int
    failing: int
    signs_in: int
    """Those whose token is refused."""
    paused: int


_NAMES = ("connections", "troubled", "links")


class People(Repository):
    async def holding(self, workspace: str, now: datetime) -> dict[str, Holds]:
        """By member, of everybody who has a connection or a living link."""
        rows = sa.union_all(_connections(workspace), _links(workspace, now)).subquery()
        sums = [sa.func.sum(rows.c[name]) for name in _NAMES]
        query = sa.select(rows.c.member, *sums).group_by(rows.c.member)
        return {member: Holds(*map(int, sums)) for member, *sums in await self._session.execute(query)}

    async def connected(self, workspace: str) -> dict[str, OfCard]:
        """By card."""

        def times(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            return sa.func.sum(sa.case((condition, 1), else_=0))

        query = (
            sa.select(
                Connection.card,
                sa.func.count(sa.distinct(Connection.member_id)),
                sa.func.count(),
                times(Connection.status == "failing"),
                times(Connection.status == "sign_in"),
                times(Connection.paused_at.is_not(None)),
            )
            .where(Connection.workspace_id == workspace, Connection.leaving_since.is_(None))
            .group_by(Connection.card)
        )
        return {row[0]: OfCard(*(int(each or 0) for each in row[1:])) for row in await self._session.execute(query)}

    async def connections_of_card(
        self, workspace: str, card: str, start: int, most: int
    ) -> tuple[list[Connection], int]:
        """Those that do not work first; and how many there are."""
        ours = (Connection.workspace_id == workspace, Connection.card == card, Connection.leaving_since.is_(None))
        total = await self._session.scalar(sa.select(sa.func.count()).select_from(Connection).where(*ours))
        well = sa.case((Connection.status == WELL, 1), else_=0)
        query = sa.select(Connection).where(*ours).order_by(well, Connection.member_id, Connection.id)
        return await self._rows(query.offset(start).limit(most)), int(total or 0)

    async def living_links(self, workspace: str, now: datetime, start: int, most: int) -> tuple[list[Link], int]:
        """All that are alive, those that end first on top; and how many there are."""
        total = await self._session.scalar(sa.select(sa.func.count()).select_from(Link).where(*_alive(workspace, now)))
        query = sa.select(Link).where(*_alive(workspace, now)).order_by(Link.expires_at, Link.id)
        return await self._rows(query.offset(start).limit(most)), int(total or 0)


def _alive(workspace: str, now: datetime) -> Sequence[sa.ColumnElement[bool]]:
    there = (Link.revoked_at.is_(None), Link.closed_at.is_(None), Link.expires_at > now)
    return (Link.workspace_id == workspace, *there)


def _row(member: Any, **values: Any) -> sa.Select[Any]:
    """One of those that are summed up: what is not said is nothing."""
    return sa.select(
        member.label("member"), *(values.get(name, sa.literal_column("0")).label(name) for name in _NAMES)
    ).group_by(member)


def _connections(workspace: str) -> sa.Select[Any]:
    troubled = sa.func.sum(sa.case((Connection.status != WELL, 1), else_=0))
    rows = _row(Connection.member_id, connections=sa.func.count(), troubled=troubled)
    return rows.where(Connection.workspace_id == workspace, Connection.leaving_since.is_(None))


def _links(workspace: str, now: datetime) -> sa.Select[Any]:
    return _row(Link.creator_id, links=sa.func.count()).where(*_alive(workspace, now))
