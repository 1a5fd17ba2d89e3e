"""What a store outside of the database has to do. It sees sealed secrets alone, under names that say nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

WITHIN = 15.0
"""Seconds for one question to a store."""
LARGEST = 64 << 10
"""Of what one secret may be in either cloud."""


class StoreAway(Exception):
    """The store does not answer, or refuses. The text is for administrators: what happened, and the cure."""


class OutsideStore(Protocol):
    """Each method raises `StoreAway`; ``place`` is a name of letters and digits that was never used before."""

    async def put(self, place: str, value: bytes) -> None:
        """Done once more, as after an answer that was lost, it does no harm."""

    async def get(self, place: str) -> bytes | None:
        """None when nothing is there."""

    async def delete(self, place: str) -> None:
        """For good, and not only marked as deleted; nothing being there is well."""

    async def close(self) -> None:
        """It is not asked again."""


def fits(store: str, value: bytes) -> None:
    """Raises `StoreAway` for what a cloud would refuse in words that say less."""
    if len(value) > LARGEST:
        told = f"{store} takes no secret of more than {LARGEST >> 10} KiB, and this one has {len(value) >> 10}"
        raise StoreAway(f"{told}: keep it elsewhere, or have a shorter one entered.")


@asynccontextmanager
async def in_time(store: str) -> AsyncIterator[None]:
    """One that hangs is one that is away."""
    try:
        async with asyncio.timeout(WITHIN):
            yield
    except TimeoutError as error:
        raise StoreAway(f"{store} did not answer within {WITHIN:.0f} s: check the network.") from error
