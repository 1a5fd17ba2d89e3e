"""What may be spent, and by whom: set aside by one statement, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import (
    Insert,
    Repository,
    by_key,
    given,
    insert_into,
    numbered,
    table_of,
    values_of,
)
from storage.tables import Budget, Reservation

_OF = table_of(Budget).c
_KEPT = table_of(Reservation)
_NOTE = sa.insert(_KEPT)
_TAKE_BACK = sa.delete(_KEPT).where(_KEPT.c.id == sa.bindparam("reservation")).returning(*_KEPT.c)
_COUNTS = ("tokens_spent", "tokens_reserved", "money_spent", "money_reserved")


@dataclass(frozen=True)
class Cap:
    """How far one budget goes; money in millionths of a US dollar."""

    key: str
    tokens: int
    money: int
    kept_until: datetime


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
            {"key": cap.key, "kept_until": cap.kept_until, "tokens": cap.tokens, "money": cap.money} for cap in fitting
        ]
        all_rows = {"workspace_id": workspace, "tokens_reserved": tokens, "money_reserved": money, "none": 0}
        taken = _reserved(len(rows), self._on_postgres)
        return set(await self._session.scalars(taken, numbered(rows) | all_rows))

    async def note(self, reservation: Reservation) -> None:
        await self._session.execute(_NOTE, values_of(reservation))

    async def take_back(self, reservation_id: str) -> Reservation | None:
        """To be settled by whoever gets it; None when it was settled before."""
        found = (await self._session.execute(_TAKE_BACK, {"reservation": reservation_id})).one_or_none()
        return Reservation(**found._mapping) if found else None

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
        found = await self._session.execute(settled, numbered(rows) | all_rows)
        return {each.key: Budget(**each) for each in found.mappings()}

    async def left(self, before: datetime, limit: int = 100) -> list[Reservation]:
        """Made before that time and never settled: their process died."""
        query = sa.select(Reservation).where(Reservation.made_at < before)
        return await self._rows(query.order_by(Reservation.made_at).limit(limit))

    async def purge(self, now: datetime) -> int:
        return await self._count(sa.delete(Budget).where(Budget.kept_until < now))


@cache
def _reserved(count: int, on_postgres: bool) -> sa.Executable:
    """For `given` rows of ``key``, ``kept_until``, and the caps ``tokens`` and ``money``."""
    insert = _new(count, on_postgres, "tokens_reserved", "money_reserved")
    tokens, money = insert.excluded.tokens_reserved, insert.excluded.money_reserved
    free = (
        _OF.tokens_spent + _OF.tokens_reserved + tokens <= by_key(_OF.key, count, "tokens"),
        _OF.money_spent + _OF.money_reserved + money <= by_key(_OF.key, count, "money"),
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


def _new(count: int, on_postgres: bool, *counts: str) -> Insert:
    """One order everywhere, or of two that wait for each other's rows PostgreSQL would end one."""
    rows = given(count, _OF.key, _OF.kept_until).subquery("rows")
    values = {
        "workspace_id": sa.bindparam("workspace_id", type_=_OF.workspace_id.type),
        "key": rows.c.key,
        "kept_until": rows.c.kept_until,
        **{name: _number(name if name in counts else "none") for name in _COUNTS},
    }
    chosen = sa.select(*(value.label(name) for name, value in values.items())).order_by(rows.c.key)
    return insert_into(table_of(Budget), on_postgres).from_select(list(values), chosen)
