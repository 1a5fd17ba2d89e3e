"""How often people are asked, for administrators."""

from bot.services.approvals.counting import DAYS, ENOUGH, Figures, Tally
from bot.slack.screens.blocks.elements import Block, View, button, context, divider, modal, section
from bot.slack.screens.blocks.text import count, safe

OPEN = "questions.open"
TITLE = "Questions asked"
MOST = 20
NONE = f"There is no tool that people were asked about {ENOUGH} times or more and always said yes to."
ONLY_YES = "*Where people only ever say yes*"
TIP = (
    "Each member can choose “Always…” under such a question, for a tool or for one place. "
    "Only the names of tools are counted here, never what they were called with."
)


def open_button() -> Block:
    return button("Questions asked", OPEN, label="Questions asked: how often, and where people only ever say yes")


def window(found: Figures) -> View:
    rate = f"{found.questions / found.messages:.2f} for each message" if found.messages else "no messages yet"
    asked = f"{count(found.questions, 'question')} in {count(found.messages, 'message')} ({rate})"
    told = f"In the last {DAYS} days: {asked}, {found.yes} answered with yes and {found.no} with no."
    lines = [_line(each) for each in found.only_yes[:MOST]]
    most = section("\n".join([ONLY_YES, *lines]) if lines else NONE)
    return modal(TITLE, [section(told), divider(), most, context(TIP)])


def _line(each: Tally) -> str:
    people = "1 person" if len(each.people) == 1 else f"{len(each.people)} people"
    return f"• *{safe(each.card, 60)}* · {safe(each.tool, 80)}: {each.yes} times, {people}"
