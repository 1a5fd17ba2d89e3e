"""Turns that have not ended yet, or were not told."""

import asyncio

import sqlalchemy as sa

from storage.database import Database
from storage.tables import Turn

LOOK_EVERY = 0.02


async def until_none_is_left(db: Database, patience: float) -> None:
    async with asyncio.timeout(patience):
        while await _left(db):
            await asyncio.sleep(LOOK_EVERY)


async def _left(db: Database) -> int:
    async with db.read() as tables:
        count = sa.select(sa.func.count()).select_from(Turn).where(sa.or_(Turn.status != "done", ~Turn.told))
        return int(await tables.session.scalar(count) or 0)
