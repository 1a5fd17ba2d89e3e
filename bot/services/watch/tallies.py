"""What happens on a link, for the audit: counted by link and hour, so that a flood makes few entries."""

import logging
from collections import Counter
from datetime import datetime

from bot.services.watch.link_actions import COUNTED
from storage.database import Database, Tables
from storage.repositories.workspaces.tallies import SEVERAL, Happened
from storage.schema import now
from storage.tables import Link, Tally

MOST = 5_000
"""Different ones between two bundles; more is not noted, and the log says so."""
AT_ONCE = 50
"""Entries: while they are made, all others of their workspaces wait."""

log = logging.getLogger(__name__)


class Tallies:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._noted: Counter[Happened] = Counter()
        self._networks: dict[Happened, str] = {}
        self._lost = 0

    def note(self, action: str, link: Link, reason: str = "", network: str = "") -> None:
        """``network`` is masked already. Costs no query: it may be a flood."""
        if action not in COUNTED:
            raise ValueError(action)
        what = Happened(link.workspace_id, link.id, action, reason)
        if what not in self._noted and len(self._noted) >= MOST:
            self._lost += 1
            return
        self._noted[what] += 1
        self._networks[what] = network if self._networks.get(what, network) == network else SEVERAL

    async def store(self) -> None:
        """What was noted since the last time, kept for the next one when the database is away."""
        noted, networks, self._noted, self._networks = self._noted, self._networks, Counter(), {}
        if not noted:
            return
        rows = [(_with(what, networks[what]), count) for what, count in noted.items()]
        try:
            async with self._db.begin() as tables:
                await tables.tallies.count(rows, _hour())
        except BaseException:
            self._noted.update(noted)
            self._networks = networks | self._networks
            raise
        if self._lost:
            log.warning("%d things on chat links are not in the audit: they came too fast", self._lost)
            self._lost = 0


async def used(tables: Tables, link: Link, tool: str) -> None:
    """A guest's agent has used a tool; in the transaction that keeps its end."""
    await tables.tallies.count([(Happened(link.workspace_id, link.id, "link.tool_used", tool[:80]), 1)], _hour())


async def settle(db: Database) -> int:
    """Put into the audit what is due, and forget what is over; how many entries that makes."""
    entries = 0
    while True:
        async with db.begin() as tables:
            due = await tables.tallies.due(_hour(), AT_ONCE)
            for tally in due:
                await tables.tallies.written(tally)
            if len(due) < AT_ONCE:
                await tables.tallies.purge(_hour())
            for tally in due:
                await tables.audit.add(tally.workspace_id, "guest", tally.action, tally.link_id, _detail(tally))
        entries += len(due)
        if len(due) < AT_ONCE:
            return entries


def _detail(tally: Tally) -> dict[str, str | int]:
    told: dict[str, str | int] = {"count": tally.pending, "hour": tally.hour.isoformat()}
    more = {"reason": tally.reason, "network": tally.network}
    return told | {name: value for name, value in more.items() if value}


def _with(what: Happened, network: str) -> Happened:
    return Happened(what.workspace, what.link, what.action, what.reason, network)


def _hour() -> datetime:
    return now().replace(minute=0, second=0, microsecond=0)
