"""What may be spent, and by whom: set aside by one statement, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import (
    A_BATCH,
    Insert,
    Repository,
    by_key,
    given,
    insert_into,
    made,
    numbered,
    table_of,
    values_of,
)
from storage.tables import Budget, Reservation, SpendingLimit

UNLIMITED = 2**62
_OF = table_of(Budget).c
_LIMIT = table_of(SpendingLimit).c
_KEY_HERE: sa.ColumnElement[str] = sa.literal_column("budgets.key", sa.String)
"""Of the row in conflict: SQLAlchemy would select it once more, from all rows, in what is looked up for it."""
_KEPT = table_of(Reservation)
_NOTE = sa.insert(_KEPT)
_TAKE_BACK = sa.delete(_KEPT).where(_KEPT.c.id == sa.bindparam("reservation")).returning(*_KEPT.c)
_LIMITS = sa.select(*_LIMIT).where(_LIMIT.workspace_id == sa.bindparam("workspace"))
_COUNTS = ("tokens_spent", "tokens_reserved", "money_spent", "money_reserved")


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
        & ((spent > _number(f"tokens_{number}")) | (cost > _number(f"money_{number}")))
        for number in range(count)
    ]
    return sa.exists().where(_OF.workspace_id == workspace, sa.or_(*rows))


def _number(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger)


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
        taken = _reserved(len(rows), self._on_postgres)
        return {key for (key,) in await self._transaction.rows(taken, numbered(rows) | all_rows)}

    async def note(self, reservation: Reservation) -> None:
        await self._transaction.add(_NOTE, [values_of(reservation)])

    async def is_noted(self, reservation: Reservation) -> bool:
        """And not settled yet."""
        query = sa.select(_KEPT.c.id).where(_KEPT.c.id == reservation.id)
        return await self._session.scalar(query) is not None

    async def take_back(self, reservation_id: str) -> Reservation | None:
        """To be settled by whoever gets it; None when it was settled before."""
        found = await self._transaction.first(_TAKE_BACK, {"reservation": reservation_id})
        return made(Reservation, found) if found else None

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
        settled = _settled(len(rows), self._on_postgres)
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


@cache
def _reserved(count: int, on_postgres: bool) -> sa.Executable:
    """For `given` rows of ``key``, ``kept_until``, the caps ``tokens`` and ``money``, and whose limits hold."""
    insert = _new(count, on_postgres, "tokens_reserved", "money_reserved", limited=True)
    tokens, money = insert.excluded.tokens_reserved, insert.excluded.money_reserved
    cost = _OF.money_spent + _OF.money_reserved + money
    free = (
        _OF.tokens_spent + _OF.tokens_reserved + tokens <= by_key(_OF.key, count, "tokens"),
        cost <= by_key(_OF.key, count, "money"),
        cost <= _limit(_KEY_HERE, count),
    )
    taken = insert.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        set_={
            "tokens_reserved": _OF.tokens_reserved + tokens,
            "money_reserved": _OF.money_reserved + money,
            "kept_until": insert.excluded.kept_until,
        },
        where=sa.and_(*free),
    )
    return taken.returning(_OF.key)


@cache
def _settled(count: int, on_postgres: bool) -> sa.Executable:
    """For `given` rows of ``key`` and ``kept_until``."""
    insert = _new(count, on_postgres, "tokens_spent", "money_spent")
    settled = insert.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        set_={
            "tokens_spent": _OF.tokens_spent + insert.excluded.tokens_spent,
            "money_spent": _OF.money_spent + insert.excluded.money_spent,
            "tokens_reserved": _OF.tokens_reserved - _number("tokens_back"),
            "money_reserved": _OF.money_reserved - _number("money_back"),
        },
    )
    return settled.returning(*_OF)


def _names(cap: Cap) -> dict[str, str]:
    first, then, *_ = (*cap.whose, "", "")
    return {"first": first, "then": then}


def _limit(key: sa.ColumnElement[str], count: int) -> sa.ColumnElement[int]:
    """That holds besides its cap for the row with this column ``key``; nobody's is no limit."""
    found = [
        sa.select(_LIMIT.money)
        .where(_LIMIT.workspace_id == sa.bindparam("workspace_id"), _LIMIT.whose == _whose(key, count, name))
        .scalar_subquery()
        for name in ("first", "then")
    ]
    return sa.func.coalesce(*found, sa.literal(UNLIMITED, sa.BigInteger))


def _whose(key: sa.ColumnElement[str], count: int, name: str) -> sa.ColumnElement[str]:
    each = [
        (key == sa.bindparam(f"key_{number}"), sa.bindparam(f"{name}_{number}", type_=sa.String))
        for number in range(count)
    ]
    return sa.case(*each)


def _new(count: int, on_postgres: bool, *counts: str, limited: bool = False) -> Insert:
    """One order everywhere, or of two that wait for each other's rows PostgreSQL would end one."""
    rows = given(count, _OF.key, _OF.kept_until).subquery("rows")
    values = {
        "workspace_id": sa.bindparam("workspace_id", type_=_OF.workspace_id.type),
        "key": rows.c.key,
        "kept_until": rows.c.kept_until,
        **{name: _number(name if name in counts else "none") for name in _COUNTS},
    }
    chosen = sa.select(*(value.label(name) for name, value in values.items())).order_by(rows.c.key)
    if limited:  # the first of a period, too
        chosen = chosen.where(_number("money_reserved") <= _limit(rows.c.key, count))
    return insert_into(table_of(Budget), on_postgres).from_select(list(values), chosen)
