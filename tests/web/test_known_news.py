"""What is brought to open pages as it is stored is what they would read, and they read all that is not brought."""

import asyncio
from typing import Any

import pytest

from bot.services.log_entries import message
from bot.web.chat.streams import going_on
from bot.web.live_viewers import BACKLOG, LiveViewers
from storage.bus.topics import KEPT, LocalBus
from storage.tables import Event
from tests.web.caller import Caller, frames, until
from tests.web.sidecar import OWNER, House


def event(seq: int, text: str = "") -> Event:
    entry = message("agent", "Usher", text or str(seq), None)
    return Event(workspace_id="T1", conversation_id="c", seq=seq, kind=entry.kind, body=entry.body)


async def stored(house: House, guest: Caller, *texts: str) -> list[Event]:
    async with house.db.begin() as tables:
        [session] = await tables.sessions.of(OWNER.workspace, guest.chat.split("/")[3])
        entries = [message("agent", "Usher", text, None) for text in texts]
        told = [(each.kind, each.body) for each in entries]
        return await tables.events.add_all(OWNER.workspace, session.conversation_id, None, told)


async def test_a_page_that_follows_a_turn_reads_nothing_and_sees_what_another_reads(
    house_on_each: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, reads, log = house_on_each, 0, house_on_each.links.log

    async def counted(*asked: Any) -> list[Event]:
        nonlocal reads
        reads += 1
        return await log(*asked)

    guest = await house.guest()
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        [first] = await stored(house, guest, "Hello!")
        # With its row: the stream may have read that already, and would read once more for a ring without it.
        await house.bus.tell(f"conversation:{first.conversation_id}", rows=[first])
        await until(stream, "message", text="Hello!")
        monkeypatch.setattr(house.links, "log", counted)
        house.model.will_say("“One” – ", "\\u0000 <two> 👩\u200d💻", " and three.")
        assert (await guest.say("Count!")).status == 202
        live = await until(stream, "status", state="done")
        assert reads == 0
    async with guest.asking("GET", guest.chat + f"events?after={live[0]['id']}") as response:
        again = await until(frames(response), "status", state="done")
    assert [each for each in live[1:] if "id" in each] == [each for each in again if "id" in each]


async def test_a_page_reads_where_something_is_missing_before_what_is_brought(house: House) -> None:
    guest = await house.guest()
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await anext(stream)
        first, second, third = await stored(house, guest, "One", "Two", "Three")
        topic = f"conversation:{first.conversation_id}"
        await house.bus.tell(topic, rows=[third])
        await house.bus.tell(topic, rows=[first, second])
        seen = await until(stream, "message", text="Three")
        assert [each["data"]["text"] for each in seen if each["event"] == "message"] == ["One", "Two", "Three"]
        [last] = await stored(house, guest, "Four")
        await house.bus.tell(topic, rows=[last])
        assert [each["data"]["text"] for each in await until(stream, "message", text="Four")] == ["Four"]


def test_what_goes_on_from_what_was_seen_is_known() -> None:
    one, two, three = event(1), event(2), event(3)
    assert going_on([one, two], 0) == [one, two]
    assert going_on([two, one, three], 1) == [two, three]
    assert going_on([one, two], 2) == going_on([], 2) == []
    assert going_on([one, three], 0) is going_on([two], 0) is going_on(None, 0) is None


async def test_one_ring_without_its_rows_is_enough_to_have_to_read() -> None:
    bus = LocalBus()
    with bus.follow("c") as bell:
        await bus.tell("c", rows=[event(1)])
        await bus.tell("c", "running text")
        await bus.tell("c", rows=[event(2), event(3)])
        assert bell.rows is not None and [each.seq for each in bell.rows] == [1, 2, 3]
        await bus.tell("c")
        assert bell.news and bell.rows is None
        bell.take()
        await bus.tell("c", rows=[event(number) for number in range(KEPT + 1)])
        assert bell.news and bell.rows is None
        bell.take()
        assert bell.rows == [] and not bell.news


async def test_rows_are_handed_on_as_they_are_read_and_no_more_of_them_than_wait() -> None:
    bus = LocalBus()
    rooms = LiveViewers(bus, linger=0)
    async with rooms.seat("c", 1) as (_, seat):
        await asyncio.sleep(0)  # the room follows from now on
        await bus.tell("conversation:c", rows=[event(1, "a\0b \ud800")])
        await seat.wait(5.0)
        news, _, rows = seat.take()
        assert news and rows is not None and rows[0].body["text"] == "a\ufffdb \ufffd"
        for number in range(BACKLOG + 1):
            seat.look([event(number)])
        assert seat.take()[2] is None
    await rooms.close()
