"""What a clock that was wrong for a moment leaves behind: times to wait for that are further off than any can be.

One moment ten years ahead would else stop all upkeep, or refuse a network, for ten years. Each kind of time has a
longest wait, and what lies beyond it is pulled back. A test holds these against what the rest of the product sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import (
    Approval,
    Elicitation,
    Installation,
    Job,
    Link,
    Memory,
    OAuthFlow,
    OAuthLease,
    OneTimeCode,
    RateLimit,
    Ticket,
    Turn,
)

NOTHING = timedelta()
SECONDS, MINUTES, HOURS = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=3)
A_DAY, A_MONTH, A_YEAR = timedelta(days=1), timedelta(days=32), timedelta(days=367)
JOB_WAITS: Mapping[str, timedelta] = {"budget_note": A_MONTH, "forget_workspace": A_MONTH, "reminder": A_YEAR}
"""Of jobs that come once and may not be done before their time; all others wait for a month at most, and go at once."""
RATES = timedelta(days=2)


@dataclass(frozen=True)
class Bound:
    """``column`` lies no further ahead than ``longest``; one that does is set so far ahead of now."""

    column: Any
    longest: timedelta
    becomes: timedelta
    only: sa.ColumnElement[bool]


_ONCE = Job.every.is_(None)
BOUNDS = (
    Bound(Job.due_at, A_MONTH, NOTHING, _ONCE & Job.kind.not_in(JOB_WAITS)),
    *(Bound(Job.due_at, longest, longest, _ONCE & (Job.kind == kind)) for kind, longest in JOB_WAITS.items()),
    Bound(Job.lease_until, HOURS, SECONDS, sa.true()),
    Bound(Turn.lease_until, SECONDS, SECONDS / 4, Turn.status == sa.literal_column("'running'")),
    # What is shown once its member has said where waits for a day.
    Bound(Turn.lease_until, A_DAY, SECONDS, sa.not_(Turn.told) & Turn.ended_at.is_not(None)),
    Bound(Approval.expires_at, A_DAY, A_DAY, Approval.state == "asked"),
    Bound(Elicitation.expires_at, MINUTES, MINUTES, Elicitation.state.in_(("asked", "opened"))),
    Bound(Memory.due_at, HOURS, NOTHING, sa.true()),
    Bound(Link.expires_at, A_YEAR, A_MONTH, Link.closed_at.is_(None)),
    Bound(Ticket.expires_at, MINUTES, NOTHING, Ticket.used_at.is_(None)),
    Bound(OAuthFlow.expires_at, MINUTES, NOTHING, sa.true()),
    Bound(OAuthLease.until, SECONDS, NOTHING, sa.true()),
    Bound(OneTimeCode.expires_at, MINUTES, NOTHING, sa.true()),
    Bound(Installation.rotating_until, SECONDS, NOTHING, sa.true()),
)


class Waits(Repository):
    async def pull_back(self, now: datetime) -> int:
        """How many there were."""
        found = await self._recurring(now)
        for each in BOUNDS:
            beyond = (each.column > now + each.longest + SECONDS, each.only)
            change = sa.update(each.column.class_).where(*beyond)
            found += await self._count(change.values({each.column: now + each.becomes}))
        beyond_us = round((now + RATES).timestamp() * 1_000_000)
        return found + await self._count(sa.delete(RateLimit).where(RateLimit.rests_at > beyond_us))

    async def _recurring(self, now: datetime) -> int:
        """Due at once: how long they have not been done nobody knows."""
        found = 0
        for job in await self._rows(sa.select(Job).where(Job.every.is_not(None), Job.due_at > now)):
            if job.due_at > now + timedelta(seconds=job.every or 0) + SECONDS:
                same = (Job.id == job.id, Job.due_at == job.due_at)
                found += await self._count(sa.update(Job).where(*same).values(due_at=now, lease_until=sa.null()))
        return found
