"""Whether the disk under the database has room: known from writes that failed for want of it, until one passes."""

import asyncio
import errno
import logging
import sqlite3
import time

log = logging.getLogger(__name__)

POSTGRES_FULL = "53100"
"""PostgreSQL's disk_full; postgresql.org/docs/current/errcodes-appendix.html."""
# A quota that is used up comes as an error of writing; the third is the index of the journal, which grows too.
SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
SAID_EVERY = 600.0
"""Seconds: a disk at its very end takes one thing and refuses the next."""
LACKS = (
    "the disk under the database is full: nothing can be kept. What comes is refused in words, and what was taken in"
    " goes on by itself as soon as there is room again"
)
HAS = "there is room again on the disk under the database"


def is_full(error: BaseException | None) -> bool:
    """Something could not be written because there was no room for it; also where that is only the cause."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if getattr(error, "sqlstate", None) == POSTGRES_FULL:
            return True
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) in SQLITE_FULL:
            return True
        if isinstance(error, OSError) and error.errno in NO_SPACE:
            return True
        seen.append(error)
        error = getattr(error, "orig", None) or error.__cause__
    return False


class Room:
    def __init__(self) -> None:
        self.lacks = asyncio.Event()
        self._said_at = -SAID_EVERY
        self._said = False

    def failed(self, error: BaseException) -> None:
        """A transaction did; said once, however many do."""
        if self.lacks.is_set() or not is_full(error):
            return
        self.lacks.set()
        if time.monotonic() - self._said_at >= SAID_EVERY:
            self._said_at, self._said = time.monotonic(), True
            log.error(LACKS)

    def written(self) -> None:
        """Something that needs room was."""
        if self.lacks.is_set():
            self.lacks.clear()
            if self._said:
                log.warning(HAS)
            self._said = False
