"""Vectors of memories: which are due, kept twice, searched exactly and among one member's alone."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.members import Member
from storage.repositories.memories.whose import who
from storage.repositories.repository import Repository
from storage.search import vectors
from storage.tables import Memory, MemorySigns, MemoryVector


class Vectors(Repository):
    async def take(self, now: datetime, most: int, lease: timedelta) -> list[Memory]:
        """The oldest that are due, put off so that no other process takes them too."""
        due = sa.select(Memory.number).where(Memory.due_at <= now).order_by(Memory.due_at).limit(most)
        # A CTE: PostgreSQL may run a plain subquery several times, and take more than one batch.
        first = due.with_for_update(skip_locked=True).cte("first")
        take = sa.update(Memory).where(Memory.number.in_(sa.select(first.c.number)))
        return await self._rows(take.values(due_at=now + lease, tries=Memory.tries + 1).returning(Memory))

    async def keep(self, model: str, found: Mapping[int, Sequence[float]]) -> None:
        """Of memories that are still there."""
        there = sa.select(Memory.number, Memory.who, Memory.workspace_id).where(Memory.number.in_(list(found)))
        rows = (await self._session.execute(there.with_for_update(key_share=True))).all()
        if not rows:
            return
        numbers = [row.number for row in rows]
        for table in (MemorySigns, MemoryVector):  # of another model, or of a lease that had lapsed
            await self._session.execute(sa.delete(table).where(table.number.in_(numbers)))
        # What a model cuts short need not be of length 1 any more.
        alike_long = {number: vectors.normal(vector) for number, vector in found.items()}
        alike = [{"number": row.number, "workspace_id": row.workspace_id} for row in rows]
        signs = [
            {**each, "who": row.who, "model": model, "signs": vectors.signs(alike_long[row.number])}
            for each, row in zip(alike, rows, strict=True)
        ]
        halves = [{**each, "halves": vectors.halves(alike_long[each["number"]])} for each in alike]
        await self._session.execute(sa.insert(MemorySigns), signs)
        await self._session.execute(sa.insert(MemoryVector), halves)
        await self._session.execute(sa.update(Memory).where(Memory.number.in_(numbers)).values(due_at=None))

    async def put_off(self, numbers: Sequence[int], until: datetime | None, *, counted: bool) -> None:
        """None: for ever. ``counted`` is a try that was the text's own fault."""
        values = {"due_at": until} | ({} if counted else {"tries": Memory.tries - 1})
        await self._session.execute(sa.update(Memory).where(Memory.number.in_(numbers)).values(values))

    async def change_model(self, model: str, now: datetime) -> int:
        """What another model has made cannot be compared any more: it is due again; how many."""
        other = sa.select(MemorySigns.number).where(MemorySigns.model != model)
        again = await self._count(sa.update(Memory).where(Memory.number.in_(other)).values(due_at=now, tries=0))
        if again:
            await self._session.execute(sa.delete(MemorySigns).where(MemorySigns.model != model))
        return again

    async def waiting(self) -> int:
        due = sa.select(sa.func.count()).select_from(Memory).where(Memory.due_at.is_not(None))
        return await self._session.scalar(due) or 0

    async def nearest(self, member: Member, vector: Sequence[float], model: str, most: int = 50) -> list[int]:
        """Numbers, nearest first. An index over all members would find 2 of 20 once it is filtered by member."""
        mine = sa.select(MemorySigns.number, MemorySigns.signs).where(
            MemorySigns.who == who(member), MemorySigns.model == model
        )
        rows = [(number, signs) for number, signs in await self._session.execute(mine)]
        vector = vectors.normal(vector)
        # Tens of thousands of one member's take a while: nobody else waits for it.
        near = await asyncio.to_thread(vectors.nearest_by_signs, vectors.signs(vector), rows)
        halves = sa.select(MemoryVector.number, MemoryVector.halves).where(MemoryVector.number.in_(near))
        found = [(number, each) for number, each in await self._session.execute(halves)]
        return (await asyncio.to_thread(vectors.judged, vector, found))[:most]
