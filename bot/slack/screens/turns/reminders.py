"""A reminder as it is told, and those that wait, on the Home tab."""

from collections.abc import Sequence

from bot.slack.screens.blocks.elements import Block, actions, button, context, section, sure
from bot.slack.screens.blocks.text import safe, unmarked, when
from storage.tables import Reminder

CANCEL = "reminder.cancel"
AN_HOUR, TOMORROW = "reminder.an_hour", "reminder.tomorrow"
SHOWN = 10
NONE = "No reminder waits. Ask me for one: “remind me tomorrow at 9 to water the plants”."
CANCELLED = "I will not remind you of that."


def mark(reminder: Reminder) -> str:
    """By which a message is known again as this reminder's, each time that it is due."""
    return f"reminder:{reminder.id}:{int(reminder.due_at.timestamp())}"


def words(reminder: Reminder) -> str:
    return f":alarm_clock: *You asked me to remind you:* {unmarked(reminder.text)}"


def told(reminder: Reminder) -> list[Block]:
    asked = "" if reminder.place.get("private", True) else f" in <#{reminder.place['channel']}>"
    again = [
        button("In an hour", AN_HOUR, reminder.id, label="Remind me again in an hour"),
        button("Tomorrow", TOMORROW, reminder.id, label="Remind me again tomorrow at this hour"),
    ]
    return [
        section(words(reminder), block_id=mark(reminder)),
        context(f"Asked for: {when(reminder.created_at)}{asked}."),
        actions(*again),
    ]


def put_off(reminder: Reminder) -> list[Block]:
    """In the place of a reminder that waits again."""
    return [section(words(reminder)), context(f"I will tell you again on {when(reminder.due_at)}.")]


def waiting(reminders: Sequence[Reminder], most: int = SHOWN) -> list[Block]:
    """Soonest first."""
    if not reminders:
        return [context(NONE)]
    rows = [section(f"*{safe(each.text, 300)}*\n{when(each.due_at)}", _cancel(each)) for each in reminders[:most]]
    more = len(reminders) - most
    return [*rows, *([context(f"… and {more} later ones: ask me for all of them.")] if more > 0 else [])]


def _cancel(reminder: Reminder) -> Block:
    question = sure("Cancel this reminder?", safe(reminder.text, 250), "Cancel it")
    return button("Cancel", CANCEL, reminder.id, confirm=question, label="Cancel this reminder")
