"""What has to be done again and again: end what time has ended, forget what need not be kept."""

import time
from collections.abc import Mapping
from datetime import timedelta

from bot.running.jobs import Recurring, Work
from bot.services.chats import Chats
from bot.services.connections import Connections
from bot.services.connections.leaving import JOB as LEAVES
from bot.services.links import Links
from storage.database import Database
from storage.schema import now
from storage.tables import Job

RECURRING = (Recurring("sweep_links", 10), Recurring("expire_approvals", 60), Recurring("forget", 3600))
EVENTS_KEPT = timedelta(days=7)
"""Slack repeats an event for minutes; a week is more than any retry."""
TICKETS_KEPT = timedelta(days=1)


def handlers(db: Database, chats: Chats, links: Links, connections: Connections) -> Mapping[str, Work]:
    async def sweep_links(_: Job) -> None:
        await links.sweep()

    async def expire_approvals(_: Job) -> None:
        await chats.expire()

    async def connection_leaves(job: Job) -> None:
        await connections.left(job.payload)

    async def forget(_: Job) -> None:
        async with db.begin() as tables:
            await tables.handled.purge(now() - EVENTS_KEPT)
            await tables.tickets.purge(now() - TICKETS_KEPT)
            await tables.rates.purge(time.time_ns() // 1_000)

    recurring = {"sweep_links": sweep_links, "expire_approvals": expire_approvals, "forget": forget}
    return {**recurring, LEAVES: connection_leaves}
