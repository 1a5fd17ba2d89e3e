"""What Slackbot passes on, in the direct message: the answer comes in its thread."""

from bot.slack.screens.blocks.elements import Block, context, section
from bot.slack.screens.blocks.text import clipped, escaped, one_line

SHOWN = 1_500
"""Characters of it; all of it is answered."""
TITLE = "Slackbot asks me for you:"
BY_YOU = "You, or something that Slackbot read, led to this. I ask you here before I change anything."


def above(request: str) -> tuple[str, list[Block]]:
    """As plain text, and as blocks."""
    words = escaped(clipped(one_line(request, 4_000), SHOWN))
    return f"{TITLE} {words}", [section(f"*{TITLE}*\n>{words}"), context(BY_YOU)]
