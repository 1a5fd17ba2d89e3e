"""One server-sent event stream: replay from the log, follow it live, leave politely."""

import asyncio
import logging
import random
import socket

from aiohttp import web

from bot.services.chats.values import Delta
from bot.services.links.admission.moving import EVENT as MOVED
from bot.services.links.in_words import why_over
from bot.services.links.values import Guest
from bot.web.chat import wire
from bot.web.edge import cookies, headers
from bot.web.edge.context import ROOMS, SERVICES, SITE, STOPPING, Pace
from bot.web.edge.languages import spoken
from bot.web.live_viewers import Room, Seat
from storage.clock import microseconds
from storage.engines.engine import TROUBLE, is_away
from storage.tables import Event

log = logging.getLogger(__name__)

PAGE = 200
"""Rows read at once."""
_SEND_BUFFER = 64 * 1024
_OVER = frozenset({"done", "stopped", "failed", "interrupted"})


class Stream:
    """What one tab of a guest is told, from ``after`` on until it leaves or the log ends."""

    def __init__(self, request: web.Request, guest: Guest) -> None:
        self._request = request
        self._guest = guest
        self._links = request.app[SERVICES].links
        self._pace: Pace = request.app[SITE].pace
        self._response = web.StreamResponse(headers=headers.stream(request.app[SITE].https))
        self._words = spoken(request)
        self._seat = Seat()
        self._finished = False

    async def run(self, after: int | None) -> web.StreamResponse:
        cookies.renew(self._request, self._response, self._guest.link)
        await self._response.prepare(self._request)
        self._bound_kernel_buffer()
        try:
            # Sitting down comes before the replay, so that no event falls between the two.
            async with self._request.app[ROOMS].seat(self._guest.conversation_id, self._pace.streams_each) as place:
                await self._tell(after, *place)
        except TimeoutError:
            self._drop()
        except TROUBLE as error:
            if not is_away(error) or self._gone():
                raise
            log.warning("a guest's stream ends: the database is away (%s)", type(error).__name__)
            await self._write(wire.bye("restart"))
        return self._response

    async def _tell(self, after: int | None, room: Room, seat: Seat) -> None:
        # No id on hello: a reader cut off before the replay must not skip over it.
        await self._write(wire.frame("hello", hello(self._guest)))
        if after is None:
            return await self._write(wire.frame("resync", {}))
        self._seat, self._seat.seen = seat, after
        await self._replay(room)
        if room.running and not self._finished:
            await self._write(wire.frame("delta", wire.piece(room.running)))
        if self._request.app[STOPPING].is_set():
            seat.close("restart")
        await self._follow(room, seat)

    async def _follow(self, room: Room, seat: Seat) -> None:
        clock = asyncio.get_running_loop().time
        spread = random.uniform(1 - self._pace.jitter, 1 + self._pace.jitter)  # noqa: S311
        ends = clock() + self._pace.life * spread
        while not self._finished:
            woken = await seat.wait(min(self._pace.heartbeat, ends - clock()))
            if seat.lagging:
                return await self._write(wire.frame("resync", {}))
            await self._pass_on(room, *seat.take())
            if seat.closing or clock() >= ends:
                return None if self._finished else await self._write(wire.bye(seat.closing or "rotate"))
            if not woken:
                # A named event: EventSource hides comments from the page's own watchdog.
                await self._write(wire.frame("beat", {"now": _now()}))

    async def _pass_on(self, room: Room, news: bool, pieces: list[Delta], rows: list[Event] | None) -> None:
        # A replay may have told the end of what these belong to, since they were laid out here.
        if timely := room.timely(pieces):
            await self._write(b"".join(wire.frame("delta", wire.piece(each)) for each in timely))
        if news and (known := going_on(rows, self._seat.seen or 0)) is not None:
            await self._show(known, room)
        elif news:
            await self._replay(room)

    async def _replay(self, room: Room) -> None:
        while events := await self._links.log(self._guest, self._seat.seen or 0, PAGE):
            await self._show(events, room)
            if self._finished or len(events) < PAGE:
                return

    async def _show(self, events: list[Event], room: Room) -> None:
        if not events:
            return
        if any(each.kind == MOVED for each in events) and not await self._is_ours():
            self._finished = True
            return await self._write(wire.frame("end", {"reason": MOVED, "text": why_over(MOVED, self._words)}))
        self._seat.seen = events[-1].seq
        # After the end comes nothing: only then is the stream over, and not when the end was logged.
        self._finished = settled(events, room)
        for piece in wire.frames(events, self._words):
            await self._write(piece)

    async def _is_ours(self) -> bool:
        """Not when the chat has gone to another device: this one is told nothing more of it."""
        link_id = self._guest.link.id
        return await self._links.guest(link_id, cookies.secret(self._request, link_id)) is not None

    async def _write(self, frames: bytes) -> None:
        async with asyncio.timeout(self._pace.write):
            await self._response.write(frames)

    def _gone(self) -> bool:
        return self._request.transport is None or self._request.transport.is_closing()

    def _bound_kernel_buffer(self) -> None:
        # Left to tune itself, the kernel takes megabytes for a reader that never reads.
        if transport := self._request.transport:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)

    def _drop(self) -> None:
        # A polite end would wait for the very reader that does not read.
        if self._request.transport is not None:
            self._request.transport.abort()


def going_on(rows: list[Event] | None, seen: int) -> list[Event] | None:
    """Those after ``seen``, where none is missing between; None: the log has to be read.

    Of two that were stored one after the other the later may be told first.
    """
    after = sorted((each for each in rows or () if each.seq > seen), key=lambda each: each.seq)
    whole = all(each.seq == seq for seq, each in enumerate(after, seen + 1))
    return after if rows is not None and whole else None


def settled(events: list[Event], room: Room) -> bool:
    """True when the log ends here; a turn whose text is whole stops running in the room."""
    for event in events:
        over = event.kind == "status" and event.body.get("state") in _OVER
        if over or event.body.get("author") == "agent":
            room.settle(event.turn_id)
    return bool(events) and events[-1].kind == "end"


def hello(guest: Guest) -> dict[str, object]:
    """Both clocks, in milliseconds: a guest's own may be wrong."""
    return {"now": _now(), "expires": int(guest.link.expires_at.timestamp() * 1000)}


def _now() -> int:
    return microseconds() // 1_000
