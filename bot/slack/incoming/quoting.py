"""Others' words on their way to the model: each line marked, so that none can pass for the member's or for ours."""

from bot.slack.screens.blocks.text import clipped, one_line

MOST_CHARACTERS = 6_000
"""Of one message; the rest is cut off, and said to be."""
LONGEST_NAME = 80
CUT = "[cut off here]"


def quoted(text: str, most: int = MOST_CHARACTERS) -> str:
    """Every line behind a mark, also after the line ends that only some programs know."""
    cut = text if len(text) <= most else f"{clipped(text, most)}\n{CUT}"
    return "\n".join(f"> {line}" for line in cut.splitlines())


def by(name: str) -> str:
    """A person's name in our own line: on one line, and without what would close our brackets."""
    return one_line(name.replace("[", "(").replace("]", ")"), LONGEST_NAME) or "somebody"
