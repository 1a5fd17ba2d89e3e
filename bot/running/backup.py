"""`usher backup`: what has to be kept, where, and how."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bot.settings import Settings
from storage.backup import BackupFailed, copy_sqlite, revision_in
from storage.engines.address import Address
from storage.migrations import revisions
from storage.schema import now

NAME = "usher-{at:%Y%m%dT%H%M%SZ}"
KEY = "Members' secrets in it open with the master key alone, which is not in it: keep {where} too, in another place."
NEWER = "It is of a newer Usher than this (at {}): put it back for that version, or a later one."
BY_ITSELF = (
    "No backup was made: PostgreSQL makes its own. Run the command above; the password comes from ~/.pgpass or "
    "PGPASSWORD.\nKeep SECRET_KEY too, in another place: without it members' secrets cannot be opened."
)


@dataclass(frozen=True)
class Backup:
    """``told`` is the result, for programs too; ``advice`` is for people."""

    made: bool
    told: str
    advice: str


def backup(settings: Settings, folder: Path) -> Backup:
    """Copy the SQLite file into ``folder``, or say how PostgreSQL does it; raises `BackupFailed`."""
    folder = folder.absolute()
    if settings.is_postgres:
        return Backup(False, pg_dump(settings.database_owner_url or settings.database_url, folder, now()), BY_ITSELF)
    source = Path(str(sa.make_url(settings.database_url).database))
    if not source.is_file():
        raise BackupFailed(f"{source.absolute()} is not there; DATABASE_URL names it")
    _make(folder)
    target = folder / (NAME.format(at=now()) + ".db")
    size = copy_sqlite(source, target)
    key = KEY.format(where="SECRET_KEY" if settings.secret_key else f"{source.absolute()}.key")
    newer = f" {NEWER.format(found)}" if (found := revision_in(target)) not in (None, *revisions()) else ""
    return Backup(True, str(target), f"{size / 1_000_000:.1f} MB, whole and checked. {key}{newer}")


def _make(folder: Path) -> None:
    """One level only: what lies above it, a disk perhaps, has to be there."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BackupFailed(f"{folder}: {error.strerror}") from error


def pg_dump(url: str, folder: Path, at: datetime) -> str:
    """The command line, without the password: a command line can be read by all who are on the machine."""
    target = folder / (NAME.format(at=at) + ".dump")
    return shlex.join(["pg_dump", "--format=custom", f"--file={target}", f"--dbname={Address.of(url).for_programs()}"])
