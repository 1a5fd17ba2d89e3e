"""What has been kept for its time goes: of each workspace, for as long as it wants it."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from bot.services.limits.keeping import Chosen, Kept, chosen_everywhere
from bot.services.links.erasing import Erasing
from bot.services.memory.forgetting import TIDY_JOB
from storage.database import Database
from storage.repositories.workspaces.audit import CUT
from storage.schema import now

ACTOR = "usher"
MOST = 5_000
"""Audit entries that go at once; what is left goes with the next round."""

CONVERSATIONS = 200

log = logging.getLogger(__name__)


async def enforce(db: Database, erasing: Erasing, usual: Kept) -> Counter[str]:
    """Remove what has been kept for its time; how much of each kind, as the audit has it too."""
    removed: Counter[str] = Counter()
    async with db.read() as tables:
        chosen = await chosen_everywhere(tables)
    for workspace, terms in chosen.items():
        kept = terms.within(usual)
        silent = now() - timedelta(days=kept.conversations)
        removed["conversations"] += await _conversations(db, workspace, silent)
        removed["chats"] += await _chats(erasing, workspace, terms, kept)
        removed["audit entries"] += await _cut_audit(db, workspace, now() - timedelta(days=kept.audit))
    if +removed:
        log.info("kept for their time, and removed now: %s", told(removed))
    return removed


def told(removed: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(removed.items()) if count) or "nothing"


async def _conversations(db: Database, workspace: str, before: datetime) -> int:
    """Members' own, with all that hangs on them; one in which something runs, or is being shown, stays."""
    async with db.read() as tables:
        silent = await tables.forgetting.silent(workspace, before, CONVERSATIONS)
    gone = 0
    for each in silent:
        async with db.begin() as tables:
            gone += await tables.forgetting.conversation(workspace, each) is True
    if gone and not db.is_postgres:
        async with db.begin() as tables:
            await tables.jobs.once_more(TIDY_JOB, TIDY_JOB, {}, now())
    return gone


async def _chats(erasing: Erasing, workspace: str, terms: Chosen, kept: Kept) -> int:
    """What guests were promised when they started holds, whatever was chosen since."""
    gone = await erasing.overdue(workspace, timedelta(days=kept.guests))
    for until, days in terms.promised:
        begun_by = datetime.fromisoformat(until)
        gone += await erasing.overdue(workspace, timedelta(days=min(days, kept.guests)), begun_by)
    return gone


async def _cut_audit(db: Database, workspace: str, before: datetime) -> int:
    async with db.begin() as tables:
        cut = await tables.audit.cut(workspace, before, MOST)
        if cut is None:
            return 0
        detail = {"kind": "audit", "count": cut.count, "upto": cut.upto, "hash": cut.hash}
        await tables.audit.add(workspace, ACTOR, CUT, workspace, detail)
    return cut.count
