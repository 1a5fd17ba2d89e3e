"""The tools of a connection, as its member accepted them."""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository, insert_into, table_of, values_of
from storage.tables import PinnedTool

KEY = ("connection_id", "name")
TOGETHER = 50
"""Rows that one statement writes: ten servers may have a thousand tools each, and all others wait for their turn."""
READ_TOGETHER = 300
"""Rows that are made of what was read without a turn for anybody else: a thousandth of a second."""
_COLUMNS = tuple(table_of(PinnedTool).columns)


def _one(workspace: str, connection_id: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    ours = (PinnedTool.workspace_id == workspace, PinnedTool.connection_id == connection_id)
    return *ours, PinnedTool.name == name


def pin_of(definition: dict[str, Any]) -> str:
    """SHA-256 of a tool's definition, whatever the order of its keys."""
    text = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class PinnedTools(Repository):
    async def of(self, workspace: str, connection_id: str) -> list[PinnedTool]:
        """By name."""
        return await self.of_many(workspace, [connection_id])

    async def of_many(self, workspace: str, connection_ids: Iterable[str]) -> list[PinnedTool]:
        """Of several connections in one look, by connection and name."""
        query = sa.select(*_COLUMNS).where(
            PinnedTool.workspace_id == workspace, PinnedTool.connection_id.in_(list(connection_ids))
        )
        found = await self._session.execute(query.order_by(PinnedTool.connection_id, PinnedTool.name))
        rows: list[PinnedTool] = []
        for several in found.partitions(READ_TOGETHER):
            rows += [PinnedTool.of(dict(each._mapping)) for each in several]
            if len(several) == READ_TOGETHER:
                await asyncio.sleep(0)
        return rows

    async def get(self, workspace: str, connection_id: str, name: str) -> PinnedTool | None:
        return await self._session.scalar(sa.select(PinnedTool).where(*_one(workspace, connection_id, name)))

    async def asking_readers(self, workspace: str, connection_id: str) -> list[str]:
        """Names of those that only read, as their server says, and still ask."""
        its = (PinnedTool.workspace_id == workspace, PinnedTool.connection_id == connection_id)
        reads = (PinnedTool.hinted_reading, PinnedTool.policy == "ask", PinnedTool.state == "accepted")
        return list(
            await self._session.scalars(sa.select(PinnedTool.name).where(*its, *reads).order_by(PinnedTool.name))
        )

    async def save(self, rows: Iterable[PinnedTool]) -> None:
        """Put each in place of what is kept under its connection and name; of one workspace's."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            values = values_of(row)
            alike.setdefault(tuple(values), []).append(values)
        for names, several in alike.items():
            insert = insert_into(table_of(PinnedTool), self._on_postgres)
            changed = {name: insert.excluded[name] for name in names if name not in KEY}
            put = insert.on_conflict_do_update(
                index_elements=KEY,
                set_=changed,
                where=table_of(PinnedTool).c.workspace_id == insert.excluded.workspace_id,
            )
            for start in range(0, len(several), TOGETHER):
                await self._session.execute(put, several[start : start + TOGETHER])

    async def set_policy(self, workspace: str, connection_id: str, name: str, policy: str) -> bool:
        change = sa.update(PinnedTool).where(*_one(workspace, connection_id, name))
        return await self._did(change.values(policy=policy))

    async def set_policies(self, workspace: str, connection_id: str, names: Iterable[str], policy: str) -> int:
        """For all of these at once; how many there were."""
        ours = (PinnedTool.workspace_id == workspace, PinnedTool.connection_id == connection_id)
        change = sa.update(PinnedTool).where(*ours, PinnedTool.name.in_(list(names)))
        return await self._count(change.values(policy=policy))

    async def accept(self, workspace: str, connection_id: str, name: str, pin: str, **shown: Any) -> bool:
        """Take the definition with this pin that waited for the member; False when none did, or another.

        What ran without asking asks again: that was allowed for the old definition. What is off stays off.

        ``shown``: ``title``, ``description`` and ``hinted_reading`` as made fit for people by the caller.
        """
        asks = sa.case((PinnedTool.policy == "off", "off"), else_="ask")
        new = {"definition_json": PinnedTool.offered_json, "pin": PinnedTool.offered_pin, "policy": asks, **shown}
        settled = {"offered_json": None, "offered_pin": None, "state": "accepted"}
        waits = (PinnedTool.offered_pin == pin, PinnedTool.state == "set_aside")
        change = sa.update(PinnedTool).where(*_one(workspace, connection_id, name), *waits)
        return await self._did(change.values(**new, **settled))
