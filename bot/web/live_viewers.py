"""Who is watching which conversation, and the running text that is in no table."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.services.chats.partial_text import again
from bot.services.chats.values import Delta, unpacked
from storage.bus.bus import Bus
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.engines.plain_text import as_kept
from storage.tables import Event

LINGER_SECONDS = 20.0
"""How long a room outlives its last watcher, so that a reload finds the running text."""
BACKLOG = 64

log = logging.getLogger(__name__)


class Seat:
    """What one watcher has yet to see; a full one marks the watcher as lagging."""

    __slots__ = ("_wake", "closing", "lagging", "news", "pieces", "rows", "seen")

    def __init__(self) -> None:
        self.news = False
        """There may be new rows in the log."""
        self.lagging = False
        self.closing = ""
        """Why the watcher has to go."""
        self.rows: list[Event] | None = []
        """These, in the order in which they were told; None: they have to be read."""
        self.pieces: list[Delta] = []
        self.seen: int | None = None
        """The last number of the log that the watcher has; None before it has looked."""
        self._wake = asyncio.Event()

    def tell(self, piece: Delta) -> None:
        if len(self.pieces) < BACKLOG:
            self.pieces.append(piece)
        else:
            self.lagging = True
        self._wake.set()

    def look(self, rows: Sequence[Event] | None = None) -> None:
        """There is news in the log: these rows, where they are known."""
        self.news = True
        if rows is None or self.rows is None or len(rows) > BACKLOG - len(self.rows):
            self.rows = None
        else:
            self.rows += rows
        self._wake.set()

    def close(self, reason: str) -> None:
        self.closing = reason
        self._wake.set()

    async def wait(self, seconds: float) -> bool:
        """True when something happened, False when the time was up first."""
        if self._wake.is_set():
            return True
        try:
            async with asyncio.timeout(max(seconds, 0)):
                return await self._wake.wait()
        except TimeoutError:
            return False

    def take(self) -> tuple[bool, list[Delta], list[Event] | None]:
        taken = self.news, self.pieces, self.rows
        self.news, self.pieces, self.rows = False, [], []
        self._wake.clear()
        return taken


class Room:
    """One conversation, followed once for all who watch it in this process."""

    def __init__(self, bus: Bus, conversation_id: str) -> None:
        self.seats: list[Seat] = []
        self.leaving: set[Seat] = set()
        """Sent off, and not gone yet: one that reads nothing takes its time."""
        self._running: Delta | None = None
        self._settled: set[str] = set()
        self.following = asyncio.create_task(self._follow(bus, f"conversation:{conversation_id}"))
        self.closing: asyncio.TimerHandle | None = None

    @property
    def running(self) -> Delta | None:
        """All of the running text so far, or what was heard of it."""
        return self._running

    def settle(self, turn_id: str | None) -> None:
        """The turn's text is in the log now: whatever still comes of it comes too late."""
        if turn_id:
            self._settled.add(turn_id)
        if self._running and self._running.turn_id == turn_id:
            self._running = None

    def timely(self, pieces: list[Delta]) -> list[Delta]:
        return [piece for piece in pieces if piece.turn_id not in self._settled]

    def send_off(self, seat: Seat) -> None:
        self.seats.remove(seat)
        self.leaving.add(seat)
        seat.close("replaced")

    def stop(self) -> None:
        self.following.cancel()

    async def _follow(self, bus: Bus, topic: str) -> None:
        with bus.follow(topic) as bell:
            await bus.tell(again(topic))
            while True:
                await bell.rung()
                # A ring without words, or one that lost its words, means: look at the rows.
                news, rows, told = bell.news, _as_kept(bell.rows), map(unpacked, bell.take())
                pieces = self._grow([delta for delta in told if delta])
                for seat in self.seats:
                    for piece in pieces:
                        seat.tell(piece)
                    if news:
                        seat.look(rows)

    def _grow(self, deltas: list[Delta]) -> list[Delta]:
        """What the deltas add, in as few pieces as they make."""
        pieces: list[Delta] = []
        for delta in self.timely(deltas):
            if self._running and _older(delta, self._running):
                continue
            # Not heard from its beginning: whoever has seen that can go on from here, the others wait for the whole.
            grown = _joined(self._running, delta) or delta
            if grown == self._running:
                continue  # told once more, for somebody else
            self._running = grown
            longer = _joined(pieces[-1], delta) if pieces else None
            pieces[-1:] = [longer] if longer else [*pieces[-1:], delta]
        return pieces


