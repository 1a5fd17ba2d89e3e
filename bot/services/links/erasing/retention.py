"""What is kept, for how long, and what was removed when its time was over."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.services.links.erasing.erasing import Erasing
from storage.database import Database
from storage.repositories.workspaces.audit import CUT
from storage.schema import now

ACTOR = "usher"
MOST = 5_000
"""Audit entries that go at once; what is left goes with the next round."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """For how long; what guests say has a time of its own on each link, at most this one."""

    chats: timedelta = timedelta(days=30)
    audit: timedelta = timedelta(days=365)


async def enforce(db: Database, erasing: Erasing, kept: Kept) -> Counter[str]:
    """Remove what has been kept for its time; how much of each kind, as the audit has it too."""
    removed = Counter(chats=await erasing.overdue(kept.chats))
    async with db.read() as tables:
        workspaces = await tables.workspaces.ids()
    for workspace in workspaces:
        removed["audit entries"] += await _cut_audit(db, workspace, now() - kept.audit)
    if +removed:
        log.info("kept for their time, and removed now: %s", told(removed))
    return removed


def told(removed: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(removed.items()) if count) or "nothing"


async def _cut_audit(db: Database, workspace: str, before: datetime) -> int:
    async with db.begin() as tables:
        cut = await tables.audit.cut(workspace, before, MOST)
        if cut is None:
            return 0
        detail = {"kind": "audit", "count": cut.count, "upto": cut.upto, "hash": cut.hash}
        await tables.audit.add(workspace, ACTOR, CUT, workspace, detail)
    return cut.count
