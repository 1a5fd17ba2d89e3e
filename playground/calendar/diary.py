"""The events of one account: those of every week, and those that were added."""

from datetime import date, datetime, timedelta
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

from playground.calendar.kept import EVERY_WEEK, Kept

MOST, LONGEST = 200, 120
Event = dict[str, Any]


def on(kept: Kept, account: str, day: date) -> list[Event]:
    """In the order in which they begin."""
    weekly = [
        {"title": title, "day": day.isoformat(), "time": at, "minutes": minutes}
        for weekday, at, minutes, title in EVERY_WEEK[account]
        if weekday == day.weekday()
    ]
    added = [each for each in kept.events[account] if each["day"] == day.isoformat()]
    return sorted([*weekly, *added], key=lambda each: each["time"])


def during(kept: Kept, account: str, day: date, begins: str, minutes: int) -> list[Event]:
    """Those of that day that share some of this time with it."""
    first = _minute(begins)
    there = [(_minute(each["time"]), each) for each in on(kept, account, day)]
    return [each for at, each in there if at < first + minutes and first < at + each["minutes"]]


def coming(kept: Kept, account: str, first: date, days: int) -> list[Event]:
    return [each for number in range(days) for each in on(kept, account, first + timedelta(days=number))]


def add(kept: Kept, account: str, title: str, day: date, time: str, minutes: int) -> Event:
    """Raises `ToolError` in words for whoever asked."""
    title = " ".join(title.split())
    if not title or len(title) > LONGEST:
        raise ToolError(f"An event's title has 1 to {LONGEST} characters.")
    if not 5 <= minutes <= 24 * 60:
        raise ToolError("An event takes between 5 minutes and a day.")
    event = {"title": title, "day": day.isoformat(), "time": clock(time), "minutes": minutes}
    with kept:
        if len(kept.events[account]) >= MOST:
            raise ToolError(f"There are {MOST} events already: cancel some first.")
        kept.events[account].append(event)
    return event


def cancel(kept: Kept, account: str, title: str) -> Event:
    """The first of this title that was added; those of every week stay. Raises `ToolError`."""
    wanted = title.strip().casefold()
    with kept:
        mine = kept.events[account]
        found = next((each for each in mine if each["title"].casefold() == wanted), None)
        if found is None:
            known = ", ".join(each["title"] for each in mine) or "none yet"
            raise ToolError(f"No event “{title[:60]}” was added. Added: {known}. Those of every week stay.")
        mine.remove(found)
    return found


def day_of(text: str) -> date:
    """A date, «today», «tomorrow» or nothing, which is today; raises `ToolError`."""
    word = text.strip().casefold()
    if word in ("", "today"):
        return date.today()
    if word == "tomorrow":
        return date.today() + timedelta(days=1)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ToolError("A day is today, tomorrow or a date such as 2026-05-20.") from None


def clock(text: str) -> str:
    """As it is kept; raises `ToolError`."""
    try:
        return datetime.strptime(text.strip(), "%H:%M").strftime("%H:%M")
    except ValueError:
        raise ToolError("A time is hours and minutes, such as 14:30.") from None


def _minute(clock: str) -> int:
    """Of its day."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
