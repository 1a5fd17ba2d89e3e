"""Work that is due: each piece claimed by one of several equal processes, at least once."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Insert, Repository, insert_into, made, table_of
from storage.tables import Job

_OF = table_of(Job).c
# The fence, in statements that are asked again and again: see `_held`.
_OURS = (_OF.id == sa.bindparam("job"), _OF.due_at == sa.bindparam("due"), _OF.attempts == sa.bindparam("claims"))
_DONE = sa.delete(table_of(Job)).where(*_OURS)
_NEXT = (
    sa.update(table_of(Job))
    .where(*_OURS)
    .values(due_at=sa.bindparam("next", type_=_OF.due_at.type), lease_until=sa.null(), attempts=0)
)


@cache
def _claim(kinds: int | None, full: int) -> sa.Executable:
    """Of so many kinds, while so many workspaces are full."""
    free = sa.or_(_OF.lease_until.is_(None), _OF.lease_until < sa.bindparam("now"))
    wanted = sa.true() if kinds is None else _OF.kind.in_(_each("kind", kinds))
    has_room = sa.or_(_OF.workspace_id.is_(None), _OF.workspace_id.not_in(_each("full", full))) if full else sa.true()
    # A CTE, since PostgreSQL may run a plain subquery several times and so take more than the limit.
    due = (
        sa.select(_OF.id)
        .where(_OF.due_at <= sa.bindparam("now"), free, wanted, has_room)
        .order_by(_OF.due_at)
        .limit(sa.bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    until = sa.bindparam("until", type_=_OF.lease_until.type)
    taken = sa.update(table_of(Job)).where(_OF.id.in_(sa.select(due.c.id)))
    return taken.values(lease_until=until, attempts=_OF.attempts + 1).returning(*_OF)


def _each(name: str, count: int) -> list[sa.BindParameter[str]]:
    return [sa.bindparam(f"{name}_{number}", type_=sa.String) for number in range(count)]


def _held(job: Job) -> tuple[sa.ColumnElement[bool], ...]:
    """The fence: true as long as nobody has claimed the job since."""
    return Job.id == job.id, Job.due_at == job.due_at, Job.attempts == job.attempts


@cache
def _once_more(on_postgres: bool) -> Insert:
    insert = insert_into(table_of(Job), on_postgres)
    # Waiting already, it stays due when it was, or what comes without a pause would put it off for ever.
    held = table_of(Job).c.lease_until.is_not(None)
    return insert.on_conflict_do_update(index_elements=["once"], set_={"due_at": insert.excluded.due_at}, where=held)


class ScheduledJobs(Repository):
    async def add(
        self,
        kind: str,
        once: str,
        payload: dict[str, Any],
        due_at: datetime,
        *,
        workspace: str | None = None,
        every: int | None = None,
    ) -> bool:
        """False when one with the same ``once`` is there. ``every``: seconds from one run to the next."""
        insert = self._insert(Job).values(
            kind=kind, once=once, payload=payload, due_at=due_at, workspace_id=workspace, every=every
        )
        return await self._did(insert.on_conflict_do_nothing(index_elements=["once"]))

    async def once_more(
        self, kind: str, once: str, payload: dict[str, Any], due_at: datetime, *, workspace: str | None = None
    ) -> None:
        """One for all that comes until it is done. One that is being done now is due again when it has ended."""
        row = {"kind": kind, "once": once, "payload": payload, "due_at": due_at, "workspace_id": workspace}
        await self._transaction.add(_once_more(self._on_postgres), [row])

    async def all(self, workspace: str | None = None, kind: str | None = None) -> list[Job]:
        """What is to be done for a workspace, or for all; soonest first."""
        whose = sa.true() if workspace is None else Job.workspace_id == workspace
        of_kind = sa.true() if kind is None else Job.kind == kind
        return await self._rows(sa.select(Job).where(whose, of_kind).order_by(Job.due_at, Job.id))

    async def payload(self, once: str) -> dict[str, Any] | None:
        return await self._session.scalar(sa.select(Job.payload).where(Job.once == once))

    async def drop(self, once: str) -> bool:
        """Whoever does it now finds it gone."""
        return await self._did(sa.delete(Job).where(Job.once == once))

    async def last_beat(self) -> datetime | None:
        """When Usher last did what comes again and again: within its shortest interval. None: it never has."""
        recurring = await self._rows(sa.select(Job).where(Job.every.is_not(None)))
        return max((job.due_at - timedelta(seconds=job.every or 0) for job in recurring), default=None)

    async def claim(
        self,
        now: datetime,
        limit: int,
        lease_seconds: float,
        kinds: Iterable[str] | None = None,
        *,
        full: Collection[str] = (),
    ) -> list[Job]:
        """Take what is due and nobody holds, also what a dead process held; of these kinds, or of any.

        Workspaces that are ``full`` wait.
        """
        ours = None if kinds is None else tuple(kinds)
        asked = {
            "now": now,
            "most": limit,
            "until": now + timedelta(seconds=lease_seconds),
            **{f"kind_{number}": kind for number, kind in enumerate(ours or ())},
            **{f"full_{number}": workspace for number, workspace in enumerate(full)},
        }
        if ours == ():
            return []
        rows = await self._transaction.rows(_claim(None if ours is None else len(ours), len(full)), asked)
        return sorted((made(Job, row) for row in rows), key=lambda job: (job.due_at, job.id))

    async def is_held(self, job: Job) -> bool:
        """Whether it is stored as `claim` gave it: not, where that was undone."""
        return await self._session.scalar(sa.select(Job.id).where(*_held(job))) is not None

    async def renew(self, job: Job, until: datetime) -> bool:
        """For work that outlasts its lease; False when another has it, or may have it.

        One that is gone is nobody else's: whoever does it may have noted that it is done, and goes on to its end.
        """
        ours = (Job.id == job.id, Job.attempts == job.attempts, Job.lease_until.is_not(None))
        if await self._did(sa.update(Job).where(*ours).values(lease_until=until)):
            return True
        return await self._session.scalar(sa.select(Job.id).where(Job.id == job.id)) is None

    async def finish(self, job: Job, now: datetime) -> bool:
        """Let it wait for its next time, or be gone; times missed meanwhile are skipped."""
        held = {"job": job.id, "due": job.due_at, "claims": job.attempts}
        if job.every is None:
            gone = await self._changed_any(_DONE, held)
            if not gone:  # asked for once more meanwhile: nobody need wait for our lease to lapse
                ours = (Job.id == job.id, Job.attempts == job.attempts, Job.lease_until.is_not(None))
                await self._session.execute(sa.update(Job).where(*ours).values(lease_until=sa.null(), attempts=0))
            return gone
        step = timedelta(seconds=job.every)
        missed = max((now - job.due_at) // step, 0)
        return await self._changed_any(_NEXT, {**held, "next": job.due_at + (missed + 1) * step})

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """What nobody has done for so long that nobody will: of a kind that no process knows any more."""
        return await self._purged(Job, most, Job.due_at < before)

    async def release_all(self) -> int:
        """Where there is one process, at its start: what the dead one held, or had put off, may be done at once."""
        return await self._count(sa.update(Job).where(Job.lease_until.is_not(None)).values(lease_until=sa.null()))

    async def try_later(self, job: Job, at: datetime) -> bool:
        """Keep it, but let nobody take it before this time."""
        return await self._did(sa.update(Job).where(*_held(job)).values(lease_until=at))
