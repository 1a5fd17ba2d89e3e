"""Set aside before a request to the model, settled once after it, and healed where a process died in between."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from bot.errors import Refused
from bot.services.limits.budgets import refusing
from bot.services.limits.budgets.accounts import Account
from bot.services.limits.budgets.many import Added, Wanted, fit, settled
from bot.services.limits.budgets.months import limit_of
from bot.services.limits.budgets.telling import of_months, of_price
from bot.services.limits.budgets.together import Together
from bot.services.limits.budgets.took import Took
from storage.database import Database, Tables
from storage.engines.engine import is_away
from storage.repositories.spending.budgets import Cap
from storage.schema import now
from storage.tables import Budget, Link, ModelUsage, Reservation

LEFT_AFTER = timedelta(minutes=15)
"""No request to the model takes as long: what is set aside since then was left by a process that died."""
LOOKS, LOOK_EVERY = 15, 1.0
"""How long a turn waits for what others have set aside, and seldom need all of."""
DAYS_KEPT = timedelta(days=40)
"""Of a budget whose row went before it was settled."""
Tell = Callable[[Tables, Sequence[Link], Mapping[str, Added]], Awaitable[None]]
"""Whoever has to know that little is left hears of it, in the same transaction."""
NEVER_ASKED = Took()
"""Of a request that was set aside for and not made: no row is written of it."""
log = logging.getLogger(__name__)


class _NotAll(Exception):
    """There is not enough for all of them. Rolls the transaction back."""


class Ledger:
    """Counters live in the database and nowhere else."""

    def __init__(self, db: Database, tell: Sequence[Tell] = ()) -> None:
        self._db = db
        self._tell = (*tell, of_months)
        self._reserving = Together(self._reserve_all, self._never_asked)
        self._settling = Together(self._settle_all)

    async def reserve(self, account: Account, number: str, tokens: int, money: int, *, patient: bool = True) -> None:
        """``number`` names the request, once for all. Waits a little for what others set aside; raises `Refused`."""
        for looked in range(LOOKS + 1):
            refusal = await self._reserving.do(account.workspace, _wanted(account, number, tokens, money))
            if refusal is None:
                return
            waits = patient and looked < LOOKS and isinstance(refusal, Refused) and refusing.for_now(refusal)
            if not waits:
                raise refusal
            await asyncio.sleep(LOOK_EVERY)

    async def settle(self, workspace: str, number: str, took: Took) -> None:
        """What it really took; once, whoever comes first."""
        await self._settling.do(workspace, (number, took))

    async def _reserve_all(self, workspace: str, wanted: Sequence[Wanted]) -> Sequence[Exception | None]:
        """Where there is not enough for all of them, each is told by itself, first come, first served.

        What goes wrong with one is its own: what was set aside for the others before it is theirs.
        """
        if len(wanted) > 1 and await self._fit(workspace, wanted):
            return [None] * len(wanted)
        found: list[Exception | None] = []
        for each in wanted:
            # Once the database is away it is so for the rest: each would wait for it after the others.
            away = bool(found) and found[-1] is not None and is_away(found[-1])
            found.append(found[-1] if away else await self._reserved(each))
        return found

    async def _fit(self, workspace: str, wanted: Sequence[Wanted]) -> bool:
        async def reserve(tables: Tables, unanswered: Sequence[bool]) -> bool:
            if unanswered and await tables.budgets.is_noted(wanted[0].reservation):
                return True
            if not await fit(tables, workspace, wanted):
                raise _NotAll
            return True

        try:
            return await self._db.surely(reserve, patient=True)
        except _NotAll:
            return False

    async def _reserved(self, wanted: Wanted) -> Exception | None:
        try:
            await self._db.surely(partial(_reserve, wanted), patient=True)
        except Exception as error:
            return error
        return None

    async def _never_asked(self, workspace: str, wanted: Wanted, refusal: Exception | None) -> None:
        if refusal is None:
            await self.settle(workspace, wanted.reservation.id, NEVER_ASKED)

    async def _settle_all(self, workspace: str, asked: Sequence[tuple[str, Took]]) -> Sequence[None]:
        all_took = dict(reversed(asked))

        async def settle(tables: Tables, _: Sequence[bool]) -> bool:
            taken = [(each, all_took[each.id]) for each in await tables.budgets.take_back(workspace, list(all_took))]
            if not taken:
                return False
            links, found = await settled(tables, workspace, taken, now() + DAYS_KEPT)
            if rows := [_row(each, took) for each, took in taken if took is not NEVER_ASKED]:
                await tables.model_usage.add(workspace, rows)
            for tell in self._tell:
                await tell(tables, links, found)
            for model in {took.unpriced for _, took in taken if took.unpriced}:
                await of_price(tables, workspace, model)
            return True

        await self._db.surely(settle, patient=True)
        return [None] * len(asked)

    async def sweep(self) -> int:
        """Settle at its estimate what dead processes left; how many requests that were."""
        async with self._db.read() as tables:
            left = await tables.budgets.left(now() - LEFT_AFTER)
        for each in left:
            await self.settle(each.workspace_id, each.id, Took(prompt=each.tokens, money=each.money, measured=False))
        if left:
            log.warning("%d requests to the model were never settled; they count as estimated", len(left))
        return len(left)


def _wanted(account: Account, number: str, tokens: int, money: int) -> Wanted:
    caps = account.caps(now())
    reservation = Reservation.of(
        {
            "id": number,
            "workspace_id": account.workspace,
            "link_id": account.link_id,
            "member_id": account.member,
            "conversation_id": account.conversation,
            "turn_id": account.turn,
            "purpose": account.purpose,
            "keys": [cap.key for cap in caps],
            "tokens": tokens,
            "money": money,
        }
    )
    return Wanted(account, reservation, caps)


async def _reserve(wanted: Wanted, tables: Tables, unanswered: Sequence[bool]) -> bool:
    """For one; raises `Refused`."""
    account, reservation, whole = wanted.account, wanted.reservation, wanted.account.link
    workspace, tokens, money = account.workspace, reservation.tokens, reservation.money
    if unanswered and await tables.budgets.is_noted(reservation):
        return True
    if whole and not await tables.links.reserve(workspace, whole.key, tokens, money, whole):
        link = await tables.links.get(workspace, whole.key)
        raise refusing.full(whole.key, for_now=link is not None and _will_fit(link, whole, tokens, money))
    free = await tables.budgets.reserve(workspace, wanted.caps, tokens, money)
    if full := next((cap for cap in wanted.caps if cap.key not in free), None):
        raise await _refusal(tables, account, full, tokens, money)
    await tables.budgets.note(reservation)
    return True


def _row(reservation: Reservation, took: Took) -> ModelUsage:
    return ModelUsage.of(
        {
            "id": reservation.id,
            "workspace_id": reservation.workspace_id,
            "member_id": reservation.member_id,
            "link_id": reservation.link_id,
            "conversation_id": reservation.conversation_id,
            "turn_id": reservation.turn_id,
            "purpose": reservation.purpose,
            "model": took.model[:80],
            "prompt": took.prompt,
            "cached": took.cached,
            "output": took.output,
            "thoughts": took.thoughts,
            "money": None if took.unpriced else took.money,
            "saved": took.saved,
            "measured": took.measured,
            "brought": took.brought,
        }
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
