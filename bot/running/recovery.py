"""After a backup was put back, `usher restored`: what it holds of unfinished work ended since, or may have happened."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.agent.model import Model
from bot.services.admin_notes import tell_admins
from bot.services.approvals import approvals
from bot.services.chats.ending.interrupting import interrupt_all
from bot.services.links.ending.ending import revoke_each
from storage.bus.presence import others_run
from storage.database import Database
from storage.schema import now

ACTOR = "operator"
AT_WORK = "An Usher is running on this database. Stop every one of them first, then run `usher restored` again."
ALL_LINKS = "`usher restored --end-links` ends them all."
FOR_ADMINS = (
    "Usher's database was put back to a backup of {newest}. What happened from then to {now} is missing: conversations,"
    " decisions, connections and chat links of that time. What was removed or revoked in it is back: members should"
    " look through their connections (/mcp list) and links (/tempchat list). Links open now: {links}."
)


class AtWork(Exception):
    """Somebody is using the database. The text says what to do."""


@dataclass(frozen=True)
class Restored:
    """``newest`` is when Usher last lived in what was restored; None: it never ran there.

    ``counts`` of what was ended: turns, approvals, tickets, links_ended; and of links that are open.
    """

    newest: datetime | None
    at: datetime
    counts: Counter[str] = field(default_factory=Counter)


async def restored(db: Database, model: Model, *, end_links: bool = False) -> Restored:
    """End what is left over in all workspaces, and leave word of it; raises `AtWork`."""
    async with db.read() as tables:
        if db.is_postgres and await others_run(tables):
            raise AtWork(AT_WORK)
        whole = Restored(await tables.jobs.last_beat(), now())
        workspaces = await tables.workspaces.ids()
    for workspace in workspaces:
        counts = Counter(links_ended=await _end_links(db, workspace) if end_links else 0)
        async with db.begin() as tables:
            counts["approvals"] = await approvals.withdraw(tables, model, workspace)
        counts["turns"] = await interrupt_all(db, model, workspace)
        await _leave_word(db, workspace, whole, counts)
        whole.counts.update(counts)
    return whole


async def _leave_word(db: Database, workspace: str, whole: Restored, counts: Counter[str]) -> None:
    async with db.begin() as tables:
        counts["tickets"] = await tables.tickets.void(workspace, now())
        # Any of them may have been revoked since, and whoever had it then has it still.
        counts["tokens"] = len(await tables.access_tokens.revoke_all(workspace, now()))
        counts["links"] = len(await tables.links.all_live(workspace, now()))
        newest = whole.newest
        if newest:
            told = FOR_ADMINS.format(newest=_said(newest), now=_said(whole.at), links=counts["links"])
            await tell_admins(tables, workspace, "restored", told)
        detail = {**counts, "newest": newest.isoformat() if newest else None}
        await tables.audit.add(workspace, ACTOR, "database.restored", workspace, detail)


async def _end_links(db: Database, workspace: str) -> int:
    async with db.read() as tables:
        live = await tables.links.all_live(workspace, now())
    await revoke_each(db, live, ACTOR)
    return len(live)


def lines(found: Restored) -> list[str]:
    """For the operator."""
    if found.newest is None:
        return ["Usher has never run on this database: there is nothing to end."]
    counts, missing = found.counts, _span(found.at - found.newest)
    told = [
        f"The backup is of {_said(found.newest)}: what happened in the {missing} since then is missing.",
        f"Ended as interrupted: turns: {counts['turns']}. Withdrawn: questions: {counts['approvals']},"
        f" tickets: {counts['tickets']}. Revoked: access tokens: {counts['tokens']}.",
    ]
    if counts["links_ended"]:
        told.append(f"Chat links ended: {counts['links_ended']}.")
    if counts["links"]:
        told.append(f"Chat links open: {counts['links']}, among them any that were revoked since. {ALL_LINKS}")
    return [*told, "Administrators are told in Slack when Usher starts."]


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _span(length: timedelta) -> str:
    whole = max(int(length.total_seconds() // 60), 0)
    days, hours, minutes = whole // 1440, whole // 60 % 24, whole % 60
    return " ".join([f"{days} d"] * bool(days) + [f"{hours} h"] * bool(days or hours) + [f"{minutes} min"])
