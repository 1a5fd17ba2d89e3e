"""Once a week administrators are told in a few counts how their workspace did, and the head of its audit."""

from datetime import timedelta

from bot.services.admin_notes import tell_admins
from bot.services.limits.policies import DIGEST
from bot.services.limits.prices import in_words
from storage.database import Database, Tables
from storage.repositories.workspaces.audit_verifying import Verdict
from storage.schema import now
from storage.tables.watch.usage_days import MEMBER

EVERY = timedelta(days=7)
BUTTON = "digest"
"""In the note's payload: it has the button that switches it off."""
LEAD = "this was the week: {used}. {connections}. {links}."
WANTS = " {count} connections do not work, see Connections on my Home tab."
WHOLE = (
    " The audit has {entries}, each as it was written. Keep this message: with it, whoever runs me can show that"
    " nothing was cut off at its end since, by: usher audit verify --anchor {head}"
)
CHANGED = (
    "the audit of this workspace is not as it was written, from entry {number} on: {why}. Somebody may have changed"
    " the database by hand. Whoever runs me should compare it with a backup; usher audit verify tells more."
)


class Digest:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def tell(self) -> None:
        """Each workspace in which something was done; of an audit that was changed also where it is switched off."""
        async with self._db.read() as tables:
            workspaces = list(await tables.audit.heads())
        for workspace in workspaces:
            async with self._db.read() as tables:
                found = await tables.audit.verify(workspace)
                newest = await tables.audit.of(workspace, 1)
                wanted = (await tables.policies.get(workspace, DIGEST)).get("weekly", True)
                told = await _week(tables, workspace)
            quiet = not any(each.at > now() - EVERY for each in newest)
            if found and (quiet or not wanted):
                continue
            async with self._db.begin() as tables:
                text = f"{told}{_of_audit(found)}" if found else CHANGED.format(number=found.broken_at, why=found.why)
                await tell_admins(tables, workspace, "audit", text, switch=BUTTON if found else "")


async def _week(tables: Tables, workspace: str) -> str:
    at = now()
    week = await tables.insights.whole(workspace, at - EVERY)
    members = await tables.insights.used(workspace, MEMBER, at - EVERY)
    used, calls = week.asked, week.calls
    callers = sum(each.calls.sent + each.refused > 0 for each in members.values())
    health = await tables.insights.health(workspace, at - EVERY, at, at)
    answers = f"{_count(used.turns, 'answer')} for {in_words(used.money)}" if used.turns else "nobody asked me anything"
    failed = f", {calls.failed} of them failed" if calls.failed else ""
    tools = f", {_count(calls.sent, 'call')} of tools by {_count(callers, 'member')}{failed}" if calls.sent else ""
    broken = health.failing + health.signs_in
    told = LEAD.format(
        used=f"{answers}{tools}",
        connections=_count(health.connections, "connection"),
        links=f"{_count(health.links, 'chat link')} alive",
    )
    return told + (WANTS.format(count=broken) if broken else "")


def _of_audit(found: Verdict) -> str:
    return WHOLE.format(entries=_count(found.checked, "entry").replace("entrys", "entries"), head=found.head)


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
