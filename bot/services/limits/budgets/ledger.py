"""Set aside before a request to the model, settled once after it, and healed where a process died in between."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot.errors import Refused
from bot.services.limits.budgets import refusing
from bot.services.limits.budgets.accounts import Account
from bot.services.limits.budgets.months import limit_of
from bot.services.limits.budgets.telling import of_months, of_price
from bot.services.limits.budgets.took import Took
from storage.database import Database, Tables
from storage.repositories.spending.budgets import Cap
from storage.schema import now
from storage.tables import Budget, Link, ModelUsage, Reservation

LEFT_AFTER = timedelta(minutes=15)
"""No request to the model takes as long: what is set aside since then was left by a process that died."""
LOOKS, LOOK_EVERY = 15, 1.0
"""How long a turn waits for what others have set aside, and seldom need all of."""
DAYS_KEPT = timedelta(days=40)
"""Of a budget whose row went before it was settled."""
Tell = Callable[[Tables, Link | None, dict[str, Budget], Took], Awaitable[None]]
"""Whoever has to know that little is left hears of it, in the same transaction."""
log = logging.getLogger(__name__)


class Ledger:
    """Counters live in the database and nowhere else."""

    def __init__(self, db: Database, tell: Sequence[Tell] = ()) -> None:
        self._db = db
        self._tell = (*tell, of_months)

    async def reserve(self, account: Account, number: str, tokens: int, money: int, *, patient: bool = True) -> None:
        """``number`` names the request, once for all. Waits a little for what others set aside; raises `Refused`."""
        for looked in range(LOOKS + 1):
            try:
                return await self._reserve(account, number, tokens, money)
            except Refused as refusal:
                if not patient or not refusing.for_now(refusal) or looked == LOOKS:
                    raise
            await asyncio.sleep(LOOK_EVERY)

    async def _reserve(self, account: Account, number: str, tokens: int, money: int) -> None:
        caps, whole, workspace = account.caps(now()), account.link, account.workspace
        reservation = Reservation(
            id=number,
            workspace_id=workspace,
            link_id=account.link_id,
            member_id=account.member,
            conversation_id=account.conversation,
            turn_id=account.turn,
            purpose=account.purpose,
            keys=[cap.key for cap in caps],
            tokens=tokens,
            money=money,
        )

        async def reserve(tables: Tables, unanswered: Sequence[bool]) -> bool:
            if unanswered and await tables.budgets.is_noted(reservation):
                return True
            if whole and not await tables.links.reserve(workspace, whole.key, tokens, money, whole):
                link = await tables.links.get(workspace, whole.key)
                raise refusing.full(whole.key, for_now=link is not None and _will_fit(link, whole, tokens, money))
            free = await tables.budgets.reserve(workspace, caps, tokens, money)
            if full := next((cap for cap in caps if cap.key not in free), None):
                raise await _refusal(tables, account, full, tokens, money)
            await tables.budgets.note(reservation)
            return True

        await self._db.surely(reserve, patient=True)

    async def settle(self, number: str, took: Took) -> None:
        """What it really took; once, whoever comes first."""

        async def settle(tables: Tables, _: Sequence[bool]) -> bool:
            reservation = await tables.budgets.take_back(number)
            if reservation is None:
                return False
            link = None
            if reservation.link_id:
                link = await tables.links.settle(reservation, took.tokens, took.money, took.unpriced)
            found = await tables.budgets.settle(reservation, took.tokens, took.money, now() + DAYS_KEPT)
            await tables.model_usage.add(_row(reservation, took))
            for tell in self._tell:
                await tell(tables, link, found, took)
            if took.unpriced:
                await of_price(tables, reservation.workspace_id, took.unpriced)
            return True

        await self._db.surely(settle, patient=True)

    async def sweep(self) -> int:
        """Settle at its estimate what dead processes left; how many requests that were."""
        async with self._db.read() as tables:
            left = await tables.budgets.left(now() - LEFT_AFTER)
        for each in left:
            await self.settle(each.id, Took(prompt=each.tokens, money=each.money, measured=False))
        if left:
            log.warning("%d requests to the model were never settled; they count as estimated", len(left))
        return len(left)


def _row(reservation: Reservation, took: Took) -> ModelUsage:
    return ModelUsage(
        id=reservation.id,
        workspace_id=reservation.workspace_id,
        member_id=reservation.member_id,
        link_id=reservation.link_id,
        conversation_id=reservation.conversation_id,
        turn_id=reservation.turn_id,
        purpose=reservation.purpose,
        model=took.model[:80],
        prompt=took.prompt,
        cached=took.cached,
        output=took.output,
        thoughts=took.thoughts,
        money=None if took.unpriced else took.money,
        saved=took.saved,
        measured=took.measured,
        brought=took.brought,
    )


async def _refusal(tables: Tables, account: Account, full: Cap, tokens: int, money: int) -> Refused:
    found = (await tables.budgets.of(account.workspace, [full.key])).get(full.key)
    limit = limit_of(await tables.budgets.limits(account.workspace), full.whose) if full.whose else None
    cap = full.within(limit)
    for_now = found is not None and _will_fit(found, cap, tokens, money)
    return refusing.full(full.key, for_now=for_now, of_guest=account.link is not None, limit=limit)


def _will_fit(held: Budget | Link, cap: Cap, tokens: int, money: int) -> bool:
    """Once nothing is set aside any more."""
    return held.tokens_spent + tokens <= cap.tokens and held.money_spent + money <= cap.money
