"""What is told to end ends, whatever its clean-up meets: taken for trouble, that would make it go on."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from bot.running.leases import kept_up
from bot.running.turns.worker import Worker
from playground.gemini import Break, Reply, text
from tests.services.house import House
from tests.support.ending import ended
from tests.support.gemini import Scripted

Work = Callable[[], Coroutine[Any, Any, None]]
SOON = 30.0


async def _breaks_in_its_clean_up() -> None:
    try:
        await asyncio.sleep(SOON)
    finally:
        raise OSError


async def _takes_no_notice() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(SOON)


@pytest.mark.parametrize("work", [_breaks_in_its_clean_up, _takes_no_notice])
async def test_work_that_is_kept_up_ends_with_its_process_whatever_its_clean_up_meets(work: Work) -> None:
    task = asyncio.create_task(kept_up(work, "work"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=SOON)
    assert task.cancelled()


@pytest.mark.parametrize("work", [_breaks_in_its_clean_up, _takes_no_notice])
async def test_a_turn_is_given_back_at_once_whatever_the_clean_up_of_its_face_meets(
    house: House, gemini: Scripted, work: Work
) -> None:
    """Or it would go on in a process that ends, and the next one wait for its lease."""
    shows = asyncio.Event()

    async def show(*_: object) -> None:
        shows.set()
        await work()

    gemini.script(Reply([[text("Half")], [Break.HOLD]]))
    worker = Worker(house.db, house.bus, house.chats, {"slack": show}, owner="one")
    running = asyncio.create_task(worker.run())
    await house.say("hello")
    async with asyncio.timeout(SOON):
        await shows.wait()
    await worker.close(0)
    await ended(running)
    [turn] = await house.turns()
    assert (turn.status, turn.lease_until) in (("queued", None), ("running", None)), turn.status
