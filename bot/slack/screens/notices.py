"""A short word in a modal of its own."""

from collections.abc import Sequence

from bot.services.admin_notes import A_MEMBER, ABOUT
from bot.slack.screens.blocks.elements import Block, View, context, modal, section
from bot.slack.screens.blocks.text import escaped, safe

WENT_WRONG = ":warning: Something went wrong on our side. Please try again; if it stays, tell your admin `{reference}`."

WENT_WRONG_HERE = (
    ":warning: Something went wrong on our side. Please try again; if it stays, tell your admin the reference."
)
REFERENCE = "Reference `{}`"

TOO_LATE = ":hourglass: That took too long for Slack to open the window. Nothing was changed."
NO_ROOM = (
    ":warning: The disk that I keep things on is full, so nothing was done and nothing of this is kept. Whoever runs me"
    " has to make room; please try again later."
)
IN_DOUBT = (
    ":warning: My database went silent at the very moment of this, so I cannot say whether it is done. Please look"
    " first, and do it again if it is not."
)
NOT_TAKEN_IN = (
    ":warning: The disk that I keep things on is full, so I could not take in your message: nothing was done. Whoever"
    " runs me has to make room. I look again for about five minutes; if no answer comes, please send it again later."
)
GOES_ON_LATER = (
    ":warning: The disk that I keep things on is full, so I cannot finish this answer now. Whoever runs me has to make"
    " room; then I go on by myself."
)
ONCE_MORE = "Please do it once more."
FOR_ADMINS = ":wrench: You hear this because you look after me here: {text}"
DOCTOR = " `usher doctor` tells more."


def for_admins(text: str, about: str = "", *, doctor: bool = False) -> str:
    """``about`` is the member whose name stands where the text says so."""
    named = safe(text, 1000).replace(ABOUT, f"<@{escaped(about)}>" if about else A_MEMBER)
    return FOR_ADMINS.format(text=named) + (DOCTOR if doctor else "")


def went_wrong(reference: str, again: Sequence[Block] = ()) -> list[Block]:
    """A sentence, the button ``again`` where there is one, and last and small what finds the line of the log."""
    return [section(WENT_WRONG_HERE), *again, context(REFERENCE.format(reference))]


def notice(text: str, blocks: Sequence[Block] = (), title: str = "Usher") -> View:
    return modal(title, blocks or [section(text)])


def working(text: str, title: str = "Usher") -> View:
    """Shown at once, until what takes longer is there."""
    return modal(title, [section(f":hourglass_flowing_sand: {text}")])