def _as_kept(rows: Sequence[Event] | None) -> list[Event] | None:
    """As they would be read."""
    if rows is None:
        return None
    values = ({name: value for name, value in vars(row).items() if not name.startswith("_")} for row in rows)
    return [Event.of({**each, "body": as_kept(each["body"])}) for each in values]


def _older(delta: Delta, than: Delta) -> bool:
    """Of an attempt that another has taken the place of."""
    return delta.turn_id == than.turn_id and delta.attempt < than.attempt


def _joined(old: Delta | None, new: Delta) -> Delta | None:
    """Both in one; None where the new one does not go on from the old."""
    if old is None or (old.turn_id, old.attempt) != (new.turn_id, new.attempt):
        return None
    if not old.start <= new.start <= old.end:
        return None
    return replace(old, text=old.text + new.text[old.end - new.start :])


class LiveViewers:
    def __init__(self, bus: Bus, linger: float = LINGER_SECONDS) -> None:
        self._bus = bus
        self._linger = linger
        self._rooms: dict[str, Room] = {}

    @property
    def watching(self) -> int:
        return sum(len(room.seats) + len(room.leaving) for room in self._rooms.values())

    def crowded(self, conversation_id: str, most: int) -> bool:
        """As many as may sit there are on their way out: whoever comes now has to wait for them."""
        room = self._rooms.get(conversation_id)
        return room is not None and len(room.leaving) >= most

    @asynccontextmanager
    async def seat(self, conversation_id: str, most: int) -> AsyncIterator[tuple[Room, Seat]]:
        """A place in the room; whoever sits there longest gives way to one too many."""
        room = self._entered(conversation_id)
        while len(room.seats) >= most:
            room.send_off(room.seats[0])
        seat = Seat()
        room.seats.append(seat)
        try:
            yield room, seat
        finally:
            room.leaving.discard(seat)
            if seat in room.seats:
                room.seats.remove(seat)
            if not room.seats and not room.leaving:
                later = asyncio.get_running_loop().call_later
                room.closing = later(self._linger, self._leave, conversation_id)

    async def look(self, db: Database) -> None:
        """A nudge may be lost: whoever lacks rows that are there is told so. One question for all rooms."""
        watched = {key: room for key, room in self._rooms.items() if room.seats}
        if not watched:
            return
        async with db.read() as tables:
            last = await tables.conversations.last_numbers(list(watched))
        for conversation_id, number in last.items():
            for seat in watched[conversation_id].seats:
                if seat.seen is not None and seat.seen < number:
                    seat.look()

    async def look_on(self, db: Database, every: float) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.look(db)
            except TROUBLE as error:
                log.warning("could not look for what open pages lack: %s", type(error).__name__)

    def clear(self, reason: str) -> None:
        """Send everybody off, so that the server can stop."""
        for room in self._rooms.values():
            for seat in room.seats:
                seat.close(reason)

    async def close(self) -> None:
        for room in self._rooms.values():
            if room.closing:
                room.closing.cancel()
            room.stop()
        if self._rooms:
            await asyncio.wait([room.following for room in self._rooms.values()])
        self._rooms.clear()

    def _entered(self, conversation_id: str) -> Room:
        room = self._rooms.get(conversation_id)
        if room is None:
            room = self._rooms[conversation_id] = Room(self._bus, conversation_id)
        if room.closing:
            room.closing.cancel()
            room.closing = None
        return room

    def _leave(self, conversation_id: str) -> None:
        self._rooms.pop(conversation_id).stop()
