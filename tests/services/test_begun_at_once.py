"""A message is begun by the process that takes it in, where that has room and nothing else is before it."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import pytest

from bot.errors import Refused
from bot.running.turns.worker import Worker
from bot.services.chats import Place, Told
from bot.services.limits import limits
from playground.gemini import Break, Reply, text
from storage.members import Member
from storage.repositories.conversations.turns import Turns
from storage.tables import Conversation, Turn
from tests.services.house import House
from tests.support.ending import ended
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.statements import counted

pytestmark = on_each_engine


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The turns that had to be looked for."""
    found: list[str] = []
    claim = Turns.claim

    async def noted(*args, **kwargs):
        if turn := await claim(*args, **kwargs):
            found.append(turn.text)
        return turn

    monkeypatch.setattr(Turns, "claim", noted)
    return found


async def test_nobody_looks_for_what_can_be_begun_at_once(house: House, gemini: Scripted, claims: list[str]) -> None:
    gemini.will_say("Hello!")
    guest, _ = await house.guest()
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        await house.face.after()
    log = await house.links.log(guest)
    assert [event.body.get("text") or event.body.get("state") for event in log] == [
        "hello",
        "working",
        "Hello!",
        "done",
    ]
    assert claims == []


async def test_a_guests_turn_is_over_with_its_end_since_nothing_is_left_to_show(house: House, gemini: Scripted) -> None:
    gemini.will_say("Hello!")
    guest, _ = await house.guest()
    with counted(house.db) as statements:
        async with house.worker():
            await house.chats.say_as_guest(guest, "hello", "c1")
            await house.face.after()
    [turn] = await house.turns()
    assert (turn.status, turn.told, turn.lease_until) == ("done", True, None)
    ends = [each for each in statements if each.startswith("UPDATE turns SET") and "told=" in each]
    assert len(ends) == 1 and "ended_at=" in ends[0]


async def test_without_a_worker_it_waits_for_one(house: House, gemini: Scripted, claims: list[str]) -> None:
    gemini.will_say("Hello!")
    await house.say("hello")
    assert [turn.status for turn in await house.turns()] == ["queued"]
    async with house.worker():
        assert (await house.face.after()).turn.attempts == 1
    assert claims == ["hello"]


async def test_what_comes_while_another_is_answered_waits_for_its_turn(
    house: House, gemini: Scripted, claims: list[str]
) -> None:
    gemini.script(Reply([[text("One")], Break.HOLD]))
    async with house.worker():
        first = await house.say("first", "slack:1")
        await house.say("second", "slack:2")
        assert [turn.status for turn in await house.turns()] == ["running", "queued"]
        await house.chats.stop("T1", first.conversation_id)
        await house.face.after(2)
    assert claims == ["second"]


async def test_two_that_come_at_once_are_answered_one_by_one(house: House, gemini: Scripted) -> None:
    for word in ("One", "Two", "Three", "Four"):
        gemini.will_say(word)
    async with house.worker():
        said = await asyncio.gather(*(house.say(f"message {number}", f"slack:{number}") for number in range(4)))
        assert len({each.conversation_id for each in said}) == 1
        await house.face.after(4)
    assert [turn.status for turn in await house.turns()] == ["done"] * 4


