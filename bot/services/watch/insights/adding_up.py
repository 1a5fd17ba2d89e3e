"""Each day that is over is added up once, so that a month is looked at without reading all its calls."""

from datetime import UTC, date, datetime, timedelta

from storage.database import Database
from storage.engines.engine import is_away
from storage.schema import now

EVERY = timedelta(hours=1)
LATE = timedelta(hours=1)
"""So long after midnight no row of the day before comes any more: what dead processes left is settled by then."""
KEPT = timedelta(days=400)
A_DAY = timedelta(days=1)


async def add_up(db: Database, at: datetime | None = None) -> int:
    """Of every workspace, a day in a transaction; how many days that were.

    Raises an `ExceptionGroup` of what is wrong in single workspaces, once all others are done.
    """
    at = at or now()
    last = (at - LATE).astimezone(UTC).date() - A_DAY
    async with db.read() as tables:
        workspaces = await tables.workspaces.ids()
    count, wrong = 0, list[Exception]()
    for workspace in workspaces:
        try:
            count += await _of(db, workspace, last)
        except Exception as error:
            if is_away(error):
                raise
            wrong.append(error)
    if wrong:
        raise ExceptionGroup("not all days could be added up", wrong)
    return count


async def _of(db: Database, workspace: str, last: date) -> int:
    async with db.read() as tables:
        before = await tables.insights.added_up_to(workspace)
        first = before + A_DAY if before else await tables.insights.first_used(workspace)
    if first is None or first > last:
        return 0
    days = [first + A_DAY * number for number in range((last - first).days + 1)]
    for day in days:
        async with db.begin() as tables:
            await tables.insights.add_up(workspace, day)
    async with db.begin() as tables:
        await tables.insights.forget_days(workspace, last - KEPT)
    return len(days)
