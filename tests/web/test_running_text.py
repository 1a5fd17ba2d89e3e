"""Running text through rooms: begun again, heard from its middle, come too late; over streams and polls."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.services.chats import Delta
from bot.services.log_entries import message, status
from bot.web.live_viewers import LiveViewers, Room, Seat
from playground.gemini import Break, Reply, text
from storage.bus.topics import LocalBus
from tests.web.caller import Caller, frames, until
from tests.web.sidecar import OWNER, House


@pytest.fixture
async def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
async def place(bus: LocalBus) -> AsyncIterator[tuple[Room, Seat]]:
    rooms = LiveViewers(bus, linger=0)
    async with rooms.seat("c", 1) as place:
        await asyncio.sleep(0)  # the room follows from now on
        yield place
    await rooms.close()


async def heard(bus: LocalBus, seat: Seat, *deltas: Delta) -> list[Delta]:
    for delta in deltas:
        await bus.tell("conversation:c", delta.packed())
    await seat.wait(5.0)
    return seat.take()[1]


async def test_pieces_that_follow_each_other_are_one(bus: LocalBus, place: tuple[Room, Seat]) -> None:
    room, seat = place
    assert await heard(bus, seat, Delta("t", "One "), Delta("t", "two", 4)) == [Delta("t", "One two")]
    assert await heard(bus, seat, Delta("t", ".", 7)) == [Delta("t", ".", 7)]
    assert room.running == Delta("t", "One two.")


async def test_an_answer_that_is_begun_again_takes_the_place_of_the_first(
    bus: LocalBus, place: tuple[Room, Seat]
) -> None:
    room, seat = place
    told = [Delta("t", "Half an "), Delta("t", "Whole", 0, 2), Delta("t", "answer", 8), Delta("t", ".", 5, 2)]
    assert await heard(bus, seat, *told) == [Delta("t", "Half an "), Delta("t", "Whole.", 0, 2)]
    assert room.running == Delta("t", "Whole.", 0, 2)


async def test_a_room_that_comes_in_the_middle_knows_that_it_has_no_beginning(
    bus: LocalBus, place: tuple[Room, Seat]
) -> None:
    room, seat = place
    await heard(bus, seat, Delta("t", "middle ", 40), Delta("t", "end", 47))
    assert room.running == Delta("t", "middle end", 40)


async def test_a_reader_who_comes_in_the_middle_is_told_the_beginning_too(house: House) -> None:
    """As after a restart: the answer has begun before any page is back."""
    guest = await house.guest()
    house.model.script(Reply([[text("It begins ")], [text("here")], Break.HOLD]))
    with house.bus.follow(f"conversation:{await conversation(house, guest)}") as bell:
        await guest.say("Go.")
        while not any("here" in told for told in bell.take()):
            assert await bell.wait(60)
    async with guest.asking("GET", guest.chat + "events") as response:
        seen = await until(frames(response), "delta")
    assert seen[-1]["data"]["start"] == 0
    assert seen[-1]["data"]["text"] == "It begins here"
    polled = await guest.ask("GET", guest.chat + "state")
    assert polled.json["running"]["text"] == "It begins here"
    await guest.ask("POST", guest.chat + "end", json={})


async def test_a_gap_is_not_papered_over(bus: LocalBus, place: tuple[Room, Seat]) -> None:
    room, seat = place
    await heard(bus, seat, Delta("t", "One "), Delta("t", "three", 8))
    assert room.running == Delta("t", "three", 8)


async def test_what_comes_after_the_end_is_not_passed_on(bus: LocalBus, place: tuple[Room, Seat]) -> None:
    room, seat = place
    told = await heard(bus, seat, Delta("t", "One "), Delta("u", "Another"))
    room.settle("t")
    assert room.timely(told) == [Delta("u", "Another")]
    assert await heard(bus, seat, Delta("t", "two", 4), Delta("u", " one", 7)) == [Delta("u", " one", 7)]
    assert room.running == Delta("u", "Another one")


async def conversation(house: House, guest: Caller) -> str:
    async with house.db.read() as tables:
        (session,) = await tables.sessions.of(OWNER.workspace, guest.chat.split("/")[3])
    return session.conversation_id


async def test_no_running_text_follows_the_end_of_its_turn(house: House) -> None:
    """The pieces are laid out while a replay reads the end: as close a race as there is."""
    guest = await house.guest()
    chat = await conversation(house, guest)
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await anext(stream)
        async with house.db.begin() as tables:
            for entry in (message("agent", "Usher", "One two.", "t"), status("done")):
                await tables.events.add(OWNER.workspace, chat, "t", entry.kind, entry.body)
        for number in range(40):
            await house.bus.tell(f"conversation:{chat}")
            await house.bus.tell(f"conversation:{chat}", Delta("t", "x", number).packed())
            await asyncio.sleep(0)
        await guest.ask("POST", guest.chat + "end", json={})
        seen = await until(stream, "end")
    names = [frame["event"] for frame in seen]
    assert "delta" not in names[names.index("status") :]


async def test_the_poll_tells_where_the_running_text_begins(house: House) -> None:
    guest = await house.guest()
    chat = await conversation(house, guest)
    waiting = asyncio.create_task(guest.ask("GET", guest.chat + "state?wait=20"))
    while "usher_streams_open 1\n" not in (await guest.ask("GET", "/metrics")).text:
        pass
    await house.bus.tell(f"conversation:{chat}", Delta("t", "middle", 40, 2).packed())
    running = {"turn": "t", "attempt": 2, "start": 40, "text": "middle"}
    assert (await waiting).json["running"] == running
