"""Which connections' results a member lets others read in which channel."""

from collections.abc import Collection

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Connection, ShownInChannel


class Showing(Repository):
    async def allow(self, workspace: str, member: str, channel: str, connections: Collection[str]) -> None:
        """From now on, always; of the member's own connections alone."""
        own = sa.select(Connection.id).where(Connection.workspace_id == workspace, Connection.member_id == member)
        for connection_id in await self._session.scalars(own.where(Connection.id.in_(connections))):
            alike = {"workspace_id": workspace, "member_id": member, "channel": channel}
            row = self._insert(ShownInChannel).values(connection_id=connection_id, **alike)
            await self._session.execute(row.on_conflict_do_nothing(index_elements=["connection_id", "channel"]))

    async def allowed(self, workspace: str, channel: str, connection_id: str) -> bool:
        asked = sa.select(ShownInChannel.channel).where(
            ShownInChannel.workspace_id == workspace,
            ShownInChannel.channel == channel,
            ShownInChannel.connection_id == connection_id,
        )
        return await self._session.scalar(asked) is not None

    async def of(self, workspace: str, member: str) -> list[tuple[ShownInChannel, str]]:
        """All of a member's, each with its connection's title."""
        query = (
            sa.select(ShownInChannel, Connection.title)
            .join(Connection, Connection.id == ShownInChannel.connection_id)
            .where(ShownInChannel.workspace_id == workspace, ShownInChannel.member_id == member)
            .order_by(ShownInChannel.created_at, ShownInChannel.channel)
        )
        return [(row, title) for row, title in await self._session.execute(query)]

    async def take_back(self, workspace: str, member: str, channel: str, connection_id: str) -> bool:
        theirs = (ShownInChannel.workspace_id == workspace, ShownInChannel.member_id == member)
        one = (ShownInChannel.channel == channel, ShownInChannel.connection_id == connection_id)
        return await self._did(sa.delete(ShownInChannel).where(*theirs, *one))
