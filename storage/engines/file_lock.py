"""An SQLite file belongs to one process: two would each take the other's work for that of a dead one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


class InUse(Exception):
    """Another process works on this file."""


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the database until the block ends; raises `InUse`. PostgreSQL serves any number of processes at once."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        yield
        return
    # A file of its own: to close SQLite's own here would give up the locks that SQLite holds on it.
    held = os.open(f"{parsed.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # gone with the process, however it ends
        except BlockingIOError:
            raise InUse from None
        yield
    finally:
        os.close(held)
