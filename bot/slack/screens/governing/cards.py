"""Connections by card: how many use it, how it goes, whether it is allowed; and everybody's of one card."""

from collections.abc import Mapping, Sequence

from bot.services.limits.policies import Chosen
from bot.services.watch.insights.insights import PAGE, PAGE_OF_CARD
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    header,
    modal,
    section,
    sure,
)
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count, one_line, safe
from bot.slack.screens.cards import listing
from bot.slack.screens.governing import figures, people, tabs
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.people import OfCard
from storage.tables import Connection

FORBID, ALLOW, LOOK, PAGE_ACTION = "cards.forbid", "cards.allow", "cards.connections", "cards.connections_page"
TITLE = "Connections"
NOBODYS = "Nobody has connected it (any more)."
MOST_ELSEWHERE = 40


def cards(
    titles: Mapping[str, str], connected: Mapping[str, OfCard], calls: Mapping[str, Calls], chosen: Chosen, page: int
) -> list[Block]:
    """The most used first; those that nobody uses are still there to be forbidden."""
    names = sorted(
        dict.fromkeys([*titles, *connected, *chosen.forbidden]),
        key=lambda each: (-(connected[each].members if each in connected else 0), titles.get(each, each).casefold()),
    )
    shown = page_of(names, page, PAGE)
    rows = [block for name in shown.items for block in _row(name, titles, connected.get(name), calls.get(name), chosen)]
    turning = tabs.turned("card", shown.number, PAGE, shown.total)
    return [
        actions(button("Workspace cards", listing.OPEN, label="Workspace cards: add and change your own")),
        *rows,
        *turning,
    ]


def _row(
    name: str, titles: Mapping[str, str], there: OfCard | None, calls: Calls | None, chosen: Chosen
) -> list[Block]:
    title, forbidden = titles.get(name, name), name in chosen.forbidden
    mark = ":no_entry: " if forbidden else ""
    state = " · *forbidden*" if forbidden else ""
    text = f"{mark}*{safe(title, 80)}*{state}\n{_used(there)}"
    text += f"\n{figures.calls(calls)}, last 30 days" if calls else ""
    look = button("Look", LOOK, name, label=f"Look at everybody's connections of {title}") if there else None
    rule = _allow(name, title) if forbidden else _forbid(name, title, there)
    return [section(text, rule), divider()] if look is None else [section(text), actions(look, rule), divider()]


def _used(there: OfCard | None) -> str:
    if there is None:
        return "nobody has connected it"
    ill = [(there.failing, "not answering"), (there.signs_in, "to be signed in to again"), (there.paused, "paused")]
    told = ", ".join(f"{number} {word}" for number, word in ill if number)
    whole = f"{count(there.members, 'member')}, {count(there.connections, 'connection')}"
    return f"{whole}: {told}" if told else f"{whole}, all working"


def _forbid(name: str, title: str, there: OfCard | None) -> Block:
    lost = (
        f" {count(there.connections, 'connection')} of {count(there.members, 'member')} stop at once; they are told."
        if there
        else ""
    )
    text = f"Nobody can connect it or have its tools used.{lost} Tokens are kept, and you can allow it again."
    confirm = sure("Forbid this card?", text, "Forbid", "Leave it")
    return button("Forbid", FORBID, name, confirm=confirm, label=f"Forbid {title}")


def _allow(name: str, title: str) -> Block:
    return button("Allow again", ALLOW, name, style="primary", label=f"Allow {title} again")


def of_card(
    name: str, title: str, found: Sequence[Connection], calls: Mapping[str, Calls], total: int, page: int
) -> View:
    """In a window; ``name`` is kept with it, to turn its pages by."""
    rows = [section(people.connection(each, calls.get(each.id, Calls()), whose=True), _member(each)) for each in found]
    pages = max(1, -(-total // PAGE_OF_CARD))
    page = min(page, pages - 1)
    back = [button("Back", f"{PAGE_ACTION}.back", str(page - 1), label="Back to the connections before these")]
    more = [button("More", f"{PAGE_ACTION}.more", str(page + 1), label="More connections")]
    turning = [*(back if page else []), *(more if page + 1 < pages else [])]
    here = f", page {page + 1} of {pages}" if pages > 1 else ""
    head = [header(one_line(title, 80)), context(f"{count(total, 'connection')}{here}, with the calls of 30 days")]
    none = [] if rows else [section(NOBODYS)]
    return modal(TITLE, [*head, *rows, *none, *([actions(*turning)] if turning else [])], metadata=name)


def _member(each: Connection) -> Block:
    return button("Member", people.LOOK, each.member_id, label="Member: look at all that they have connected")