async def test_a_message_is_answered_though_whoever_sent_it_has_gone_meanwhile(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    gemini.will_say("Hello!")
    taking_in, go_on = asyncio.Event(), asyncio.Event()
    take_in = Turns.take_in

    async def held_up(*args, **kwargs):
        taking_in.set()
        await go_on.wait()
        return await take_in(*args, **kwargs)

    monkeypatch.setattr(Turns, "take_in", held_up)
    async with house.worker():
        sending = asyncio.create_task(house.say("hello"))
        await taking_in.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        go_on.set()
        assert (await house.face.after()).turn.attempts == 1


async def test_the_same_message_said_twice_at_once_is_one(house: House, gemini: Scripted) -> None:
    gemini.will_say("Hello!")
    guest, _ = await house.guest()
    async with house.worker():
        said = await asyncio.gather(*(house.chats.say_as_guest(guest, "hello", "c1") for _ in range(3)))
        await house.face.after()
    assert len({(each.turn_id, each.seq) for each in said}) == 1
    assert sorted(each.repeated for each in said) == [False, True, True]
    assert (await house.again(guest)).session.messages == 1


async def test_who_comes_when_a_place_gets_free_is_answered_after_who_has_waited_for_it(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    _holds(gemini, {"second", "third"})
    looking, go_on = asyncio.Event(), asyncio.Event()
    go_on.set()
    due = Turns.due

    async def held_up(*args, **kwargs):
        looking.set()
        await go_on.wait()
        return await due(*args, **kwargs)

    monkeypatch.setattr(Turns, "due", held_up)
    places = [Place("D1", f"{number}.0", "T1", private=True) for number in range(3)]
    worker = Worker(house.db, house.bus, house.chats, {"slack": house.face}, owner="one", at_once=1)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(worker.begun.wait(), 60)
    first = await house.say("first", "slack:1", places[0])
    await house.say("second", "slack:2", places[1])
    go_on.clear()
    looking.clear()
    await house.chats.stop("T1", first.conversation_id)
    await asyncio.wait_for(looking.wait(), 60)  # there is room, and nobody has it yet
    await house.say("third", "slack:3", places[2])
    assert [turn.status for turn in await house.turns()][1:] == ["queued", "queued"]
    go_on.set()
    await house.face.after(3)
    assert [shown.turn.text for shown in house.face.shown] == ["first", "second", "third"]
    await worker.close(0)
    await ended(running)


async def test_a_busy_workspace_leaves_a_place_to_others_and_has_back_what_it_gives(
    house: House, gemini: Scripted
) -> None:
    _holds(gemini)
    async with house.db.begin() as tables:
        await tables.workspaces.ensure("T2")
    worker = Worker(house.db, house.bus, house.chats, {"slack": house.face}, owner="one", at_once=4, apart=True)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(worker.begun.wait(), 60)
    said = [
        await house.chats.say(Member("T1", f"U{number}"), _place(number), f"m{number}", source=f"slack:{number}")
        for number in range(4)
    ]
    assert [turn.status for turn in await house.turns()] == ["running"] * 3 + ["queued"]
    await house.chats.say(Member("T2", "U1"), _place(9), "hello", source="slack:9")
    assert (await house.face.after()).turn.text == "hello"
    assert [turn.status for turn in await house.turns()][:4] == ["running"] * 3 + ["queued"]
    await house.chats.stop("T1", said[0].conversation_id)
    async with asyncio.timeout(60):
        while [turn.status for turn in await house.turns()][:4] != ["stopped", *["running"] * 3]:
            await asyncio.sleep(0.01)
    await worker.close(0)
    await ended(running)


def _holds(gemini: Scripted, but: Collection[str] = ("hello",)) -> None:
    """Whatever else is said is never answered to its end."""

    def answering(body: Any, _: Any) -> Reply:
        said = body["contents"][-1]["parts"][-1]["text"]
        return Reply([[text("Hello!")]] if said in but else [[text("Well")], Break.HOLD])

    gemini.server.answering = answering


def _place(number: int) -> Place:
    return Place("D1", f"{number}.0", "T1", private=True)


async def test_a_member_who_asks_without_end_leaves_places_to_others_and_is_told_when_too_much_waits(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMBER_QUEUED", 3)
    _holds(gemini)
    worker = Worker(house.db, house.bus, house.chats, {"slack": house.face}, owner="one", at_once=4)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(worker.begun.wait(), 60)
    for number in range(5):
        await house.say(f"m{number}", f"slack:{number}", _place(number))
    with pytest.raises(Refused, match="3 of your messages are waiting") as refused:
        await house.say("m5", "slack:5", _place(5))
    assert "not taken in" in str(refused.value) and "stop" in str(refused.value)
    assert [turn.status for turn in await house.turns()] == ["running"] * 2 + ["queued"] * 3
    await house.chats.say(Member("T1", "U2"), _place(9), "hello", source="slack:9")
    assert (await house.face.after()).turn.text == "hello"
    await worker.close(0)
    await ended(running)


async def test_a_slack_that_hangs_holds_up_neither_the_model_nor_a_guest(house: House, gemini: Scripted) -> None:
    hangs = asyncio.Event()

    async def hanging(turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        async for _ in told:
            await hangs.wait()

    gemini.server.answering = lambda body, _: Reply([[text("Hello!")]])
    guest, _ = await house.guest()
    faces = {"slack": hanging, "link": house.face}
    worker = Worker(house.db, house.bus, house.chats, faces, owner="one", at_once=2)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(worker.begun.wait(), 60)
    for number in range(5):
        await house.say(f"m{number}", f"slack:{number}", _place(number))
    await house.chats.say_as_guest(guest, "hello", "c1")
    assert (await house.face.after()).states == ["working", "done"]
    async with asyncio.timeout(60):
        while [turn.status for turn in await house.turns()] != ["done"] * 6:
            await asyncio.sleep(0.01)
    assert sum(turn.told for turn in await house.turns()) == 1
    await worker.close(0)
    await ended(running)
