"""The menu of a link: at most five acts, as Slack has it."""

from bot.slack.screens.blocks.elements import Block, option, overflow
from storage.tables import Link

LISTED, CARD = "link.menu", "link.card_menu"
"""In a list, which is shown anew after a change, and on a card, which stays: it alone shows the address."""
EXTEND, PAUSE, RESUME, ROTATE, REVOKE = "extend", "pause", "resume", "rotate", "revoke"
DETAILS = "details"


def menu(link: Link) -> Block:
    return overflow(LISTED, [*_acts(link), _act("Revoke", REVOKE, link)])


def card_menu(link: Link) -> Block:
    """Revoke is a button beside it."""
    return overflow(CARD, _acts(link))


def chosen(value: str) -> tuple[str, str]:
    """What, and of which link."""
    verb, _, link_id = value.partition(":")
    return verb, link_id


def _acts(link: Link) -> list[Block]:
    hold = _act("Let guests start again", RESUME, link) if link.paused_at else _act("Pause", PAUSE, link)
    look = _act("Details and results", DETAILS, link)
    return [look, _act("Give it more time", EXTEND, link), hold, _act("New address", ROTATE, link)]


def _act(text: str, verb: str, link: Link) -> Block:
    return option(text, f"{verb}:{link.id}")
