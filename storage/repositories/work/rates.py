"""Rate limits: GCRA, one number a key, moved by one atomic statement."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from storage.repositories.repository import Repository
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

    async def give_back(self, key: str, limit: Limit, cost: int = 1) -> None:
        """As if ``cost`` had not been spent; what comes to rest by that equals an absent key."""
        change = sa.update(RateLimit).where(RateLimit.key == key)
        await self._session.execute(change.values(rests_at=RateLimit.rests_at - cost * limit.every_microseconds))

    async def purge(self, now_us: int) -> int:
        """A key at rest equals an absent one, so this is safe at any time."""
        return await self._count(sa.delete(RateLimit).where(RateLimit.rests_at <= now_us))

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
