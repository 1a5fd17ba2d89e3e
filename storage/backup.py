"""A copy of the SQLite file, whole and of one moment, also while Usher is writing to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path


class BackupFailed(Exception):
    """Nothing was left behind. The text says why."""


def copy_sqlite(source: Path, target: Path) -> int:
    """The size of the copy, in bytes, which is there whole or not at all; raises `BackupFailed`.

    A plain copy of the file would lack what is still in its log, and may catch a page half written.
    """
    fresh = target.with_name(f".{target.name}.part")
    try:
        _make_private(fresh)
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=15)) as database:
            database.execute("VACUUM INTO ?", (str(fresh),))
        _check(fresh)
        _keep(fresh, target)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(str(error)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return target.stat().st_size


def revision_in(path: Path) -> str | None:
    """Where a copy stands; None where it says nothing of that."""
    with closing(sqlite3.connect(path)) as copy:
        try:
            found = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return str(found[0]) if found else None


def _make_private(path: Path) -> None:
    """An empty file is taken by SQLite as the place to write to, and keeps its mode."""
    path.unlink(missing_ok=True)  # of a backup that was cut off
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        [(said,)] = copy.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        raise BackupFailed(f"the copy is damaged: {said}")


def _keep(fresh: Path, target: Path) -> None:
    """On the disk before it has its name, and never in the place of another backup."""
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
    os.link(fresh, target)
