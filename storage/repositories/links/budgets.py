"""What may be spent, and by whom: set aside by one statement, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Budget, Reservation

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

    def lacking(self, workspace: str) -> sa.ColumnElement[bool]:
        """Whether one of them has no room for it; one that nothing was spent of is not looked at."""
        spent, cost = Budget.tokens_spent + Budget.tokens_reserved, Budget.money_spent + Budget.money_reserved
        full = [
            sa.and_(Budget.key == cap.key, sa.or_(spent + self.tokens > cap.tokens, cost + self.money > cap.money))
            for cap in self.caps
        ]
        return sa.exists().where(Budget.workspace_id == workspace, sa.or_(sa.false(), *full))


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
        insert = self._insert(Budget).values(
            # One order everywhere: of two that wait for each other's rows PostgreSQL would end one.
            [
                _row(workspace, cap.key, cap.kept_until, tokens_reserved=tokens, money_reserved=money)
                for cap in sorted(fitting, key=lambda cap: cap.key)
            ]
        )
        free = [
            Budget.tokens_spent + Budget.tokens_reserved + tokens <= _by_key({cap.key: cap.tokens for cap in fitting}),
            Budget.money_spent + Budget.money_reserved + money <= _by_key({cap.key: cap.money for cap in fitting}),
        ]
        taken = insert.on_conflict_do_update(
            index_elements=["workspace_id", "key"],
            set_={
                "tokens_reserved": Budget.tokens_reserved + tokens,
                "money_reserved": Budget.money_reserved + money,
                "kept_until": insert.excluded.kept_until,
            },
            where=sa.and_(*free),
        )
        return set(await self._session.scalars(taken.returning(Budget.key)))

    async def note(self, reservation: Reservation) -> None:
        await self._session.execute(
            sa.insert(Reservation).values(
                id=reservation.id,
                workspace_id=reservation.workspace_id,
                link_id=reservation.link_id,
                keys=reservation.keys,
                tokens=reservation.tokens,
                money=reservation.money,
            )
        )

    async def take_back(self, reservation_id: str) -> Reservation | None:
        """To be settled by whoever gets it; None when it was settled before."""
        gone = sa.delete(Reservation).where(Reservation.id == reservation_id).returning(Reservation)
        return await self._session.scalar(gone)

    async def settle(
        self, reservation: Reservation, tokens: int, money: int, kept_until: datetime
    ) -> dict[str, Budget]:
        """Put what was really spent in the place of what was set aside; the budgets as they stand then."""
        insert = self._insert(Budget).values(
            [
                _row(reservation.workspace_id, key, kept_until, tokens_spent=tokens, money_spent=money)
                for key in sorted(reservation.keys)
            ]
        )
        settled = insert.on_conflict_do_update(
            index_elements=["workspace_id", "key"],
            set_={
                "tokens_spent": Budget.tokens_spent + tokens,
                "money_spent": Budget.money_spent + money,
                "tokens_reserved": Budget.tokens_reserved - reservation.tokens,
                "money_reserved": Budget.money_reserved - reservation.money,
            },
        )
        found = await self._session.scalars(settled.returning(Budget))
        return {each.key: each for each in found}

    async def left(self, before: datetime, limit: int = 100) -> list[Reservation]:
        """Made before that time and never settled: their process died."""
        query = sa.select(Reservation).where(Reservation.made_at < before)
        return await self._rows(query.order_by(Reservation.made_at).limit(limit))

    async def purge(self, now: datetime) -> int:
        return await self._count(sa.delete(Budget).where(Budget.kept_until < now))


def _row(workspace: str, key: str, kept_until: datetime, **counts: int) -> dict[str, object]:
    return {"workspace_id": workspace, "key": key, "kept_until": kept_until, **dict.fromkeys(_COUNTS, 0), **counts}


def _by_key(caps: dict[str, int]) -> sa.ColumnElement[int]:
    return sa.case({key: sa.literal(most, sa.BigInteger) for key, most in caps.items()}, value=Budget.key)
