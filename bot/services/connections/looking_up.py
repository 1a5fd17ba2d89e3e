"""A member's connections as they are: theirs alone, by their id or by a name however it is written."""

from collections.abc import Mapping
from datetime import timedelta

from bot.errors import NotYours
from bot.services.connections.entering.signing_in import NOT_THERE
from bot.services.connections.values import ConnectionView
from bot.services.matching import not_found, same
from mcp_runtime.sessions.pool import Pool
from run_cards.card import RunCard
from storage.database import Database
from storage.members import Member
from storage.repositories.mcp.usage import Use
from storage.schema import now
from storage.tables import AllowedCalls, Connection, PinnedTool

WEEK = timedelta(days=7)


class LookingUp:
    def __init__(self, db: Database, pool: Pool, cards: Mapping[str, RunCard]) -> None:
        self._db = db
        self._pool = pool
        self._cards = cards

    async def of(self, member: Member) -> list[ConnectionView]:
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
            ids = [each.id for each in mine]
            tools = await tables.tools.of_many(member.workspace, ids)
            use = await tables.usage.by_connection(member.workspace, ids, now() - WEEK) if ids else {}
            allowed = await tables.allowed_calls.of(member.workspace, member.id) if ids else []
        by_id: dict[str, list[PinnedTool]] = {each: [] for each in ids}
        for tool in tools:
            by_id[tool.connection_id].append(tool)
        permits = self._pool.permits
        return [
            ConnectionView(
                *(each, by_id[each.id], use.get(each.id, Use()), await permits(each), self._costs(each)),
                allowed=_still_hold(by_id[each.id], [row for row in allowed if row.connection_id == each.id]),
            )
            for each in mine
        ]

    def _costs(self, connection: Connection) -> frozenset[str]:
        card = self._cards.get(connection.card)
        return frozenset(card.costs) if card else frozenset()

    async def colleagues(self, workspace: str) -> dict[str, int]:
        """How many members of the workspace have connected each card."""
        async with self._db.read() as tables:
            return await tables.connections.users_by_card(workspace)

    async def leaving(self, member: Member) -> list[Connection]:
        async with self._db.read() as tables:
            return await tables.connections.leaving(member.workspace, member.id)

    async def tools(self, member: Member, connection_id: str) -> list[PinnedTool]:
        connection = await self.own(member, connection_id)
        async with self._db.read() as tables:
            return await tables.tools.of(member.workspace, connection.id)

    async def find(self, member: Member, text: str) -> Connection:
        """By its name, however that is written; raises `NotFound`."""
        async with self._db.read() as tables:
            found = await tables.connections.named(member.workspace, member.id, text)
            mine = await tables.connections.of(member.workspace, member.id)
        titles = same(text, [each.title for each in mine])
        if found is None and len(titles) == 1:
            found = next(each for each in mine if each.title == titles[0])
        if found:
            return found
        raise not_found("connection", text, [(each.id, each.title) for each in mine])

    async def own(self, member: Member, connection_id: str) -> Connection:
        """Raises `NotYours`, also when it is not there any more."""
        async with self._db.read() as tables:
            connection = await tables.connections.get(member.workspace, connection_id)
        if connection is None or connection.member_id != member.id:
            raise NotYours(NOT_THERE)
        return connection


def _still_hold(tools: list[PinnedTool], allowed: list[AllowedCalls]) -> list[AllowedCalls]:
    """Those for tools that are as they were when it was said."""
    pins = {tool.name: tool.pin for tool in tools if tool.state != "gone"}
    return [row for row in allowed if pins.get(row.tool) == row.pin]
