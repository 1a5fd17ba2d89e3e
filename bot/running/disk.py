"""The disk under the database: tried again once it was full, and SQLite's journal kept small."""

import asyncio
import logging
import shutil
from pathlib import Path

from storage.database import Database
from storage.engines.journal import LARGE
from storage.tables import Job

SETTLE_FILE, SETTLED_EVERY = "settle_file", 60
TRIED_EVERY = 5.0
HELD = (
    "the journal of the SQLite file has %d MB and cannot be worked off: somebody reads what was before, as a backup"
    " does that takes long, or an sqlite3 that was left open. It grows until they end"
)

LITTLE = 100 << 20
LOW = "%d MB are left on the disk under the database: make room before there is none, and nothing can be kept"

log = logging.getLogger(__name__)


class Disk:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._large = self._low = False

    async def watch(self, every: float = TRIED_EVERY) -> None:
        """Until cancelled: where there was no room, find out when there is."""
        while True:
            await self._db.room.lacks.wait()
            if not await self._db.has_room():
                await asyncio.sleep(every)

    async def settle(self, _: Job) -> None:
        """The job. That the journal is held up, or little room is left, is said once, until it is over."""
        size = await self._db.settle_file()
        large, self._large = self._large, size > LARGE
        if self._large and not large:
            log.warning(HELD, size >> 20)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Of the disk under an SQLite file: another machine's cannot be seen."""
        if self._db.is_postgres:
            return
        free = shutil.disk_usage(Path(self._db.engine.url.database or "").absolute().parent).free
        low, self._low = self._low, free < LITTLE
        if self._low and not low:
            log.warning(LOW, free >> 20)
