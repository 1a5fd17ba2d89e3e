"""The same log for readers whose network swallows streams."""

import asyncio
from typing import Any

from aiohttp import web

from bot.services.links.admission.moving import EVENT as MOVED
from bot.services.links.values import Guest
from bot.web.chat import guests, wire
from bot.web.chat.streams import PAGE, hello, settled
from bot.web.edge.context import ROOMS, SERVICES, SITE, STOPPING
from bot.web.edge.languages import spoken
from bot.web.live_viewers import Room, Seat
from bot.words import Words
from storage.tables import Event

_MOST_POLLS = 8


async def poll(request: web.Request, guest: Guest, after: int | None, wait: float) -> dict[str, Any]:
    """What happened after ``after``, waiting for something when nothing has."""
    if after is None:
        return {**hello(guest), "resync": True, "last": "", "events": [], "running": None}
    async with request.app[ROOMS].seat(guest.conversation_id, _MOST_POLLS) as (room, seat):
        events = await _read(request, guest, after, room)
        if not events and wait > 0 and not guest.ended and not request.app[STOPPING].is_set():
            seat.seen = after
            await _news(seat, wait, request.app[SITE].pace.gather)
            events = await _read(request, guest, after, room)
    if any(each.kind == MOVED for each in events):
        await guests.required(request)  # while this waited, the chat may have gone to another device
    return {**hello(guest), "resync": False, **_told(guest, after, events, room, spoken(request))}


async def _news(seat: Seat, wait: float, gather: float) -> None:
    await seat.wait(wait)
    if not seat.news and seat.pieces:
        await asyncio.sleep(gather)


async def _read(request: web.Request, guest: Guest, after: int, room: Room) -> list[Event]:
    events = await request.app[SERVICES].links.log(guest, after, PAGE)
    settled(events, room)
    return events


def _told(guest: Guest, after: int, events: list[Event], room: Room, words: Words) -> dict[str, Any]:
    last = events[-1].seq if events else after
    shown = [(event, told) for event in events if (told := wire.public(event, words))]
    return {
        "last": wire.position(guest.conversation_id, last),
        "events": [
            {"id": wire.position(guest.conversation_id, event.seq), "event": kind, "data": body}
            for event, (kind, body) in shown
        ],
        "running": wire.piece(room.running) if room.running else None,
    }
