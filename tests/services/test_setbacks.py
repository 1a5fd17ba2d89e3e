"""What goes wrong around a turn: a database that is away, a lapsed lease, a stop before the start, a late click."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bot.running.turns import worker
from bot.running.turns.worker import Worker
from bot.services.chats import Told
from bot.services.chats.opening import opened
from bot.services.chats.values import Lost
from storage.database import Database
from storage.repositories.conversations.among import Due
from storage.repositories.conversations.turns import Turns
from storage.schema import now
from storage.tables import Conversation, Event, Turn
from tests.services.house import OWNER, PLACE, House, allow, kill, open_house
from tests.services.test_approvals import paused
from tests.services.test_turns import HELD, asked
from tests.services.workshop import Workshop
from tests.support.ending import ended
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.postgres import Postgres

ELSEWHERE = type(PLACE)("D1", "2.0", "T1", private=True)


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in caplog.text:
            await asyncio.sleep(0.01)


async def test_a_database_that_is_away_for_a_while_ends_no_turn(
    postgres: Postgres,
    postgres_db: Database,
    gemini: Scripted,
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(worker, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.05)
    name = postgres_db.engine.url.database
    async with open_house(postgres_db, gemini.model) as house:
        await allow(house, await house.connect(workshop.url), "build", "always")
        workshop.held = True
        gemini.will_call(("shop__build", {"thing": "a boat"}))
        gemini.will_say("Built.")
        async with house.worker():
            await house.say("build a boat")
            await workshop.building.wait()
            with caplog.at_level(logging.WARNING):
                await asyncio.to_thread(postgres.psql, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
                await asyncio.to_thread(postgres.psql, ended)
                for words in ("could not renew", "could not look for turns"):
                    await logged(caplog, words)
            await asyncio.to_thread(postgres.psql, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            workshop.release()
            shown = await house.face.after()
    assert (shown.states, shown.text, shown.turn.attempts) == (["working", "done"], "Built.", 1)


@on_each_engine
async def test_a_turn_that_is_still_run_here_is_not_taken_again(house: House, gemini: Scripted) -> None:
    gemini.script(HELD)
    async with house.worker():
        await house.say("hello")
        await asked(gemini)
        await kill(house)  # the lease lapses, as while a laptop sleeps, but the process lives
        gemini.will_say("Hello.")
        await house.say("and hello", "slack:2", ELSEWHERE)
        await house.face.after()
        first, second = await house.turns()
    assert (first.attempts, second.attempts) == (1, 1)


@on_each_engine
async def test_a_stop_that_comes_before_the_turn_begins_asks_no_model_and_runs_no_call(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker("one"):
        shown, approval_id = await paused(house, gemini, workshop)
        await house.told()
    await house.chats.decide(OWNER, approval_id, "approve")
    assert await house.chats.stop("T1", shown.turn.conversation_id)
    async with house.worker("two"):
        stopped = await house.face.after(2)
    assert (stopped.states[-1], workshop.built, len(gemini.asked)) == ("stopped", [], 1)


@on_each_engine
async def test_stop_said_twice_is_still_a_stop(house: House, gemini: Scripted) -> None:
    said = await house.say("hello")
    assert await house.chats.stop("T1", said.conversation_id)
    assert await house.chats.stop("T1", said.conversation_id)


@on_each_engine
async def test_an_approved_call_runs_before_what_was_said_meanwhile(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    """Both waited while the process was busy: the message that came first must not undo the click."""
    await house.connect(workshop.url)
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    gemini.will_say("Built.")
    gemini.will_say("Hello.")
    await house.say("build a boat", "slack:1")
    await house.say("hello", "slack:2")
    seen: list[str] = []
    done = asyncio.Event()

    async def face(turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        heard = 0
        async for each in told:
            heard += 1
            if isinstance(each, Event) and each.kind == "approval" and each.body["state"] == "asked":
                await house.chats.decide(OWNER, each.body["id"], "approve")
        if heard:  # else it was put back
            seen.append(turn.source.partition(":")[0])
        if len(seen) == 3:
            done.set()

    busy = Worker(house.db, house.bus, house.chats, {"slack": face}, owner="busy", at_once=1)
    running = asyncio.create_task(busy.run())
    await asyncio.wait_for(done.wait(), 60)
    await busy.close(0)
    await ended(running)
    assert (seen, workshop.built) == (["slack", "approval", "slack"], ["a boat"])


@on_each_engine
async def test_a_message_about_to_be_answered_makes_way_for_a_click(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        shown, approval_id = await paused(house, gemini, workshop)
        await house.told()
    async with house.db.begin() as tables:
        waiting = Turn(workspace_id="T1", conversation_id=shown.turn.conversation_id, source="slack:2", text="hello")
        await tables.turns.queue(waiting)
        claimed = await tables.turns.claim("one:1", now(), 15)
        conversation = await tables.conversations.get("T1", shown.turn.conversation_id)
    assert claimed and claimed.source == "slack:2" and conversation
    await house.chats.decide(OWNER, approval_id, "approve")
    with pytest.raises(Lost):
        await opened(house.db, gemini.model, claimed, conversation)
    gemini.will_say("Built.")
    gemini.will_say("Hello.")
    async with house.worker():
        await house.face.after(3)
    assert workshop.built == ["a boat"]
    assert [each.turn.kind for each in house.face.shown] == ["say", "resume", "say"]


@on_each_engine
async def test_an_approved_call_does_not_reach_a_connection_that_took_the_others_place(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
    await house.chats.decide(OWNER, approval_id, "approve")
    [view] = await house.connections.of(OWNER)
    await house.connections.disconnect(OWNER, view.connection.id)
    await house.connect(workshop.url)
    gemini.will_say("It is gone.")
    async with house.worker("next"):
        shown = await house.face.after(2)
    assert (workshop.built, shown.states[-1]) == ([], "done")
    assert "not the one that was asked about" in str(gemini.responses())


@on_each_engine
async def test_an_approved_call_of_a_connection_that_is_gone_is_told_to_the_model(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
    await house.chats.decide(OWNER, approval_id, "always")
    [view] = await house.connections.of(OWNER)
    await house.connections.disconnect(OWNER, view.connection.id)
    gemini.will_say("It is gone.")
    async with house.worker("next"):
        shown = await house.face.after(2)
    assert (workshop.built, shown.states[-1], shown.text) == ([], "done", "It is gone.")


@on_each_engine
async def test_what_cannot_be_shown_is_tried_for_hours_and_then_given_up(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sum(worker.patience(attempts) for attempts in range(1, worker.CLAIMS)) > 4 * 3600
    monkeypatch.setattr(worker, "CLAIMS", 2)
    gemini.will_say("Here I am.")
    house.face.trouble = ConnectionError("Slack is down")
    async with house.worker("one") as first:
        await house.say("hello")
        await until_tried(house, first, attempts=1)
    [turn] = await house.turns()
    assert turn.lease_until is not None and not turn.told
    await kill(house)
    async with house.worker("two") as second:
        await until_tried(house, second, attempts=2)
        await house.told()


async def until_tried(house: House, by: Worker, attempts: int) -> None:
    """Returns when this worker has made the attempt, and is done with it."""
    async with asyncio.timeout(60):
        while (await house.turns())[0].attempts < attempts or by._turns:
            await asyncio.sleep(0.01)


@on_each_engine
async def test_a_look_that_finds_nothing_asks_for_no_right_to_write(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: asyncio.Queue[Due] = asyncio.Queue()
    claims: list[str] = []
    due, claim = Turns.due, Turns.claim

    async def look(*args, **kwargs) -> Due:
        looks.put_nowait(found := await due(*args, **kwargs))
        return found

    async def take(*args, **kwargs) -> Turn | None:
        claims.append("claimed")
        return await claim(*args, **kwargs)

    monkeypatch.setattr(Turns, "due", look)
    monkeypatch.setattr(Turns, "claim", take)
    async with house.worker():
        assert not await asyncio.wait_for(looks.get(), 60)
        await house.bus.tell("turns")
        assert not await asyncio.wait_for(looks.get(), 60)
    assert claims == []
