"""Rate limits: GCRA, one number a key, moved by one atomic statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from storage.repositories.repository import A_BATCH, Repository, by_key, given, insert_into, numbered, table_of
from storage.tables import RateLimit

SECOND = 1_000_000  # Times are whole microseconds: exact in both databases.


@dataclass(frozen=True)
class Limit:
    """``burst`` at once, then one every so many microseconds."""

    burst: int
    every_microseconds: int

    @property
    def window(self) -> int:
        return self.burst * self.every_microseconds


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    retry_after: float
    """Seconds; 0 when allowed."""
    left: int


class Rates(Repository):
    async def take(self, key: str, limit: Limit, now_us: int, cost: int = 1) -> Verdict:
        """Spend ``cost`` from the key, or leave it untouched and say how long to wait."""
        if not 0 < cost <= limit.burst:
            raise ValueError(f"cost {cost} can never pass a burst of {limit.burst}")
        step = cost * limit.every_microseconds
        rests_at = await self._session.scalar(self._spend(key, step, limit.window, now_us))
        if rests_at is not None:
            return Verdict(True, 0.0, (now_us + limit.window - rests_at) // limit.every_microseconds)
        held = await self._session.scalar(sa.select(RateLimit.rests_at).where(RateLimit.key == key))
        if held is None:  # Purged in between: nothing is held any more.
            return await self.take(key, limit, now_us, cost)
        free = now_us + limit.window - held
        return Verdict(False, (step - free) / SECOND, max(free, 0) // limit.every_microseconds)

    async def take_all(self, limits: Mapping[str, Limit], now_us: int) -> dict[str, float]:
        """Spend one from each key; the seconds to wait for each that has none left.

        Where there is one, the caller rolls back, or the others stay spent. One statement for all, its rows in one
        order everywhere: of two that wait for each other's rows PostgreSQL would end one.
        """
        rows = [
            {"key": key, "rests_at": now_us + limit.every_microseconds, "full": now_us + limit.window}
            for key, limit in limits.items()
        ]
        spend = _spend_each(len(rows), self._on_postgres)
        spent = await self._transaction.rows(spend, numbered(rows) | {"now_us": now_us})
        if not (missing := set(limits) - {key for (key,) in spent}):
            return {}
        held = await self._session.execute(
            sa.select(RateLimit.key, RateLimit.rests_at).where(RateLimit.key.in_(missing))
        )
        at = {key: rests for key, rests in held}
        return {key: _until(limits[key], at.get(key, now_us), now_us) for key in missing}

    async def give_back(self, key: str, limit: Limit, cost: int = 1) -> None:
        """As if ``cost`` had not been spent; what comes to rest by that equals an absent key."""
        change = sa.update(RateLimit).where(RateLimit.key == key)
        await self._session.execute(change.values(rests_at=RateLimit.rests_at - cost * limit.every_microseconds))

    async def forget(self, key: str) -> None:
        """As if nothing had ever been spent."""
        await self._session.execute(sa.delete(RateLimit).where(RateLimit.key == key))

    async def held(self, keys: Collection[str], now_us: int) -> dict[str, int]:
        """Until when, for each that is not at rest."""
        query = sa.select(RateLimit.key, RateLimit.rests_at).where(RateLimit.key.in_(keys), RateLimit.rests_at > now_us)
        return {key: rests_at for key, rests_at in await self._session.execute(query)}

    async def hold(self, key: str, until_us: int) -> None:
        """One that is held, for longer; never for less."""
        later = sa.update(RateLimit).where(RateLimit.key == key, RateLimit.rests_at < until_us)
        await self._session.execute(later.values(rests_at=until_us))

    async def purge(self, now_us: int, most: int = A_BATCH) -> int:
        """A key at rest equals an absent one, so this is safe at any time."""
        return await self._purged(RateLimit, most, RateLimit.rests_at <= now_us)

    def _spend(self, key: str, step: int, window: int, now_us: int) -> ReturningInsert[int]:
        # CASE rather than max() or greatest(): the two databases name that function differently.
        since = sa.case((RateLimit.rests_at > now_us, RateLimit.rests_at), else_=now_us)
        return (
            self._insert(RateLimit)
            .values(key=key, rests_at=now_us + step)
            .on_conflict_do_update(
                index_elements=["key"], set_={"rests_at": since + step}, where=since + step <= now_us + window
            )
            .returning(RateLimit.rests_at)
        )


@cache
def _spend_each(count: int, on_postgres: bool) -> sa.Executable:
    table, now_us = table_of(RateLimit).c, sa.bindparam("now_us", type_=sa.BigInteger)
    rows = given(count, table.key, table.rests_at)
    insert = insert_into(table_of(RateLimit), on_postgres).from_select(["key", "rests_at"], rows)
    since = sa.case((table.rests_at > now_us, table.rests_at), else_=now_us)
    rests_at = since + insert.excluded.rests_at - now_us
    full = by_key(table.key, count, "full")
    return insert.on_conflict_do_update(
        index_elements=["key"], set_={"rests_at": rests_at}, where=rests_at <= full
    ).returning(table.key)


def _until(limit: Limit, rests_at: int, now_us: int) -> float:
    return max(0, rests_at + limit.every_microseconds - limit.window - now_us) / SECOND
