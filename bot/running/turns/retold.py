"""What a face is given of a turn: as it comes, or again from what is stored."""

from collections.abc import AsyncIterator, Sequence

from bot.services.chats import Told


async def each(told: AsyncIterator[Told]) -> AsyncIterator[Told]:
    """So that a face which closes what it was given does not end the turn."""
    async for one in told:
        yield one


async def again(stored: Sequence[Told]) -> AsyncIterator[Told]:
    for one in stored:
        yield one
