"""The head of each audit, in the log, where whoever writes the database cannot; the digest brings it to admins."""

import logging
from datetime import timedelta

from storage.database import Database
from storage.repositories.workspaces.audit_verifying import Anchor

LOGGED_EVERY = timedelta(hours=1)
log = logging.getLogger(__name__)


class Heads:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._logged: dict[str, Anchor] = {}

    async def log(self) -> None:
        """Those that have moved since this process logged them last."""
        async with self._db.read() as tables:
            heads = await tables.audit.heads()
        for workspace, head in heads.items():
            if self._logged.get(workspace) != head:
                log.info("audit of %s: %s", workspace, head)
        self._logged = heads
