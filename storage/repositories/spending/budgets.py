"""What may be spent, and by whom: set aside by one statement, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import (
    A_BATCH,
    Repository,
    made,
    numbered,
    table_of,
    values_of,
)
from storage.repositories.spending import changing
from storage.repositories.spending.changing import whole_number
from storage.tables import Budget, Reservation, SpendingLimit

_OF = table_of(Budget).c
_LIMIT = table_of(SpendingLimit).c
_KEPT = table_of(Reservation)
_NOTE = sa.insert(_KEPT)
_TAKE_BACK = (
    sa.delete(_KEPT)
    .where(_KEPT.c.workspace_id == sa.bindparam("workspace"), _KEPT.c.id.in_(sa.bindparam("those", expanding=True)))
    .returning(*_KEPT.c)
)
_TAKE_BACK_ONE = (
    sa.delete(_KEPT)
    .where(_KEPT.c.workspace_id == sa.bindparam("workspace"), _KEPT.c.id == sa.bindparam("that"))
    .returning(*_KEPT.c)
)
_LIMITS = sa.select(*_LIMIT).where(_LIMIT.workspace_id == sa.bindparam("workspace"))


@dataclass(frozen=True)
class Cap:
    """How far one budget goes; money in millionths of a US dollar."""

    key: str
    tokens: int
    money: int
    kept_until: datetime
    whose: Sequence[str] = ()
    """Whose limit holds besides, by name: the first that has one. It is looked up where it is taken from."""

    def within(self, limit: int | None) -> "Cap":
        return self if limit is None else replace(self, money=min(self.money, limit))


@dataclass(frozen=True)
class Amount:
    """By how much one budget changes; ``back`` is of what was set aside in it."""

    key: str
    kept_until: datetime
    tokens_spent: int = 0
    tokens_reserved: int = 0
    money_spent: int = 0
    money_reserved: int = 0
    tokens_back: int = 0
    money_back: int = 0


@dataclass(frozen=True)
class Need:
    """What something may cost, and the budgets it is paid from."""

    caps: Sequence[Cap]
    tokens: int
    money: int

    @property
    def parameters(self) -> dict[str, Any]:
        """For `lacking`."""
        rows = [
            {"key": cap.key, "tokens": cap.tokens - self.tokens, "money": cap.money - self.money} for cap in self.caps
        ]
        return numbered(rows)


def lacking(workspace: sa.ColumnElement[str], count: int) -> sa.ColumnElement[bool]:
    """Whether one of so many budgets has no room for what is needed; one that nothing was spent of has."""
    spent, cost = _OF.tokens_spent + _OF.tokens_reserved, _OF.money_spent + _OF.money_reserved
    rows = [
        (_OF.key == sa.bindparam(f"key_{number}"))
        & ((spent > whole_number(f"tokens_{number}")) | (cost > whole_number(f"money_{number}")))
        for number in range(count)
    ]
    return sa.exists().where(_OF.workspace_id == workspace, sa.or_(*rows))


class Budgets(Repository):
    async def of(self, workspace: str, keys: Sequence[str]) -> dict[str, Budget]:
        """Those that anything was spent of or set aside in."""
        query = sa.select(Budget).where(Budget.workspace_id == workspace, Budget.key.in_(keys))
        return {each.key: each for each in await self._rows(query)}

    async def reserve(self, workspace: str, caps: Sequence[Cap], tokens: int, money: int) -> set[str]:
        """The keys in which there was room; where one is missing, the caller rolls back."""
        fitting = [cap for cap in caps if tokens <= cap.tokens and money <= cap.money]
        if not fitting:
            return set()
        rows = [
            {"key": cap.key, "kept_until": cap.kept_until, "tokens": cap.tokens, "money": cap.money, **_names(cap)}
            for cap in fitting
        ]
        all_rows = {"workspace_id": workspace, "tokens_reserved": tokens, "money_reserved": money, "none": 0}
        taken = changing.reserved(len(rows), self._on_postgres)
        return {key for (key,) in await self._transaction.rows(taken, numbered(rows) | all_rows)}

    async def note(self, reservation: Reservation) -> None:
        await self._transaction.add(_NOTE, [values_of(reservation)])

    async def note_all(self, workspace: str, reservations: Sequence[Reservation]) -> None:
        """All are of this workspace."""
        await self._transaction.add(_NOTE, [values_of(each) | {"workspace_id": workspace} for each in reservations])

    async def is_noted(self, reservation: Reservation) -> bool:
        """And not settled yet."""
        query = sa.select(_KEPT.c.id).where(_KEPT.c.id == reservation.id)
        return await self._session.scalar(query) is not None

    async def take_back(self, workspace: str, those: Sequence[str]) -> list[Reservation]:
        """To be settled by whoever gets them; one that was settled before is not among them."""
        if len(those) == 1:
            one = {"workspace": workspace, "that": those[0]}
            return [made(Reservation, row) for row in await self._transaction.rows(_TAKE_BACK_ONE, one)]
        found = await self._session.execute(_TAKE_BACK, {"workspace": workspace, "those": list(those)})
        return [Reservation(**each) for each in found.mappings()]

    async def add_up(self, workspace: str, amounts: Sequence[Amount]) -> dict[str, Budget]:
        """Each changed by its own amount, however far it may go; the budgets as they stand then."""
        rows = [vars(each) | {"workspace_id": workspace} for each in sorted(amounts, key=lambda each: each.key)]
        await self._session.execute(changing.added(self._on_postgres), rows)
        return await self.of(workspace, [each.key for each in amounts])

    async def settle(
        self, reservation: Reservation, tokens: int, money: int, kept_until: datetime
    ) -> dict[str, Budget]:
        """Put what was really spent in the place of what was set aside; the budgets as they stand then."""
        rows = [{"key": key, "kept_until": kept_until} for key in reservation.keys]
        all_rows = {
            "workspace_id": reservation.workspace_id,
            "tokens_spent": tokens,
            "money_spent": money,
            "tokens_back": reservation.tokens,
            "money_back": reservation.money,
            "none": 0,
        }
        settled = changing.settled(len(rows), self._on_postgres)
        found = await self._transaction.rows(settled, numbered(rows) | all_rows)
        return {each.key: each for each in (made(Budget, row) for row in found)}

    async def left(self, before: datetime, limit: int = 100) -> list[Reservation]:
        """Made before that time and never settled: their process died."""
        query = sa.select(Reservation).where(Reservation.made_at < before)
        return await self._rows(query.order_by(Reservation.made_at).limit(limit))

    async def limits(self, workspace: str) -> dict[str, SpendingLimit]:
        """All that are set, by whom they are of."""
        found = await self._transaction.rows(_LIMITS, {"workspace": workspace})
        return {each.whose: each for each in (made(SpendingLimit, row) for row in found)}

    async def set_limit(self, workspace: str, whose: str, **values: Any) -> None:
        """``money`` of a month, ``asks_from`` of a call; None lifts it."""
        insert = self._insert(SpendingLimit).values(workspace_id=workspace, whose=whose, **values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=["workspace_id", "whose"], set_=values))

    async def purge(self, now: datetime, most: int = A_BATCH) -> int:
        return await self._purged(Budget, most, Budget.kept_until < now)


def _names(cap: Cap) -> dict[str, str]:
    first, then, *_ = (*cap.whose, "", "")
    return {"first": first, "then": then}
