"""Which rule asked, or refused: in a window of its own."""

from collections.abc import Iterator, Sequence

from bot.services.approvals.reasons import Reason
from bot.slack.screens.blocks.elements import Block, View, actions, button, divider, modal, section
from bot.slack.screens.blocks.text import count, escaped, safe, when

REFUSALS = "refusals.why"
TITLE = "Why?"
MOST = 20
NOTHING = "What was known about this is not kept any more. Ask me again, and I can tell."


def window(reasons: Sequence[Reason]) -> View:
    blocks: list[Block] = []
    for reason in reasons[:MOST]:
        blocks += [*([divider()] if blocks else []), section("\n".join(_lines(reason)))]
    return modal(TITLE, blocks or [section(NOTHING)])


def refused_text(titles: Sequence[str]) -> str:
    names = ", ".join(safe(title, 60) for title in titles[:5])
    return f":no_entry_sign: {count(len(titles), 'call')} not made: {names}."


def refused(turn_id: str, titles: Sequence[str]) -> list[Block]:
    """Under an answer, for what a rule of ours did not let through."""
    why = button("Why?", REFUSALS, turn_id, label=f"Why? The rule behind {count(len(titles), 'refused call')}")
    return [section(refused_text(titles)), actions(why)]


def _lines(reason: Reason) -> Iterator[str]:
    if reason.about:
        yield f":wrench: *{safe(reason.about, 150)}*"
    yield f"*The rule:* {safe(reason.rule, 500)}"
    by = f", by <@{escaped(reason.by)}>" if reason.by else ""
    at = f", {when(reason.at)}" if reason.at else ""
    yield f"*Set in:* {safe(reason.where, 200)}{by}{at}"
    if reason.tip:
        yield f"*What you can do:* {safe(reason.tip, 300)}"
