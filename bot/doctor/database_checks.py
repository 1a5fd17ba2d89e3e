"""The database: is it there, up to date, to be written to, and is what lies in it whole."""

import asyncio
import shutil
import socket
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa

from bot.doctor.durability_check import durability
from bot.doctor.finding import Finding, bad, ok, warn
from bot.doctor.local_checks import master_keys
from bot.doctor.row_security_check import row_security
from bot.running.audit_keys import audit_keys, key_file_is_missing
from bot.settings import Settings
from mcp_runtime.secrets.keys import KeyUnusable, MasterKey
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.engines.room import is_full
from storage.migrate import revision_of
from storage.migrations import revisions
from storage.repositories.workspaces.audit_chain import AuditKeys
from storage.repositories.workspaces.audit_verifying import Verdict

WITHIN = 10.0
"""Seconds; a server that drops what is sent to it would be waited for much longer."""
GIGABYTE = 1 << 30
TOO_LITTLE, LITTLE = 100 << 20, 1 << 30
TOUCH = sa.text("UPDATE alembic_version SET version_num = version_num")
REASONS: dict[type[BaseException], tuple[str, str]] = {
    asyncpg.InvalidPasswordError: ("refuses the password", "correct user and password in DATABASE_URL"),
    asyncpg.InvalidAuthorizationSpecificationError: ("refuses the user", "correct the user in DATABASE_URL"),
    asyncpg.InvalidCatalogNameError: ("has no database of that name", "createdb, or correct its name in DATABASE_URL"),
    asyncpg.TooManyConnectionsError: ("has no connection left", "raise max_connections, or end another program"),
    socket.gaierror: ("has a host name that is not known", "correct the host in DATABASE_URL"),
    ConnectionRefusedError: ("does not listen at that address", "start it, or correct host and port in DATABASE_URL"),
    FileNotFoundError: ("has no socket at that path", "start it, or correct the host in DATABASE_URL"),
    sqlite3.OperationalError: ("cannot open its file", "let this account read and write the file and its folder"),
    sqlite3.DatabaseError: ("finds no database in its file", "correct DATABASE_URL, or put a backup back"),
    TimeoutError: (f"did not answer within {WITHIN:.0f} s", "check host, port and firewall of DATABASE_URL"),
}


async def database(settings: Settings) -> list[Finding]:
    kind = "PostgreSQL" if settings.is_postgres else "SQLite"
    file = None if settings.is_postgres else Path(sa.make_url(settings.database_url).database or "")
    if file and not file.exists():
        return [_to_be_made(file), *_room(file.parent)]
    db = Database(settings.database_url)
    try:
        async with asyncio.timeout(WITHIN):
            found = [await _state(db, kind)]
            if found[0].state == "ok":
                found.append(await durability(db))
            if db.is_postgres and found[0].state == "ok":
                found.append(await row_security(db, owner_is_known=settings.database_owner_url is not None))
    except TROUBLE as error:
        found = [_silent(kind, error)]
    finally:
        await db.close()
    return [*found, *(_room(file.parent) if file else [])]


def _to_be_made(file: Path) -> Finding:
    if not file.parent.is_dir():
        return bad("database", f"there is no folder {file.parent}", f"mkdir -p {file.parent}, or correct DATABASE_URL")
    return ok("database", "the first start makes the SQLite file")


async def _state(db: Database, kind: str) -> Finding:
    revision = await revision_of(db.engine)
    if revision in (None, *revisions()[:-1]):
        if db.is_postgres:
            return bad("database", f"{kind} answers; its tables are not up to date", "usher migrate")
        return ok("database", f"{kind} answers; the next start brings its tables up to date")
    try:
        async with db.engine.connect() as connection:
            await connection.execute(TOUCH)
            await connection.rollback()
    except sa.exc.DBAPIError as error:
        if is_full(error):
            return bad("database", f"{kind} answers, and the disk under it is full", "make room on it")
        found = f"{kind} answers and cannot be written to ({type(error.orig or error).__name__})"
        return bad("database", found, "give its user, or its file and folder, the right to write")
    if revision not in revisions():
        found = f"{kind} was brought up to {revision} by a newer Usher; this one knows {revisions()[-1]}"
        return bad("database", found, "install that version again, or restore a backup from before it")
    return ok("database", f"{kind} answers, is up to date and can be written to")


def _silent(kind: str, error: BaseException) -> Finding:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = getattr(cause, "orig", None) or cause.__cause__
    for each in chain:
        for known, (found, cure) in REASONS.items():
            if isinstance(each, known):
                return bad("database", f"{kind} {found}", cure)
    return bad("database", f"{kind} does not answer ({type(error).__name__})", "check DATABASE_URL")


def _room(folder: Path) -> list[Finding]:
    if not folder.is_dir():
        return []
    free = shutil.disk_usage(folder).free
    if free >= LITTLE:
        return [ok("disk", f"{free / GIGABYTE:.0f} GB free beside the database")]
    found = f"{free >> 20} MB free beside the database"
    return [(bad if free < TOO_LITTLE else warn)("disk", found, "make room: without any, nothing can be kept")]


async def records(settings: Settings) -> list[Finding]:
    """Can the secrets be opened, is the audit whole? Nothing is told before the first start."""
    file = None if settings.is_postgres else Path(sa.make_url(settings.database_url).database or "")
    if file and not file.exists():
        return []
    db, told = Database(settings.database_url, _audit_keys(settings)), list[Finding]()
    try:
        async with asyncio.timeout(WITHIN):
            if await revision_of(db.engine) not in (None, *revisions()[:-1]):
                told = [Finding("audit", "left", f"not read to its end within {WITHIN:.0f} s", "ask when less goes on")]
                told = await _records(db, settings)
        return told
    except TimeoutError:
        return told
    except TROUBLE:
        return []  # told of the database itself
    finally:
        await db.close()


async def _records(db: Database, settings: Settings) -> list[Finding]:
    async with db.read() as tables:
        sealed_by = await tables.secrets.key_ids()
        read = {each: await tables.audit.verify(each) for each in await tables.workspaces.ids()}
    told = []
    if sealed_by - {key.id for key in _keys(settings)}:
        cure = "put it back, last in SECRET_KEY"
        told.append(bad("secrets", "some are sealed by a master key that is not there", cure))
    return [*told, _of_audit(read)]


def _of_audit(read: Mapping[str, Verdict]) -> Finding:
    if broken := [f"{where} (entry {found.broken_at}: {found.why})" for where, found in read.items() if not found]:
        return bad("audit", f"changed after it was written, in {', '.join(broken)}", "compare it with a backup")
    if unread := sum(found.unread for found in read.values()):
        found = f"{unread} older entries are sealed by a master key that is not there"
        return warn("audit", found, "put it back, last in SECRET_KEY, to have them read too")
    return ok("audit", "every entry is as it was written")


def _audit_keys(settings: Settings) -> AuditKeys | None:
    try:
        return None if key_file_is_missing(settings) else audit_keys(settings)
    except (KeyUnusable, OSError):
        return None  # told of the key itself


def _keys(settings: Settings) -> Sequence[MasterKey]:
    try:
        return () if key_file_is_missing(settings) else master_keys(settings)
    except (KeyUnusable, OSError):
        return ()  # told of the key itself
