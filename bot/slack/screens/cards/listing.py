"""The list of a workspace's own cards, and what taking one back does."""

import shlex
from collections.abc import Sequence

from bot.services.cards import CardView
from bot.services.cards.added_card import program_of
from bot.services.cards.workspace_cards import MOST
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    modal,
    section,
)
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count, safe, unmarked
from storage.repositories.mcp.added_cards import Leaning
from storage.tables import AddedCard

OPEN, ADD, CHANGE = "cards.open", "cards.add", "cards.change"
TAKE_BACK, SURE, PAGE = "cards.take_back", "cards.sure", "cards.page"
TITLE = "Workspace cards"
INTRO = "Services that you offer to your colleagues beside the built-in ones. Each member connects one as themselves."
NONE = "There are none yet."
ONLY_ADMINS = "Only admins of this workspace add, change and take back its cards. Ask one of them."
NOT_NOW = ":no_entry: Not permitted here: {}."
PAGE_SIZE = 10


def listed(cards: Sequence[CardView], page: int = 0, told: str = "") -> View:
    shown = page_of(cards, page, PAGE_SIZE)
    blocks = [section(unmarked(told))] if told else []
    blocks += [section(INTRO), *(block for view in shown.items for block in _row(view))]
    blocks += [] if cards else [context(NONE)]
    blocks += shown.turned("card", PAGE)
    add = [actions(button("Add a card", ADD, style="primary"))]
    return modal(TITLE, [*blocks, *(add if len(cards) < MOST else [context(f"These are {MOST}, as many as may be.")])])


def _row(view: CardView) -> list[Block]:
    card = view.card
    who = "everybody" if not card.audience else count(len(card.audience), "named member")
    signs_in = "Its secrets are for all" if card.spec and card.signs_in == "shared" else SIGN_IN_SHORT[card.signs_in]
    facts = f"{signs_in} · for {who} · {leaning(view.leaning)}"
    change = button("Change", CHANGE, card.id, label=f"Change {card.title}")
    back = button("Take back", TAKE_BACK, card.id, label=f"Take back {card.title}")
    text = f":{card.icon}: *{unmarked(card.title)}*\n{unmarked(card.about)}\n{_leads_to(card)}"
    barred = [context(NOT_NOW.format(safe(view.barred, 300)))] if view.barred else []
    return [section(text), context(facts), *barred, actions(change, back)]


def _leads_to(card: AddedCard) -> str:
    spec = program_of(card)
    words = shlex.join(spec.command.words) if spec and spec.command else ""
    return f"A program on this machine: {safe(words, 260)}" if words else safe(card.url, 300)


SIGN_IN_SHORT = {"none": "No sign-in", "token": "Members' own tokens", "oauth": "OAuth", "shared": "One token for all"}


def leaning(found: Leaning) -> str:
    if not found.connections:
        return "nobody has connected it yet"
    return f"{count(found.members, 'member')} connected it"


def working(title: str) -> View:
    return modal(TITLE, [section(f":hourglass_flowing_sand: Asking {safe(title, 40)} for its tools…")])


def sure(view: CardView) -> View:
    """What stops working is said before it does."""
    title, found = unmarked(view.card.title), view.leaning
    told = f"*{title}* will be offered to nobody any more."
    if found.connections:
        lost = f"{count(found.connections, 'connection')} of {count(found.members, 'member')}"
        told += f" {lost} will be *not permitted here* from the next call on."
    blocks = [section(told), context("Their tokens stay sealed until they disconnect. They see it in their lists.")]
    return modal("Take back", blocks, callback_id=SURE, submit="Take back", close="Keep it", metadata=view.card.id)
