"""Takes turns that wait, runs each under a lease, and hands what it leads to to the face of its door."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from datetime import timedelta
from functools import partial
from secrets import token_hex
from typing import Any

from bot.running.leases import Held, heeded
from bot.running.turns.claiming import claimed
from bot.running.turns.places import Places, limited
from bot.running.turns.renewing import Renewing
from bot.running.turns.retold import again, each
from bot.services.chats import LEASE_SECONDS, Begun, Chats, HeldBack, Told
from bot.services.chats.values import Lost, Whose
from storage.bus.bus import Bell, Bus
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.repositories.conversations.among import DOORS
from storage.repositories.conversations.claims import AnotherWasFaster, Lease
from storage.schema import now
from storage.tables import Conversation, Turn

log = logging.getLogger(__name__)

Face = Callable[[Turn, Conversation, AsyncIterator[Told]], Awaitable[None]]
"""Shows one turn, from stored events and, in Slack, running text; after a restart, from the stored events again."""
Run = Callable[[], Coroutine[Any, Any, None]]

RENEW_SECONDS = LEASE_SECONDS / 3
LOOK_SECONDS = 5.0  # a nudge may be lost, and a lease lapses without one
CLAIMS = 20  # of one turn, faces that failed included
FIRST_PATIENCE, LONGEST_PATIENCE = 2.0, 1800.0
CANCELLED_WITHIN = 0.5
"""Seconds in which a turn that was cut off gives itself back; after that its lease lapses."""
NOBODYS = -1
"""In the place of the claims of a turn whose lease was lost: nothing that is still written to it here passes."""


class Worker:
    """``owner`` names this process; ``at_once`` bounds the turns that it runs side by side, by each door.

    ``apart``: they are of several workspaces, none of which may have all these places.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        chats: Chats,
        faces: Mapping[str, Face],
        *,
        owner: str,
        at_once: int = 20,
        apart: bool = False,
    ) -> None:
        self._db = db
        self._bus = bus
        self._chats = chats
        self._faces = faces
        # In a container every start has the same name and number, and yet the one before is dead.
        self._owner = f"{owner[:50]}:{token_hex(4)}"
        self._places = Places(at_once, apart)
        self._turns: dict[asyncio.Task[None], Turn] = {}
        self._renewing = Renewing(db, bus, self._turns.values, self.lease)
        self._bell = Bell()
        self._closing = False
        self.begun = asyncio.Event()
        """Set once what dead processes held may be claimed."""
        self._looking = asyncio.Lock()
        self._limited = False
        """Somebody may wait for room."""
        self._behind: set[str] = set()
        """Doors by which somebody found no room: whoever comes waits behind them, until a look finds that none is."""
        self._turned_away = 0
        """How many so far: what a look saw before the last of them says nothing of it."""
        self._none_kept = asyncio.Event()
        self._none_kept.set()

    async def run(self) -> None:
        """Until closed or cancelled."""
        if not self._db.is_postgres:
            # One process there is, and that is this one: whoever held a turn is dead.
            async with self._db.begin() as tables:
                await tables.turns.release_all(self._owner)
        with self._bus.follow("turns") as self._bell, self._chats.begun_by(self):
            self.begun.set()
            while not self._closing:
                if not await self._took():
                    await self._bell.wait(LOOK_SECONDS)

    async def close(self, within: float) -> None:
        """Let what runs finish in so many seconds; the rest is given back, to be taken up at the next start."""
        self._closing = True
        self._bell.ring()
        with suppress(TimeoutError):  # a database that is silent may hold up both
            async with asyncio.timeout(CANCELLED_WITHIN):
                async with self._looking:
                    pass  # a turn that was being claimed is among the others now
                await self._none_kept.wait()  # and so is one whose message was being taken in
        if self._turns:
            await asyncio.wait(self._turns, timeout=within)
        for task in self._turns:
            task.cancel()
        if self._turns:
            await asyncio.wait(self._turns, timeout=CANCELLED_WITHIN)
        self._renewing.close()

    async def _took(self) -> bool:
        try:
            async with self._looking:
                with heeded():
                    return not self._closing and await self._take()
        except TROUBLE:
            log.exception("could not look for turns")
            return False

    async def _take(self) -> bool:
        """Begin one turn; False when there is none or no room."""
        among = self._places.among(self._turns.values())
        self._limited = limited(among)
        if not (among.doors or among.showing):
            return False
        # Most looks find nothing: to make what runs wait for the right to write would be a waste.
        before = self._turned_away
        async with self._db.read() as tables:
            due = await tables.turns.due(now(), CLAIMS, among)
        if before == self._turned_away:
            self._behind &= set(due.waiting) | (set(DOORS) - set(among.doors))
        if not due:
            return False
        try:
            turn, conversation = await self._db.surely(partial(claimed, self._owner, among, due, CLAIMS))
        except AnotherWasFaster:
            return True
        if turn is None or conversation is None:
            return False
        if not (ended := turn.status != "running"):
            self._places.took(turn)
        self._start(turn, partial(self._retell if ended else self._run, turn, conversation))
        return True

    @contextmanager
    def room(self, of: Whose) -> Iterator["Worker | None"]:
        """For one turn more, kept free until the block ends; None where there is none, or others came before."""
        if self._closing or of.door in self._behind or not self._places.has_room(self._turns.values(), of):
            self._behind.add(of.door)
            try:
                yield None
            finally:  # it is queued by now
                self._behind.add(of.door)
                self._turned_away += 1
            return
        self._places.kept.append(of)
        self._none_kept.clear()
        try:
            yield self
        finally:
            self._places.kept.remove(of)
            if not self._places.kept:
                self._none_kept.set()
            if self._limited or self._behind:
                self._bell.ring()  # perhaps nobody has taken it

    def lease(self) -> Lease:
        return Lease(self._owner, now() + timedelta(seconds=LEASE_SECONDS))

    def begin(self, begun: Begun) -> None:
        """In a `room`; the turn is ours already."""
        self._start(begun.turn, partial(self._run, begun.turn, begun.conversation, begun))

    def _start(self, turn: Turn, run: Run) -> None:
        task = asyncio.create_task(self._held(turn, run))
        self._turns[task] = turn
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        turn = self._turns.pop(task)
        if self._limited or self._behind:
            self._bell.ring()  # there is room for another
        if not task.cancelled() and (error := task.exception()):
            log.error("turn %s could not be given back; its lease lapses", turn.id, exc_info=error)

    async def _held(self, turn: Turn, run: Run) -> None:
        """Keep the lease while the turn runs and its face shows it; both end with the lease."""
        work = asyncio.create_task(run())
        renew = partial(self._renewing.renewed, turn)
        lease = Held(f"turn {turn.id}", turn.lease_until, LEASE_SECONDS, RENEW_SECONDS, renew)
        try:
            if not await lease.during(work):
                turn.attempts = NOBODYS
        except asyncio.CancelledError:
            if work.cancelled():  # this process ends: the next need not wait for the lease to lapse
                await self._change(turn, lease_until=None)
            raise
        if work.done() and not work.cancelled() and (error := work.exception()):
            log.error("turn %s could not be run", turn.id, exc_info=error)

    async def _run(self, turn: Turn, conversation: Conversation, begun: Begun | None = None) -> None:
        async with aclosing(self._chats.run(turn, conversation, begun)) as told:
            await self._show(turn, conversation, told)

    async def _retell(self, turn: Turn, conversation: Conversation) -> None:
        await self._show(turn, conversation, again(await self._chats.told_of(turn)))
        self._bell.ring()  # the next of its conversation may have waited for it

    async def _show(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        """A face that fails ends no turn: the rest is still stored, and all of it shown again later."""
        face, shown = self._faces.get(conversation.door), True
        try:
            if face:
                with heeded():
                    await face(turn, conversation, each(told))
        except HeldBack:
            async for _ in told:
                pass
            if turn.status != "running":
                await self._chats.showing.rest(turn, conversation)
            return
        except Exception as error:
            if not isinstance(error, Lost):
                log.exception("turn %s could not be shown", turn.id)
            shown = False
        async for _ in told:
            pass
        if turn.status != "running" and not turn.told:
            await self._seen(turn, shown)

    async def _seen(self, turn: Turn, shown: bool) -> None:
        """What could not be shown is tried again, after longer and longer pauses; Slack may be away for hours."""
        if shown or turn.attempts >= CLAIMS:
            await self._change(turn, told=True, lease_until=None)
        else:
            await self._change(turn, lease_until=now() + timedelta(seconds=patience(turn.attempts)))

    async def _change(self, turn: Turn, **values: object) -> bool:
        return await self._db.surely(lambda tables, _: tables.turns.change(turn, **values))


def patience(attempts: int) -> float:
    """Seconds until what could not be shown is tried again."""
    return min(FIRST_PATIENCE * 2.0 ** (attempts - 1), LONGEST_PATIENCE)
