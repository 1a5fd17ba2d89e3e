"""How a transaction comes by its connection: on SQLite past SQLAlchemy, which has no part in most of them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from storage.engines.kept import KeptPool


def is_postgres(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "postgresql"


async def begun(engine: AsyncEngine) -> sa.Connection:
    if is_postgres(engine):
        return await greenlet_spawn(_begun_by_sqlalchemy, engine.sync_engine)
    held = await taken(engine)
    heard(held, "begin")
    return held


async def taken(engine: AsyncEngine) -> sa.Connection:
    """From the pool: mostly one lies there, and there is nothing to wait for."""
    pool = pool_of(engine)
    if kept := pool.take(engine.sync_engine):
        return kept
    if pool.checkedin():
        with suppress(MissingGreenlet):  # one that has to be opened anew
            return engine.sync_engine.connect()
    return await greenlet_spawn(engine.sync_engine.connect)


def pool_of(engine: AsyncEngine) -> KeptPool:
    """SQLite's."""
    return cast("KeptPool", engine.pool)


def heard(held: Any, what: str) -> None:
    """By whoever listens to SQLAlchemy: this goes past it."""
    for hook in getattr(held.dispatch, what):
        hook(held)


def _begun_by_sqlalchemy(engine: sa.Engine) -> sa.Connection:
    connection = engine.connect()
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def ended(connection: sa.Connection, act: Callable[[sa.Connection], None]) -> None:
    try:
        act(connection)
    finally:
        connection.close()
