"""What has been kept for its time goes: of each workspace, for as long as it wants it, a little at a time.

Each piece is a transaction of its own, so a round that is cut off has done what it did, and the next one goes on.
"""

import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta

from bot.running.keeping.kinds import KINDS, LINKS_KEPT, USAGE_KEPT, Some
from bot.services.admin_notes import tell_admins
from bot.services.limits.keeping import ENFORCED, Chosen, Kept, begin, chosen_everywhere
from bot.services.links.erasing import Erasing
from bot.services.memory.forgetting import TIDY_JOB
from storage.database import Database
from storage.engines.engine import is_away
from storage.repositories.repository import A_BATCH
from storage.repositories.workspaces.audit import CUT
from storage.schema import now

ACTOR = "usher"
BATCHES, CUTS, CONVERSATIONS, LINKS = 200, 20, 200, 20
"""At once in a round, or in one go; what is left goes with the next round."""
OF_A_CONVERSATION = 100
"""Rows of it in one transaction: they lie in several tables, each of which takes its time."""
PAUSE = 0.02
"""Seconds between two batches, in which others write."""
WARNED = timedelta(days=14)
BEGINS = (
    "Members' conversations with me in which nothing was said for {days:g} days are deleted from {date:%d %B} on. There"
    " are some already. Choose another time under *Policies* in my Home tab, if these are to be kept for longer."
)

log = logging.getLogger(__name__)


async def enforce(db: Database, erasing: Erasing, usual: Kept) -> Counter[str]:
    """Remove what has been kept for its time; how much of each kind, as the audit has it too.

    Raises an `ExceptionGroup` of what is wrong in single workspaces, once all others are done.
    """
    removed: Counter[str] = Counter()
    wrong: list[Exception] = []
    async with db.read() as tables:
        chosen = await chosen_everywhere(tables)
    for workspace, terms in chosen.items():
        try:
            removed += await _in_workspace(db, erasing, workspace, terms, usual)
        except Exception as error:
            if is_away(error):
                raise
            wrong.append(error)
    for kind in KINDS:
        removed[kind.table] += await in_batches(db, kind.gone)
    if removed["conversations"] and not db.is_postgres:
        async with db.begin() as tables:
            await tables.jobs.once_more(TIDY_JOB, TIDY_JOB, {}, now())
    if +removed:
        log.info("kept for their time, and removed now: %s", told(removed))
    if wrong:
        raise ExceptionGroup("not all that has been kept for its time could be removed", wrong)
    return removed


def told(removed: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(removed.items()) if count) or "nothing"


async def in_batches(db: Database, gone: Some, most: int = A_BATCH, batches: int = BATCHES) -> int:
    """Until fewer go than might, or a round has done enough."""
    count = 0
    for _ in range(batches):
        async with db.begin() as tables:
            went = await gone(tables, most)
        count += went
        if went < most:
            break
        await asyncio.sleep(PAUSE)
    return count


async def _in_workspace(db: Database, erasing: Erasing, workspace: str, terms: Chosen, usual: Kept) -> Counter[str]:
    kept, at = terms.within(usual), now()
    removed = Counter(chats=await _chats(erasing, workspace, terms, kept))
    entries = Counter({"audit entries": await _cut_audit(db, workspace, at - timedelta(days=kept.audit))})
    noted: Counter[str] = Counter()
    if await _may_begin(db, workspace, terms, kept):
        noted["conversations"] = await _conversations(db, workspace, at - timedelta(days=kept.conversations))
    noted["links"] = await in_batches(
        db, lambda tables, most: tables.erasures.purge(workspace, at - LINKS_KEPT, most), LINKS
    )
    noted["calls"] = await in_batches(db, lambda tables, most: tables.usage.purge(workspace, at - USAGE_KEPT, most))
    if +noted:
        async with db.begin() as tables:
            await tables.audit.add(workspace, ACTOR, ENFORCED, workspace, dict(+noted))
    return removed + entries + noted


async def _may_begin(db: Database, workspace: str, terms: Chosen, kept: Kept) -> bool:
    """Where nobody has chosen a time, what was kept from before there was one goes only after a warning."""
    if terms.conversations is not None:
        return True
    if terms.begins:
        return datetime.fromisoformat(terms.begins) <= now()
    async with db.begin() as tables:
        old = await tables.forgetting.count_silent(workspace, now() - timedelta(days=kept.conversations), 1)
        at = now() + (WARNED if old else timedelta(0))
        await begin(tables, workspace, at)
        if old:
            text = BEGINS.format(days=kept.conversations, date=at)
            await tell_admins(tables, workspace, "retention_begins", text)
    return not old


async def _conversations(db: Database, workspace: str, before: datetime) -> int:
    """Members' own, with all that hangs on them; one in which something runs, or is being shown, stays."""
    async with db.read() as tables:
        silent = await tables.forgetting.silent(workspace, before, CONVERSATIONS)
    gone = 0
    for each in silent:
        worn: bool | None = False
        while worn is False:
            async with db.begin() as tables:
                worn = await tables.forgetting.wear_away(workspace, each, before, OF_A_CONVERSATION)
            if worn is False:
                await asyncio.sleep(PAUSE)
        gone += worn is True
    return gone


async def _chats(erasing: Erasing, workspace: str, terms: Chosen, kept: Kept) -> int:
    """What guests were promised when they started holds, whatever was chosen since."""
    gone = await erasing.overdue(workspace, timedelta(days=kept.guests))
    for until, days in terms.promised:
        begun_by = datetime.fromisoformat(until)
        gone += await erasing.overdue(workspace, timedelta(days=min(days, kept.guests)), begun_by)
    return gone


async def _cut_audit(db: Database, workspace: str, before: datetime) -> int:
    count, cut = 0, A_BATCH
    while cut == A_BATCH and count < A_BATCH * CUTS:
        cut = await _cut(db, workspace, before)
        count += cut
    return count


async def _cut(db: Database, workspace: str, before: datetime) -> int:
    async with db.begin() as tables:
        cut = await tables.audit.cut(workspace, before, A_BATCH)
        if cut is None:
            return 0
        detail = {"kind": "audit", "count": cut.count, "upto": cut.upto, "hash": cut.hash}
        await tables.audit.add(workspace, ACTOR, CUT, workspace, detail)
    return cut.count
