"""A conversation page by page: the newest first, what was said earlier when it is asked for."""

from typing import Any

from bot.services.links.values import Guest
from bot.web.chat import wire
from bot.web.chat.streams import PAGE
from bot.web.chat.transcripts import Item, Shown
from bot.web.edge.context import WebServices
from bot.words import Words
from storage.tables import Event

ITEMS = 50
"""On one page."""
_EVENTS = 400
"""Read for one: a message comes with its turn's standing, and a step with its end."""
_LATER = frozenset({"tool", "rating"})
"""May tell of what stands on an earlier page."""


async def newest(services: WebServices, guest: Guest, words: Words) -> Shown:
    here = (guest.workspace, guest.conversation_id)
    async with services.db.read() as tables:
        events = await tables.events.before(*here, wire.LARGEST, _EVENTS)
        turned = await tables.events.last_of_kind(*here, "host") if len(events) == _EVENTS else None
    page = _page(guest, words, events)
    _stands(page, turned)
    return page


async def whole(services: WebServices, guest: Guest, words: Words) -> Shown:
    """All of it on one page."""
    page = Shown(words)
    while events := await services.links.log(guest, page.last, PAGE):
        for event in events:
            page.add(event)
        if len(events) < PAGE:
            break
    return page


async def older(services: WebServices, guest: Guest, words: Words, before: int) -> Shown:
    """What was said right before the number ``before`` of the log."""
    here = (guest.workspace, guest.conversation_id)
    async with services.db.read() as tables:
        events = await tables.events.before(*here, before, _EVENTS)
        later = [event for kind in _LATER for event in await tables.events.of_kind(*here, kind) if event.seq >= before]
        turned = await tables.events.last_of_kind(*here, "host")
    page = _page(guest, words, events)
    for event in later:
        page.amend(event)
    # How it stood then is nobody's question: who answers now is.
    page.newest, page.state, page.text = False, "", ""
    _stands(page, turned)
    return page


async def written(page: Shown) -> Shown:
    """As it will be put into HTML."""
    for item in page.items:
        await item.make_ready()
    return page


def told(page: Shown) -> dict[str, Any]:
    """For the scripts of a page that goes on to earlier words."""
    return {"earlier": page.earlier, "items": [_told(item) for item in page.items]}


def _told(item: Item) -> dict[str, Any]:
    return {"kind": item.kind, **item.body, **({"verdict": item.verdict} if item.verdict else {})}


def _stands(page: Shown, turned: Event | None) -> None:
    """Who answers, as the last change has it, wherever in the log that was."""
    if turned and (told := wire.public(turned, page.words)):
        page.who, page.line = told[1]["state"], told[1]["line"]


def _page(guest: Guest, words: Words, events: list[Event]) -> Shown:
    page = Shown(words)
    for event in events:
        page.add(event)
    if len(events) == _EVENTS or len(page.items) > ITEMS:
        page.items = page.items[-ITEMS:]
        first = page.items[0].seq if page.items else events[0].seq
        page.earlier = wire.position(guest.conversation_id, first)
    return page
