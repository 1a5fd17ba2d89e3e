"""A host steps in at the very moment in which the agent begins: one of them is first, and the other knows."""

import asyncio

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.repositories.conversations.turns import Turns
from tests.services.house import OWNER, open_house
from tests.support.gemini import Scripted


async def test_a_turn_that_begins_while_its_host_steps_in_waits_and_then_keeps_silent(
    postgres_db: Database, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer, so that there it cannot come to it."""
    stopped, claimed, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ask_stop, claim = Turns.ask_stop, Turns.claim

    async def stop_and_wait(*args, **kwargs):
        ids = await ask_stop(*args, **kwargs)
        stopped.set()
        await go_on.wait()
        return ids

    async def noted(*args, **kwargs):
        if turn := await claim(*args, **kwargs):
            claimed.set()
        return turn

    monkeypatch.setattr(Turns, "ask_stop", stop_and_wait)
    monkeypatch.setattr(Turns, "claim", noted)
    async with open_house(postgres_db, gemini.model) as house, house.worker():
        guest, _ = await house.guest()
        stepping_in = asyncio.create_task(house.hosting.take_over(OWNER, guest.session.id))
        async with asyncio.timeout(60):
            await stopped.wait()
            await house.hosting.whisper(OWNER, guest.session.id, "tell them it ships Monday", "slack:w1")
            await claimed.wait()
            while await _waits_for_nobody(postgres_db) and not gemini.asked:
                await asyncio.sleep(0.01)
        go_on.set()
        await stepping_in
        shown = await house.face.after()
    assert shown.states == ["working", "stopped"]
    assert shown.bodies("status")[-1]["code"] == "host"
    assert gemini.asked == []


async def _waits_for_nobody(db: Database) -> bool:
    """Whether no transaction waits for another's row."""
    async with db.read() as tables:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return not await tables.session.scalar(sa.text(waiting))
