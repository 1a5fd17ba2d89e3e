"""Set aside before a request to the model, settled once after it, and healed where a process died in between."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from bot.errors import Refused
from bot.services.limits import limits
from bot.services.links.spending import scopes, telling
from bot.services.links.spending.scopes import USUAL, Allowances
from bot.services.refusals import refused
from storage.database import Database, Tables
from storage.repositories.links.budgets import Cap, Need
from storage.schema import now
from storage.tables import Budget, Link, Reservation

LEFT_AFTER = timedelta(minutes=10)
"""No request to the model takes as long: what is set aside since then was left by a process that died."""
AGAIN_AFTER = 20.0
LOOKS, LOOK_EVERY = 15, 1.0
"""How long a turn waits for what others have set aside, and seldom need all of."""
log = logging.getLogger(__name__)


class Spending:
    """Counters live in the database and nowhere else."""

    def __init__(self, db: Database, allowed: Allowances = USUAL) -> None:
        self._db = db
        self.allowed = allowed

    def need(self, link: Link, session_id: str, money: int, tokens: int = limits.TURN_TOKENS) -> Need:
        """Of a whole turn, the link's own budget aside."""
        return Need(self._caps(link, session_id), tokens, money)

    async def check(
        self, tables: Tables, link: Link, session_id: str, money: int, tokens: int = limits.TURN_TOKENS, *, look: bool
    ) -> None:
        """Whether there is room for a whole turn; nothing is set aside yet. Raises `Refused`.

        ``look``: not only at the link, since one of the others lacks room.
        """
        caps = self._caps(link, session_id)
        found = await tables.budgets.of(link.workspace_id, [cap.key for cap in caps]) if look else {}
        for cap, held in [(scopes.of_link(link, self.allowed), link), *((cap, found.get(cap.key)) for cap in caps)]:
            if held and not _fits(held, cap, tokens, money):
                raise _refusal(cap.key, for_now=_will_fit(held, cap, tokens, money))

    async def may_begin(self, tables: Tables, link: Link) -> None:
        """Raises `Refused` when most of the workspace's day is spent: those who chat already go on."""
        day = scopes.of_day(self.allowed, now())
        held = (await tables.budgets.of(link.workspace_id, [day.key])).get(day.key)
        if held and telling.part_of(held, day) >= scopes.STOPS_STARTS:
            raise refused("day_starts", retry_after=scopes.until_tomorrow())

    async def reserve(self, link: Link, session_id: str, number: str, tokens: int, money: int) -> None:
        """``number`` names the request, once for all. Waits a little for what others set aside; raises `Refused`."""
        for looked in range(LOOKS + 1):
            try:
                return await self._reserve(link, session_id, number, tokens, money)
            except Refused as refusal:
                if refusal.code != "others" or looked == LOOKS:
                    raise
            await asyncio.sleep(LOOK_EVERY)

    async def _reserve(self, link: Link, session_id: str, number: str, tokens: int, money: int) -> None:
        caps, whole = self._caps(link, session_id), scopes.of_link(link, self.allowed)
        keys = [cap.key for cap in caps]
        async with self._db.begin() as tables:
            if not await tables.links.reserve(link.workspace_id, link.id, tokens, money, whole):
                held = await tables.links.get(link.workspace_id, link.id)
                raise _refusal(whole.key, for_now=held is not None and _will_fit(held, whole, tokens, money))
            free = await tables.budgets.reserve(link.workspace_id, caps, tokens, money)
            if full := next((cap for cap in caps if cap.key not in free), None):
                found = (await tables.budgets.of(link.workspace_id, [full.key])).get(full.key)
                raise _refusal(full.key, for_now=found is not None and _will_fit(found, full, tokens, money))
            await tables.budgets.note(
                Reservation(
                    id=number, workspace_id=link.workspace_id, link_id=link.id, keys=keys, tokens=tokens, money=money
                )
            )

    async def settle(self, number: str, tokens: int, money: int, *, unpriced: str = "") -> None:
        """What it really took; once, whoever comes first. ``unpriced`` is a model whose price nobody has written down.

        Those who have to know that little is left are told in the same transaction.
        """
        async with self._db.begin() as tables:
            reservation = await tables.budgets.take_back(number)
            if reservation is not None:
                await self._settle(tables, reservation, tokens, money, unpriced)
                if unpriced:
                    await telling.of_price(tables, reservation.workspace_id, unpriced)

    async def sweep(self) -> int:
        """Settle at its estimate what dead processes left; how many requests that were."""
        async with self._db.read() as tables:
            left = await tables.budgets.left(now() - LEFT_AFTER)
        for each in left:
            await self.settle(each.id, each.tokens, each.money)
        if left:
            log.warning("%d requests to the model were never settled; they count as estimated", len(left))
        return len(left)

    async def _settle(
        self, tables: Tables, reservation: Reservation, tokens: int, money: int, unpriced: str = ""
    ) -> None:
        link = await tables.links.settle(reservation, tokens, money, unpriced)
        found = await tables.budgets.settle(reservation, tokens, money, now() + scopes.DAYS_KEPT)
        if link is None:
            return
        await telling.of_link(tables, link, scopes.of_link(link, self.allowed))
        for key, held in found.items():
            if key.startswith("workspace:"):
                await telling.of_day(tables, held, scopes.of_day(self.allowed, now()), tokens, money)

    def _caps(self, link: Link, session_id: str) -> Sequence[Cap]:
        """Narrow to wide, the link's own aside."""
        at = now()
        return (
            scopes.of_session(link, session_id, self.allowed),
            scopes.of_creator(link, self.allowed, at),
            scopes.of_day(self.allowed, at),
        )


def _fits(held: Budget | Link, cap: Cap, tokens: int, money: int) -> bool:
    spent, cost = held.tokens_spent + held.tokens_reserved, held.money_spent + held.money_reserved
    return spent + tokens <= cap.tokens and cost + money <= cap.money


def _will_fit(held: Budget | Link, cap: Cap, tokens: int, money: int) -> bool:
    """Once nothing is set aside any more."""
    return held.tokens_spent + tokens <= cap.tokens and held.money_spent + money <= cap.money


def _refusal(key: str, *, for_now: bool) -> Refused:
    if for_now:
        return refused("others", retry_after=AGAIN_AFTER)
    if key.startswith("session:"):
        return refused("share")
    if key.startswith(("creator:", "workspace:")):
        return refused("day", retry_after=scopes.until_tomorrow())
    return refused("budget")
