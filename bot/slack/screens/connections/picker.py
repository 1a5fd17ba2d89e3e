"""The cards to choose from, with what is connected of each already."""

from collections.abc import Iterable, Sequence

from bot.services.connections.values import ConnectionView
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section
from bot.slack.screens.blocks.text import escaped, safe
from bot.slack.screens.connections import listing as connections
from run_cards.card import RunCard
from storage.tables import Connection

PICK = "connect.pick"
ADD = "connect.another"

TITLE = "Connect a tool"
CONNECTED = ":white_check_mark: Connected"
NO_SUCH_CARD = "I have no card of that name. Any server that speaks MCP can be connected with *Custom*."
INTRO = "Connect a tool, then ask me in plain words to use it. Before I change anything, I ask you."
MOST_ACCOUNTS = 4


def chooser(cards: Iterable[RunCard], mine: Sequence[ConnectionView] = (), told: str = "") -> View:
    """``mine`` are marked, so that nobody connects twice by accident."""
    return modal(TITLE, [section(told or INTRO), *(block for card in cards for block in _offer(card, mine))])


def _offer(card: RunCard, mine: Sequence[ConnectionView]) -> list[Block]:
    told = f"{card.icon} *{escaped(card.title)}*\n{escaped(card.about)}"
    notes = [context(escaped(note)) for note in card.notes]
    there = [view.connection for view in mine if view.connection.card == card.name]
    if card.titled or not there:
        names = ", ".join(safe(each.title, 80) for each in there)
        return [section(told, _pick(card)), *([context(f"{CONNECTED}: {names}")] if there else []), *notes]
    another = [actions(_another(card))] if card.secret else []
    return [section(told), *(_account(card, each) for each in there[:MOST_ACCOUNTS]), *_more(there), *another]


def _more(there: Sequence[Connection | ConnectionView]) -> list[Block]:
    """What does not fit is named, not dropped."""
    left = len(there) - MOST_ACCOUNTS
    return [context(f"… and {left} more: see *My connections* in my Home tab.")] if left > 0 else []


def _account(card: RunCard, connection: Connection) -> Block:
    name = "" if connection.title == card.title else f": {safe(connection.title, 80)}"
    return section(f"{CONNECTED}{name}", connections.test_button(connection))


def _pick(card: RunCard) -> Block:
    return button("Connect", PICK, card.name, label=f"Connect {card.title}")


def _another(card: RunCard) -> Block:
    return button("Connect another account", ADD, card.name, label=f"Connect another account of {card.title}")


def there_already(card: RunCard, views: Sequence[ConnectionView]) -> View:
    """Instead of connecting it twice."""
    told = section(f"*{escaped(card.title)}* is connected already.")
    rows = [block for view in views[:MOST_ACCOUNTS] for block in connections.row(view)]
    return modal(TITLE, [told, *rows, *_more(views), *([actions(_another(card))] if card.secret else [])])


def offer(told: str, card: RunCard) -> list[Block]:
    """A card that may have been meant."""
    connect = button(f"Connect {card.title}", PICK, card.name, style="primary")
    return [section(f"{told} Did you mean *{escaped(card.title)}*?"), actions(connect)]
