"""Reminders in plain words: set, listed, cancelled."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from bot.errors import UserError
from bot.services.chats.members.turns import People, Person
from bot.services.reminders import Reminders
from bot.services.reminders.reminders import LONGEST
from bot.services.reminders.times import moment, told
from bot.tool_server.asking import Asker, asker
from mcp_runtime.tools.untrusted_text import quotable
from storage.schema import now
from storage.tables import Reminder

READS = frozenset({"list_reminders"})
ASKS_NOBODY = frozenset({"remind_me", "cancel_reminder"})
"""They change what the member alone sees, and show it."""
NONE = "No reminder waits."
NO_ZONE = "The member's time zone could not be found out just now. Give the number of minutes, or try again later."
ELSEWHERE = "{} more, set elsewhere: the member sees them on Usher's Home tab, or by asking in the direct message."

About = Annotated[str, Field(description="What to remind the member of, in their own words", max_length=LONGEST)]
At = Annotated[
    str, Field(description="Date and hour in the member's own zone, as 2026-11-30 09:00; empty where minutes are given")
]
InMinutes = Annotated[int, Field(description="In how many minutes; 0 where a time is given", ge=0, le=527_040)]
Named = Annotated[str, Field(description="What the reminder is about, as it was listed", max_length=LONGEST)]


def add_reminder_tools(server: MCPServer[Any], reminders: Reminders, people: People) -> None:
    @server.tool(annotations=ToolAnnotations(title="Set a reminder", destructive_hint=False))
    async def remind_me(about: About, at: At = "", in_minutes: InMinutes = 0) -> str:
        """Remind the member of something at a time, once, in their direct message or where they ask now.

        Take the hour they say; when they have said none, ask for it. Only when they ask to be reminded.
        """
        who = asker.get()
        person = await people.about(who.member)
        if person == Person() and not in_minutes:
            raise ToolError(NO_ZONE)
        due = _checked(lambda: moment(at, in_minutes, person.zone, now()))
        reminder = await _done(reminders.add(who.member, who.place.stored(), about, due))
        return f"The member will be reminded on {told(reminder.due_at, person.zone)}. Tell them the day and the hour."

    @server.tool(annotations=ToolAnnotations(title="List reminders", read_only_hint=True))
    async def list_reminders() -> str:
        """What the member will be reminded of, and when."""
        who = asker.get()
        zone = (await people.about(who.member)).zone
        waiting = await reminders.of(who.member)
        here = [each for each in waiting if _may_be_told(each, who)]
        lines = [f"- {_line(each, zone)}" for each in here]
        more = [ELSEWHERE.format(len(waiting) - len(here))] if len(here) < len(waiting) else []
        return "\n".join([*lines, *more]) or NONE

    @server.tool(annotations=ToolAnnotations(title="Cancel a reminder", destructive_hint=True))
    async def cancel_reminder(reminder: Named) -> str:
        """Cancel one of the member's reminders."""
        who = asker.get()
        zone = (await people.about(who.member)).zone
        cancelled = await _done(reminders.cancel_named(who.member, reminder))
        return f"Cancelled: {_line(cancelled, zone)}"


def _may_be_told(reminder: Reminder, who: Asker) -> bool:
    """In a channel others read along: only what was said there."""
    return who.place.private or reminder.place.get("channel") == who.place.channel


def _line(reminder: Reminder, zone: tzinfo) -> str:
    return f"“{quotable(reminder.text, LONGEST)}” on {told(reminder.due_at, zone)}"


def _checked(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except UserError as error:
        raise ToolError(str(error)) from error


async def _done(doing: Awaitable[Reminder]) -> Reminder:
    try:
        return await doing
    except UserError as error:
        raise ToolError(str(error)) from error
