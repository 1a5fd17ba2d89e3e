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


async def begun(engine: AsyncEngine) -> tuple[sa.Connection, KeptPool | None]:
    """With SQLite's pool, to which it is given back."""
    if is_postgres(engine):
        return await greenlet_spawn(_begun_by_sqlalchemy, engine.sync_engine), None
    held, pool = await taken(engine)
    heard(held, "begin")
    return held, pool


async def taken(engine: AsyncEngine) -> tuple[sa.Connection, KeptPool]:
    """On SQLite; mostly one lies in the pool, and there is nothing to wait for."""
    # The one that it comes from: once that is disposed of, which may be while we wait in it, the engine has another.
    pool = cast("KeptPool", engine.pool)
    return pool.take(engine.sync_engine) or await _from(pool, engine), pool


async def _from(pool: KeptPool, engine: AsyncEngine) -> sa.Connection:
    if pool.checkedin():
        with suppress(MissingGreenlet):  # one that has to be opened anew
            return engine.sync_engine.connect()
    return await greenlet_spawn(engine.sync_engine.connect)


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
    except BaseException:
        connection.close()
        raise
