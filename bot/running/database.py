"""The database at the start: there, up to date, and ours alone where it has to be; else a sentence with the cure."""

from contextlib import AsyncExitStack

import asyncpg  # type: ignore[import-untyped]

from bot.running.audit_keys import audit_keys
from bot.settings import Settings
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.engines.file_lock import InUse, alone
from storage.engines.room import is_full
from storage.migrate import TooNew, is_behind, migrate

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
        behind = await is_behind(db)
    except InUse as error:
        raise CannotStart(IN_USE) from error
    except TooNew as error:
        raise CannotStart(TOO_NEW.format(error=error)) from error
    except TROUBLE as error:
        raise CannotStart(silent(settings, error)) from error
    if behind:
        raise CannotStart(BEHIND)
    return db


def silent(settings: Settings, error: Exception) -> str:
    """What is said of a database that cannot be had; never its address, in which there is a password."""
    if may_not(error):
        return NOT_THE_OWNER
    if is_full(error):
        return NO_ROOM
    kind = "PostgreSQL" if settings.is_postgres else "the SQLite file"
    return SILENT.format(kind=kind, error=type(error).__name__)


def may_not(error: BaseException) -> bool:
    """PostgreSQL answered, and refused the role what it asked for."""
    cause: BaseException | None = getattr(error, "orig", None) or error
    return isinstance(getattr(cause, "__cause__", None) or cause, asyncpg.InsufficientPrivilegeError)
