"""Engines for SQLite and PostgreSQL, set so that no update is lost on either."""

import os
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from storage.engines import journal, sqlite_connection, walls
from storage.engines.address import Address
from storage.engines.endings import InDoubt
from storage.engines.kept import KeptPool
from storage.engines.plain_text import as_json, without_nul
from storage.engines.postgres import UNHURRIED, USUAL, Patience, Pooled
from storage.engines.room import is_full

READING = "usher_reading"
NOT_NOW = ("08", "40", "53", "55P03", "57")
"""What PostgreSQL's codes begin with that say nothing against the question: it was in another's way, took longer than
may be while the server hung, or the server goes down; postgresql.org/docs/current/errcodes-appendix.html."""
TROUBLE = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What comes of a database that is away or locked: what goes wrong while connecting, SQLAlchemy leaves as it is."""
MOST_ON_SQLITE = 15
"""Connections, each in a thread of its own; made when they are needed."""
MOST_ON_POSTGRES = 10
CONNECTION_FREE_WITHIN = 10.0
"""Seconds, where all others are at work."""


def is_away(error: BaseException) -> bool:
    """The database cannot be had now, or has no room left; no fault of what it was asked."""
    if is_full(error):
        return True
    if isinstance(error, DBAPIError):
        # Without a statement it was while connecting.
        connecting = type(error) is DBAPIError and error.statement is None
        not_now = str(getattr(error.orig, "sqlstate", None) or "").startswith(NOT_NOW)
        return (
            connecting
            or not_now
            or error.connection_invalidated
            or isinstance(error, OperationalError | InterfaceError)
        )
    # Of asyncpg's own, only those come here that it raises while connecting.
    return isinstance(error, InDoubt | NoConnectionFree | OSError | asyncpg.PostgresError | asyncpg.InterfaceError)


def open_engine(url: str, *, migrates: bool = False, patience: Patience | None = None) -> AsyncEngine:
    """``migrates``: for who changes tables: as long as that takes, and on SQLite with no foreign keys."""
    # Parameters are what people said, and what opens their links: no error that is logged may quote them.
    common = {"json_serializer": as_json, "hide_parameters": True}
    if sa.make_url(url).get_backend_name() == "sqlite":
        _make_private(sa.make_url(url).database)
        opened = sqlite_connection.Opened()
        # The timeout is how long to wait for another writer, in seconds.
        engine = create_async_engine(
            url,
            connect_args={"timeout": 15, "async_creator_fn": opened.connect},
            # None beyond these: one of them would end its thread after each use, and start another for the next.
            pool_size=MOST_ON_SQLITE,
            max_overflow=0,
            poolclass=KeptPool,
            pool_use_lifo=True,  # what the one that was last at work has read of the file is at hand still
            pool_reset_on_return=None,  # whoever begins a transaction ends it
            **common,
        )
        sa.event.listen(engine.sync_engine, "connect", partial(_prepare_sqlite, not migrates))
        sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
        sa.event.listen(engine.sync_engine, "engine_disposed", lambda _engine: await_only(opened.end()))
    else:
        engine = _on_postgres(Address.of(url), patience or (UNHURRIED if migrates else USUAL), common)
    sa.event.listen(engine.sync_engine, "before_cursor_execute", without_nul, retval=True)
    return engine


def _on_postgres(address: Address, patience: Patience, common: dict[str, Any]) -> AsyncEngine:
    pooled = Pooled(address, patience)
    given: dict[str, Any] = {"async_creator_fn": pooled.connect}
    if address.is_pooled:
        # Unnamed, each is prepared with the question itself: the next may come to another of the pooler's connections.
        given |= {"prepared_statement_cache_size": 0, "prepared_statement_name_func": str}
    engine = create_async_engine(
        address.url(),
        pool_size=MOST_ON_POSTGRES,
        max_overflow=0,
        pool_timeout=CONNECTION_FREE_WITHIN,
        connect_args=given,
        **common,
    )
    for name, hook in (("connect", pooled.made), ("connect", walls.look), ("checkout", pooled.taken)):
        sa.event.listen(engine.sync_engine, name, hook)
    sa.event.listen(engine.sync_engine, "handle_error", pooled.failed)
    return engine


def _make_private(path: str | None) -> None:
    """SQLite would make a file that every account of the machine may read; its companions take after it."""
    if path and not path.startswith((":", "file:")):
        # One that is there is left alone: closing it here would give up the locks that others of this process hold.
        with suppress(OSError):  # SQLite says it better
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(foreign_keys: bool, connection: Any, _record: Any) -> None:
    # Or the driver would open its own transactions: late, after the first SELECT, which loses updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (*journal.pragmas(), f"foreign_keys={foreign_keys:d}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get(READING)
    driver: Any = connection.connection.driver_connection
    driver.begin(sqlite_connection.READING if reading else sqlite_connection.WRITING)
