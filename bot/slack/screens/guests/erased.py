"""What a link's creator hears when a chat on it was deleted; whose it was is not known any more."""

from collections.abc import Sequence

from bot.slack.screens.blocks.text import count, safe
from storage.tables import Link, Session

NAMED = 10
"""Messages that are linked to; of more only the number is told."""
WHO = {
    "guest": "A guest has deleted their chat on your link *{title}*.",
    "host": "The chat on your link *{title}* is deleted.",
}
ALL = "Nothing of it is left: not in my database, not on the guest's page, not in what I had put into Slack."
OURS = "What was said is gone from my database, from the guest's page and from what I had put into Slack."
CANNOT = "I cannot delete what people wrote there themselves. Please do, where it says what the guest said:"
BEYOND = "Its beginning stands in <#{}>, which I cannot reach any more: please delete it there yourself."
UNSEEN = "I could not reach its thread in Slack, so what I had put there stays. Please delete it yourself."


def told(link: Link, session: Session, left: Sequence[str] | None, beyond: str = "") -> str:
    """Empty when there is nothing to tell: its time was over, as everybody had been told.

    ``beyond`` is a channel out of reach in which its beginning stands.
    """
    if session.erase_asked_by not in WHO:
        return ""
    if beyond:
        rest = told(link, session, left).replace(ALL, OURS)
        return f"{rest}\n{BEYOND.format(beyond)}"
    first = f":wastebasket: {WHO[session.erase_asked_by].format(title=safe(link.title, 120))}"
    if left is None:
        return f"{first} {UNSEEN}"
    if not left:
        return f"{first} {ALL}"
    return "\n".join([f"{first} {OURS} {CANNOT}", *_listed(left)])


def _listed(left: Sequence[str]) -> list[str]:
    named = [f"• <{url}|message {number}>" for number, url in enumerate(filter(None, left), 1)]
    more = len(left) - len(named)
    return [*named, *([f"• and {count(more, 'more message')} in that thread"] if more else [])]
