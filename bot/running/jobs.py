"""Work that is due: looked for every second and when the bell rings, done at least once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]

from bot.running.leases import Held, heeded
from bot.running.shares import OF_A_WORKSPACE, full
from storage.bus.bus import Bell, Bus
from storage.database import Database, Tables
from storage.engines.engine import TROUBLE
from storage.schema import now
from storage.tables import Job

TOPIC = "jobs"
LEASE = 15.0
AT_ONCE = 10
PULL_BACK_EVERY = 300.0
SOON = 0.03
CANCELLED_WITHIN = 0.5
"""Seconds for work that was cut off; one that takes no notice of it does not hold us up."""
LATER = (5, 30, 120, 600)
"""Seconds until a failed job is tried again, by how often it has failed."""
FEWEST_TRIES, GIVEN_UP_AFTER = 8, timedelta(hours=24)
"""Both: a day after it was due nobody waits for it any more, but Usher itself may have been away that long."""

Work = Callable[[Job], Awaitable[None]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recurring:
    """A job that comes again and again, in one process at a time."""

    kind: str
    every: int
    """Seconds."""
    payload: dict[str, Any] = field(default_factory=dict)


class Jobs:
    """``handlers`` says who does which kind; a kind without one is left to other processes.

    ``apart``: they are of several workspaces, none of which may have all places: Slack may let one's work wait long.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        handlers: Mapping[str, Work],
        *,
        recurring: Iterable[Recurring] = (),
        poll_every: float = 1.0,
        apart: bool = False,
    ) -> None:
        self._db = db
        self._bus = bus
        self._handlers = handlers
        self._recurring = tuple(recurring)
        self._poll_every = poll_every
        self._apart = apart
        self._closing = self._released = False
        self._pulled_back = 0.0
        self._wake = Bell()
        self._at_work: dict[asyncio.Task[None], Job] = {}
        self._looking = asyncio.Lock()
        self._limited = True
        """Something due may wait for room."""
        self._looks_soon = False

    async def run(self) -> None:
        """Until `close`, which also waits for what runs then."""
        await self._pull_back()
        await self._seed()
        if not (self._db.is_postgres or self._released):
            # One process there is, and that is this one: whoever held a job is dead. Not when this broke off and is
            # begun again: what was at work then still is.
            async with self._db.begin() as tables:
                await tables.jobs.release_all()
            self._released = True
        with self._bus.follow(TOPIC) as self._wake, self._clock():
            while not self._closing:
                await self._take_some()
                if asyncio.get_running_loop().time() - self._pulled_back > PULL_BACK_EVERY:
                    await self._pull_back()
                await self._wake.wait(self._poll_every * 5)  # by the steady clock, whatever becomes of the other

    async def close(self, within: float = 1.0) -> None:
        """Take nothing more; what is not done in this many seconds is left to the next process at once."""
        self._closing = True
        self._wake.ring()
        with suppress(TimeoutError):  # a database that is silent may hold it up
            async with asyncio.timeout(CANCELLED_WITHIN), self._looking:
                pass  # what was being claimed is at work now
        if not self._at_work:
            return
        _, unfinished = await asyncio.wait(self._at_work, timeout=within)
        left = [self._at_work[task] for task in unfinished]
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=CANCELLED_WITHIN)
        try:
            async with asyncio.timeout(CANCELLED_WITHIN), self._db.begin() as tables:
                for job in left:
                    await tables.jobs.try_later(job, now())
        except TROUBLE as error:
            log.warning("work was not given back, its lease lapses: %s", type(error).__name__)

    async def _pull_back(self) -> None:
        """Again and again by the steady clock: what a wrong one has put off for years would else never be due."""
        async with self._db.begin() as tables:
            if found := await tables.waits.pull_back(now()):
                log.warning("a clock was wrong: %d times that lay too far ahead are pulled back", found)
        self._pulled_back = asyncio.get_running_loop().time()

    async def _seed(self) -> None:
        async with self._db.begin() as tables:
            for each in self._recurring:
                due = now() + timedelta(seconds=each.every)
                await tables.jobs.add(each.kind, f"every:{each.kind}", each.payload, due, every=each.every)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """Rings now and then. No more than that: APScheduler's stores need sync drivers and run jobs everywhere."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(self._tick, "interval", seconds=self._poll_every, max_instances=1, coalesce=True)
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)

    async def _tick(self) -> None:
        self._wake.ring()

    async def _take_some(self) -> None:
        async with self._looking:
            self._limited = True
            while (room := AT_ONCE - len(self._at_work)) > 0 and not self._closing:
                busy = self._busy()
                try:
                    with heeded():
                        due = await self._claimed(room, busy)
                except Exception:
                    log.exception("could not look for due work")
                    return
                for job in due:
                    self._begin(job)
                if not due or not self._apart:
                    self._limited = bool(busy) or len(due) == room
                    return

    def _busy(self) -> Collection[str]:
        """Workspaces that have their share of what is at work."""
        share = OF_A_WORKSPACE if self._apart else 1.0
        return full((job.workspace_id for job in self._at_work.values() if job.workspace_id), AT_ONCE, share)

    async def _claimed(self, room: int, busy: Collection[str]) -> list[Job]:
        """Of several workspaces one by one: each may fill its workspace's share."""
        most = 1 if self._apart else room

        async def claim(tables: Tables, unanswered: Sequence[list[Job]]) -> list[Job]:
            for before in unanswered:
                if before and await tables.jobs.is_held(before[0]):  # all of them, or none
                    return before
            return await tables.jobs.claim(now(), most, LEASE, kinds=self._handlers, full=busy)

        return await self._db.surely(claim)

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job), name=f"job {job.kind}")
        self._at_work[task] = job
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._at_work[task]
        if self._limited:
            self._wake.ring()  # there is room for another
        elif not self._looks_soon:
            # Perhaps it led to more. What ends at about the same time is one look's.
            self._looks_soon = True
            asyncio.get_running_loop().call_later(SOON, self._look)
        if not task.cancelled() and (error := task.exception()):
            log.error("a job's end could not be noted; it will be done again", exc_info=error)

    def _look(self) -> None:
        self._looks_soon = False
        self._wake.ring()

    async def _do(self, job: Job) -> None:
        work = asyncio.create_task(self._worked(job), name=f"work of job {job.kind}")
        what = f"a job of kind {job.kind}"
        if not await Held(what, job.lease_until, LEASE, LEASE / 3, partial(self._renew, job)).during(work):
            return  # whoever has it now, or has it next, does it again
        try:
            work.result()
        except Exception:
            log.exception("a job of kind %s failed, try %d", job.kind, job.attempts)
            await self._put_off(job)
        else:
            await self._db.surely(lambda tables, _: tables.jobs.finish(job, now()), patient=True)

    async def _worked(self, job: Job) -> None:
        await self._handlers[job.kind](job)

    async def _renew(self, job: Job, _: float) -> float | None:
        began = asyncio.get_running_loop().time()
        until = now() + timedelta(seconds=LEASE)
        return began if await self._db.surely(lambda tables, _: tables.jobs.renew(job, until)) else None

    async def _put_off(self, job: Job) -> None:
        if job.attempts >= FEWEST_TRIES and now() - job.due_at >= GIVEN_UP_AFTER:
            log.error("a job of kind %s is given up after %d tries", job.kind, job.attempts)
            await self._db.surely(lambda tables, _: tables.jobs.finish(job, now()), patient=True)
            return
        later = now() + timedelta(seconds=LATER[min(job.attempts, len(LATER)) - 1])
        await self._db.surely(lambda tables, _: tables.jobs.try_later(job, later), patient=True)
