"""The head of each audit, kept where whoever writes the database cannot: in the log, and with the administrators."""

import logging
from datetime import timedelta

from bot.services.admin_notes import tell_admins
from storage.database import Database
from storage.repositories.workspaces.audit_verifying import Anchor, Verdict
from storage.schema import now

LOGGED_EVERY, TOLD_EVERY = timedelta(hours=1), timedelta(days=7)
WHOLE = (
    "the audit of this workspace has {entries}, each as it was written. Keep this message: with it, whoever runs"
    " me can show that nothing was cut off at its end since, by: usher audit verify --anchor {head}"
)
CHANGED = (
    "the audit of this workspace is not as it was written, from entry {number} on: {why}. Somebody may have changed"
    " the database by hand. Whoever runs me should compare it with a backup; usher audit verify tells more."
)
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

    async def tell(self) -> None:
        """Administrators, each week in which something was added: whether it is whole, and its head."""
        async with self._db.read() as tables:
            workspaces = list(await tables.audit.heads())
        for workspace in workspaces:
            async with self._db.read() as tables:
                found = await tables.audit.verify(workspace)
                newest = await tables.audit.of(workspace, 1)
            if found and not any(each.at > now() - TOLD_EVERY for each in newest):
                continue
            async with self._db.begin() as tables:
                await tell_admins(tables, workspace, "audit", _told(found))


def _told(found: Verdict) -> str:
    if not found:
        return CHANGED.format(number=found.broken_at, why=found.why)
    entries = "one entry" if found.checked == 1 else f"{found.checked} entries"
    return WHOLE.format(entries=entries, head=found.head)
