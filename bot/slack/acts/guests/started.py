"""A creator hears who has come: one message for all who come together."""

from collections.abc import Sequence
from datetime import timedelta

from bot.services.links.hosting.channels import channel_of
from bot.services.links.values import Guest
from bot.slack.acts.guests.counted import GuestsCounted
from bot.slack.acts.guests.guest_threads import GuestThreads
from bot.slack.incoming.unnoted import noted_as
from bot.slack.screens.guests import guests
from bot.slack.services import Services
from storage.schema import now
from storage.tables import Job, Link, Session

TOGETHER = timedelta(minutes=2)
"""Guests who came no longer ago than this are told of in one message."""
HELD = timedelta(seconds=30)
"""So long whoever takes others along may be at it, before another takes them."""


class GuestsStarted:
    def __init__(self, services: Services, threads: GuestThreads, counted: GuestsCounted) -> None:
        self._db = services.db
        self._threads = threads
        self._counted = counted

    async def tell(self, job: Job) -> None:
        """Whoever is told of first takes the others along; noted then, and nobody's any more where it failed."""
        workspace, link_id = job.payload["workspace"], job.payload["link_id"]
        async with self._db.begin() as tables:
            link = await tables.links.get(workspace, link_id)
            there = await tables.sessions.of(workspace, link_id)
            since, noted = now() - TOGETHER, tables.handled.is_noted
            # In one order, or two processes could wait for each other's rows.
            came = {_of(each): each for each in there if each.started_at > since or _of(each) == job.once}
            untold = [once for once in sorted(came) if not await noted(workspace, noted_as(workspace, once))]
            held = [once for once in untold if await tables.handled.take(workspace, _held(once), now(), now() - HELD)]
        await self._counted.soon(workspace, link_id)
        if job.once in untold and job.once not in held:  # taken along, by who has yet to tell it
            return await self._later(job)
        try:
            # Those with a thread are known, and of a deleted chat nothing is told.
            guests_there = [each for once in held if not ((each := came[once]).thread_ts or each.erase_asked_by)]
            if link is not None and guests_there:
                await self._tell(job, link, guests_there)
            async with self._db.begin() as tables:
                for once in held:
                    await tables.handled.first_time(workspace, noted_as(workspace, once))
        finally:
            async with self._db.begin() as tables:
                for once in held:
                    await tables.handled.forget(workspace, _held(once))

    async def _tell(self, job: Job, link: Link, there: Sequence[Session]) -> None:
        if len(there) == 1:
            await self._threads.opened(Guest(link, there[0]))
            await self._counted.soon(link.workspace_id, link.id)  # with the way to it
            return
        names = [each.guest_name for each in there]
        text = guests.started(job.payload, names, in_channel=bool(channel_of(link)))
        await self._threads.tell(link, text, of=job.once)

    async def _later(self, job: Job) -> None:
        due = now() + HELD
        async with self._db.begin() as tables:
            await tables.jobs.once_more(job.kind, job.once, job.payload, due, workspace=job.workspace_id)


def _of(session: Session) -> str:
    return f"guest_started:{session.id}"


def _held(once: str) -> str:
    return f"telling:{once}"
