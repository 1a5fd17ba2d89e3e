import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from storage.bus import postgres
from storage.bus.bus import Bus, LocalBus, open_bus
from storage.bus.postgres import PostgresBus
from storage.bus.topics import KEPT
from storage.database import Database

SOON = 60.0  # a bell that does not ring fails the test after this
LISTENER = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'usher bus'"


@pytest.fixture
async def buses(db: Database) -> AsyncIterator[tuple[Bus, Bus]]:
    """Where one process tells and another follows; with SQLite they are the same."""
    async with open_bus(db) as teller:
        if not db.is_postgres:
            yield teller, teller
            return
        async with open_bus(db) as far:
            yield teller, far


@pytest.fixture
async def bus(buses: tuple[Bus, Bus]) -> Bus:
    return buses[1]


async def test_whoever_follows_a_topic_hears_of_it_in_every_process(buses: tuple[Bus, Bus]) -> None:
    teller, far = buses
    with teller.follow("chat-1") as near_bell, far.follow("chat-1") as far_bell:
        await teller.tell("chat-1")
        assert await near_bell.wait(SOON)
        assert await far_bell.wait(SOON)


async def test_other_topics_are_not_heard(bus: Bus) -> None:
    with bus.follow("chat-1") as one, bus.follow("chat-2") as two:
        await bus.tell("chat-2")
        assert await two.wait(SOON)
        assert not await one.wait(0)


async def test_many_nudges_before_a_look_are_one(buses: tuple[Bus, Bus]) -> None:
    teller, far = buses
    with far.follow("chat-1") as bell, far.follow("last") as last:
        for _ in range(50):
            await teller.tell("chat-1")
        await teller.tell("last")  # nudges arrive in the order in which they were told
        assert await last.wait(SOON)
        assert await bell.wait(0)
        assert not await bell.wait(0)


async def test_a_nudge_between_two_waits_is_not_lost(buses: tuple[Bus, Bus]) -> None:
    teller, far = buses
    with far.follow("chat-1") as bell, far.follow("last") as last:
        await teller.tell("chat-1")
        await teller.tell("last")
        assert await last.wait(SOON)
        assert await bell.wait(0)


async def test_payloads_arrive_in_their_order_and_none_is_taken_for_another(buses: tuple[Bus, Bus]) -> None:
    teller, far = buses
    told = ["the ", "the ", "line\nbreak", "Grüße \N{DOG}", "the "]
    with far.follow("chat-1") as bell, far.follow("last") as last:
        for payload in told:
            await teller.tell("chat-1", payload)
        await teller.tell("last")
        assert await last.wait(SOON)
        assert bell.take() == told
        assert bell.take() == []


async def test_the_teller_hears_its_own_payload_once(buses: tuple[Bus, Bus]) -> None:
    teller, far = buses
    with teller.follow("chat-1") as bell, far.follow("last") as last, teller.follow("last") as own_last:
        await teller.tell("chat-1", "once")
        await teller.tell("last")
        assert await last.wait(SOON) and await own_last.wait(SOON)
        await far.tell("last")
        assert await own_last.wait(SOON)  # what was told earlier has come round by now
        assert bell.take() == ["once"]


async def test_a_follower_that_does_not_listen_is_told_that_it_missed_something() -> None:
    bus = LocalBus()
    with bus.follow("chat-1") as bell:
        for number in range(KEPT + 1):
            await bus.tell("chat-1", str(number))
        assert bell.missed
        assert bell.take() == [str(KEPT)]
        assert not bell.missed


async def test_news_among_running_text_is_told_apart_from_it() -> None:
    bus = LocalBus()
    with bus.follow("chat-1") as bell:
        await bus.tell("chat-1", "running ")
        assert not bell.news
        await bus.tell("chat-1")
        await bus.tell("chat-1", "text")
        assert bell.news
        assert bell.take() == ["running ", "text"]
        assert not bell.news


async def test_nothing_is_kept_of_a_follower_that_left(bus: LocalBus) -> None:
    with bus.follow("chat-1"), bus.follow("chat-1"):
        pass
    assert not bus._bells


@pytest.mark.parametrize(("topic", "payload"), [("", ""), ("x" * 201, ""), ("two\nlines", ""), ("chat-1", "ü" * 3500)])
async def test_what_no_database_could_carry_is_refused(bus: Bus, topic: str, payload: str) -> None:
    with pytest.raises(ValueError):
        await bus.tell(topic, payload)


async def test_the_longest_payload_and_hostile_text_get_through(buses: tuple[Bus, Bus]) -> None:
    teller, far = buses
    with far.follow("x" * 200) as bell, far.follow("last") as last:
        await teller.tell("x" * 200, "y" * 6999)
        await teller.tell("x" * 200, "no\0thing")
        await teller.tell("last")
        assert await last.wait(SOON)
        assert [len(payload) for payload in bell.take()] == [6999, 8]


async def test_after_an_interruption_every_follower_looks_again(
    postgres_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bus(postgres_db) as bus, open_bus(postgres_db) as other:
        with bus.follow("chat-1") as bell, bus.follow("chat-2") as second:
            async with postgres_db.begin() as tables:
                await tables.session.execute(sa.text(f"SELECT pg_terminate_backend(pid) {LISTENER}"))
            assert await bell.wait(SOON) and await second.wait(SOON)
            assert bell.missed
            # It was interrupted too: what it tells on its way back may be lost, what it tells then is not.
            async with asyncio.timeout(SOON):
                await other.tell("chat-1")
                while not await bell.wait(0.2):
                    await other.tell("chat-1")


async def test_a_connection_that_died_in_silence_is_found_out(postgres_db: Database) -> None:
    async with PostgresBus(postgres_db.engine, ask_every=0.01, patience=0.5).listening() as bus:
        with bus.follow("chat-1") as bell:
            backend = await the_listener(postgres_db)
            os.kill(backend, signal.SIGSTOP)
            try:
                assert await bell.wait(SOON)
                assert bell.missed
            finally:
                os.kill(backend, signal.SIGCONT)


async def the_listener(db: Database) -> int:
    """The one process that listens: a bus that had to wait for too long may be about to take another."""
    async with asyncio.timeout(SOON):
        while True:
            async with db.read() as tables:
                found = list(await tables.session.scalars(sa.text(f"SELECT pid {LISTENER}")))
            if len(found) == 1:
                return int(found[0])


async def test_what_was_told_last_is_still_sent_when_the_bus_closes(postgres_db: Database) -> None:
    async with open_bus(postgres_db) as far:
        with far.follow("chat-1") as bell:
            async with open_bus(postgres_db) as closing:
                await closing.tell("chat-1", "bye")
            assert await bell.wait(SOON)
            assert bell.take() == ["bye"]


async def test_a_nudge_that_could_not_be_sent_is_kept_and_running_text_is_not(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "AGAIN_AFTER", 0.0)
    refused = [0]

    async with open_bus(postgres_db) as far, open_bus(postgres_db) as bus:
        notify = PostgresBus._notify

        async def away(self: PostgresBus, told: list[str]) -> None:
            refused[0] += 1
            if refused[0] < 3:
                raise OSError("away")
            await notify(self, told)

        with far.follow("chat-1") as bell, monkeypatch.context() as patch:
            patch.setattr(PostgresBus, "_notify", away)
            await bus.tell("chat-1", "old words")
            await bus.tell("chat-1")
            assert await bell.wait(SOON)
            assert bell.take() == [] and refused == [3]
