"""After how many days of silence a workspace forgets conversations: for its admins."""

from bot.slack.screens.blocks.elements import View, field, modal, section, text_input

OPEN, FORM, DAYS = "memory.retention", "memory.retention_form", "days"
TITLE = "Forget after a time"
ABOUT = (
    "Members' conversations with me in which nothing was said for so many days are deleted, with all that I remember of"
    " them. What stands in Slack stays there. Left empty, they are kept until their member forgets them."
)
NO_NUMBER = "Type a whole number of days, or leave it empty."
ONLY_ADMINS = "Only admins can change this. Ask one of them."


def form(days: int | None) -> View:
    box = text_input(initial=str(days) if days else "", placeholder="365", most=5)
    shown = [section(ABOUT), field(DAYS, "Days of silence", box, optional=True)]
    return modal(TITLE, shown, callback_id=FORM, submit="Save")


def saved(days: int | None) -> str:
    if days is None:
        return "Conversations are kept until their member forgets them."
    return f"Conversations are forgotten after {days:,} {'day' if days == 1 else 'days'} without a word."
