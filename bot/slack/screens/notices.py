"""A short word in a modal of its own."""

from collections.abc import Sequence

from bot.slack.elements import Block, View, modal, section

WENT_WRONG = ":warning: Something went wrong on our side. Please try again; if it stays, tell your admin `{reference}`."


def notice(text: str, blocks: Sequence[Block] = (), title: str = "Usher") -> View:
    return modal(title, blocks or [section(text)])


def working(text: str, title: str = "Usher") -> View:
    """Shown at once, until what takes longer is there."""
    return modal(title, [section(f":hourglass_flowing_sand: {text}")])
