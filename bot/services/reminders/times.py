"""From a wall clock's time to a moment, in the member's own zone; pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from bot.errors import UserError

LATEST = timedelta(days=366)
_CLEAR = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
UNCLEAR = (
    "That is no clear time. Give date and hour in the member's own zone, such as 2026-11-30 09:00, or in how many"
    " minutes. When they have not said at which hour or on which day, ask them."
)
BOTH = "Give either a time or a number of minutes, not both."


def moment(at: str, in_minutes: int, zone: tzinfo, now: datetime) -> datetime:
    """In UTC, to the minute; raises `UserError` for what is unclear, past, or more than a year away."""
    if bool(at.strip()) is bool(in_minutes):
        raise UserError(BOTH if in_minutes else UNCLEAR)
    due = now + timedelta(minutes=in_minutes) if in_minutes else _read(at.strip(), zone)
    if due <= now:
        raise UserError(
            f"{told(due, zone)} is past: it is {told(now, zone)} now. Give a later time, or ask the member which they"
            " mean."
        )
    if due - now > LATEST:
        raise UserError(
            f"{told(due, zone)} is too far away: a reminder may wait for a year at most. Give a nearer time."
        )
    return due


def told(moment: datetime, zone: tzinfo) -> str:
    """«Monday, 2026-11-30 09:00 Europe/Berlin (UTC+01:00)»."""
    there = moment.astimezone(zone)
    away = f"{there:%z}"
    return f"{there:%A, %Y-%m-%d %H:%M} {there.tzinfo} (UTC{away[:3]}:{away[3:5]})"


def _read(at: str, zone: tzinfo) -> datetime:
    if not _CLEAR.fullmatch(at):
        raise UserError(UNCLEAR)
    try:
        read = datetime.fromisoformat(at)
    except ValueError:
        raise UserError(UNCLEAR) from None
    return (read if read.tzinfo else _in_zone(read, zone)).astimezone(UTC)


def _in_zone(wall: datetime, zone: tzinfo) -> datetime:
    """Of an hour that comes twice the first; of one that is left out the minute with which the next begins."""
    early, late = wall.replace(tzinfo=zone, fold=1), wall.replace(tzinfo=zone, fold=0)
    if early.astimezone(UTC) >= late.astimezone(UTC):
        return late
    there, before = early.astimezone(UTC), early.astimezone(UTC).astimezone(zone).utcoffset()
    while there.astimezone(zone).utcoffset() == before:
        there += timedelta(minutes=1)
    return there
