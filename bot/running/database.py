"""The database at the start: there, up to date, and ours alone where it has to be; else a sentence with the cure."""

import logging
import sqlite3
from contextlib import AsyncExitStack

import asyncpg  # type: ignore[import-untyped]

from bot.running.audit_keys import audit_keys
from bot.settings import Settings
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.engines.file_lock import InUse, alone
from storage.engines.room import is_full
from storage.migrate import TooNew, migrate, revision_of
from storage.migrations import revisions

LACKING = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
log = logging.getLogger(__name__)

IN_USE = (
    "DATABASE_URL: another Usher works on this file. End that one first; or use PostgreSQL, which serves any number."
)
SILENT = "DATABASE_URL: {kind} does not answer ({error}). Check the address, and that it may be reached from here."
NO_ROOM = "DATABASE_URL: the disk under the database is full. Make room on it; nothing in the database is lost."
TOO_NEW = "DATABASE_URL: {error}. Run that version again, or restore a backup that was made before it."
NOT_THE_OWNER = (
    "DATABASE_URL: its role owns no tables and may not change them. Run `usher migrate` with DATABASE_OWNER_URL, which "
    "names the role that does."
)
UNFIT = (
    "DATABASE_URL: {kind} has not what this version of Usher asks for ({error}), so another version has changed it. "
    "`usher doctor` says which: run that one, or restore a backup that was made before it."
)
GOES_ON = (
    "the database is of a newer Usher (it is at %s, this version knows %s): this process goes on until that one takes "
    "its place. To stay with this version, restore a backup that was made before"
)
BEHIND = "DATABASE_URL: the database is not up to date. Run `usher migrate` first."


class CannotStart(Exception):
    """The text names the variable and the cure."""


async def open_database(settings: Settings, house: AsyncExitStack) -> Database:
    """Open until ``house`` is closed; raises `CannotStart`, `KeyUnusable`."""
    try:
        house.enter_context(alone(settings.database_url))
        if not settings.is_postgres:
            await migrate(settings.database_url)
        db = Database(settings.database_url, audit_keys(settings))
        house.push_async_callback(db.close)
        found = await revision_of(db.engine)
    except InUse as error:
        raise CannotStart(IN_USE) from error
    except TooNew as error:
        raise CannotStart(TOO_NEW.format(error=error)) from error
    except TROUBLE as error:
        raise CannotStart(silent(settings, error)) from error
    if found in (None, *revisions()[:-1]):
        raise CannotStart(BEHIND)
    if found != revisions()[-1]:
        log.warning(GOES_ON, found, revisions()[-1])
    return db


def silent(settings: Settings, error: Exception) -> str:
    """What is said of a database that cannot be had; never its address, in which there is a password."""
    if may_not(error):
        return NOT_THE_OWNER
    if is_full(error):
        return NO_ROOM
    kind = "PostgreSQL" if settings.is_postgres else "the SQLite file"
    said = UNFIT if is_unfit(error) else SILENT
    return said.format(kind=kind, error=type(error).__name__)


def is_unfit(error: BaseException) -> bool:
    """It answered, and has no such table or column: it is of another version."""
    cause: BaseException | None = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.OperationalError):
        return str(cause).startswith("no such ")
    return isinstance(getattr(cause, "__cause__", None) or cause, LACKING)


def may_not(error: BaseException) -> bool:
    """PostgreSQL answered, and refused the role what it asked for."""
    cause: BaseException | None = getattr(error, "orig", None) or error
    return isinstance(getattr(cause, "__cause__", None) or cause, asyncpg.InsufficientPrivilegeError)
