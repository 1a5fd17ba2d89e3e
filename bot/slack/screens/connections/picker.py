"""The cards to choose from, searched and paged, with who uses each and what is connected of it already."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.services.connections.values import ConnectionView
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    field,
    modal,
    section,
    text_input,
)
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count, escaped, safe, unmarked
from bot.slack.screens.connections import listing as connections
from run_cards.card import RunCard

PICK = "connect.pick"
ADD = "connect.another"
PAGE = "connect.page"
SEARCH, SEARCH_FORM = "connect.search", "connect.search_form"

TITLE = "Connect a tool"
CONNECTED = ":white_check_mark: Connected"
NO_SUCH_CARD = "I have no card of that name. Any server that speaks MCP can be connected with *Custom*."
INTRO = "Connect a tool, then ask me in plain words to use it. Before I change anything, I ask you."
OFFERED = "Here is the way to connect a tool:"
NOT_ALLOWED = (
    ":no_entry: *{title}* is not allowed here: this workspace's administrators do not let it be used. {ask} if you"
    " need it."
)
NONE_MATCH = ":mag: No card matches. If it has a server that speaks MCP, connect that:"
ANY_SERVER = "custom"
"""The card for all that has none: it stands below those that match, whatever is searched for."""
MOST_ACCOUNTS = 4
MOST_ADMINS = 3
PAGE_SIZE = 12
FEW = 6
"""So many are seen at a glance, and need no search."""
LONGEST = 60


@dataclass(frozen=True)
class Looking:
    """What is looked at; kept in the view's metadata."""

    words: str = ""
    page: int = 0

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "Looking":
        """The first page of all, where a window was opened by an older version."""
        kept = json.loads(view.get("private_metadata") or "{}")
        return cls(kept.get("words", ""), kept.get("page", 0))


def chooser(
    cards: Iterable[RunCard],
    mine: Sequence[ConnectionView] = (),
    told: str = "",
    *,
    users: Mapping[str, int] | None = None,
    looking: Looking | None = None,
) -> View:
    """``mine`` are marked, so that nobody connects twice by accident; ``users`` are how many have each card."""
    every, looking = list(cards), looking or Looking()
    anything = [card for card in every if card.name == ANY_SERVER]
    found = [card for card in every if card not in anything and _matches(card, looking.words)]
    here = page_of(found, looking.page, PAGE_SIZE)
    blocks = [section(told or INTRO), *(_search(looking) if len(every) > FEW else [])]
    blocks += _offers(here.items, mine, users or {}) or [section(NONE_MATCH)]
    blocks += here.turned("card", PAGE)
    blocks += [divider(), *_offers(anything, mine, users or {})] if anything else []
    metadata = json.dumps(asdict(Looking(looking.words, here.number)))
    submit = "Search" if len(every) > FEW else ""
    return modal(TITLE, blocks, callback_id=SEARCH_FORM, submit=submit, metadata=metadata)


def not_allowed(card: RunCard, admins: Sequence[str]) -> str:
    """With whom to ask, where Slack says who they are."""
    named = " or ".join(f"<@{escaped(each)}>" for each in admins[:MOST_ADMINS])
    return NOT_ALLOWED.format(title=safe(card.title, 80), ask=f"Ask {named}" if named else "Ask one of them")


def _matches(card: RunCard, words: str) -> bool:
    text = f"{card.name} {card.title} {card.about}".casefold()
    return all(word in text for word in words.casefold().split())


def _search(looking: Looking) -> list[Block]:
    box = text_input(initial=looking.words, placeholder="A service, or what you want to do with it", most=LONGEST)
    return [field(SEARCH, "Search", box, optional=True)]


def _offers(cards: Iterable[RunCard], mine: Sequence[ConnectionView], users: Mapping[str, int]) -> list[Block]:
    return [block for card in cards for block in _offer(card, mine, users)]


def _offer(card: RunCard, mine: Sequence[ConnectionView], users: Mapping[str, int]) -> list[Block]:
    there = [view for view in mine if view.connection.card == card.name]
    lines = [f"{card.icon} *{unmarked(card.title)}*", unmarked(card.about)]
    if card.example and not there:
        lines.append(f"_For example: “{safe(card.example, 150)}”_")
    if told := _used(len(there), users.get(card.name, 0)):
        lines.append(told)
    if there:
        lines.append(_accounts(card, there))
    notes = [] if there else [context(unmarked(note)) for note in card.notes]
    return [section("\n".join(lines), _act(card, there)), *notes]


def _act(card: RunCard, there: Sequence[ConnectionView]) -> Block:
    if not there or card.titled:
        return button("Connect", PICK, card.name, label=f"Connect {card.title}")
    return _another(card) if _has_accounts(card) else connections.test_button(there[0].connection)


def _has_accounts(card: RunCard) -> bool:
    return bool(card.secrets or card.oauth)


def _used(mine: int, members: int) -> str:
    """By others; whoever looks knows of themselves."""
    others = members - bool(mine)
    return (
        f":busts_in_silhouette: {count(others, 'colleague')} {'uses' if others == 1 else 'use'} it"
        if others > 0
        else ""
    )


def _accounts(card: RunCard, there: Sequence[ConnectionView]) -> str:
    """What does not fit is counted, not dropped."""
    titles = [view.connection.title for view in there]
    if titles == [card.title]:
        return CONNECTED
    named = ", ".join(safe(title, 60) for title in titles[:MOST_ACCOUNTS])
    more = f" and {len(titles) - MOST_ACCOUNTS} more" if len(titles) > MOST_ACCOUNTS else ""
    return f"{CONNECTED}: {named}{more}"


def _another(card: RunCard) -> Block:
    return button("Connect another account", ADD, card.name, label=f"Connect another account of {card.title}")


def there_already(card: RunCard, views: Sequence[ConnectionView]) -> View:
    """Instead of connecting it twice."""
    told = section(f"*{unmarked(card.title)}* is connected already.")
    rows = [block for view in views[:MOST_ACCOUNTS] for block in connections.row(view)]
    left = len(views) - MOST_ACCOUNTS
    more = [context(f"… and {left} more: see *My connections* in my Home tab.")] if left > 0 else []
    return modal(TITLE, [told, *rows, *more, *([actions(_another(card))] if _has_accounts(card) else [])])


def offered(card: RunCard | None) -> list[Block]:
    """For somebody who has asked in their own words."""
    if card is None:
        return [section(OFFERED), actions(connections.connect_button())]
    told = f"{card.icon} *{unmarked(card.title)}*\n{unmarked(card.about)}"
    return [section(told), actions(button(f"Connect {card.title}", PICK, card.name, style="primary"))]


def offer(told: str, card: RunCard) -> list[Block]:
    """A card that may have been meant."""
    connect = button(f"Connect {card.title}", PICK, card.name, style="primary")
    return [section(f"{told} Did you mean *{unmarked(card.title)}*?"), actions(connect)]
