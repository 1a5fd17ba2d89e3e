import asyncio

import pytest

from storage.database import Database
from tests.storage import rows
from tests.storage.rows import T1, U1, U2


async def test_opening_a_conversation_many_times_at_once_makes_one(db: Database) -> None:
    await rows.workspace(db)
    opened = await asyncio.gather(*(rows.conversation(db, "chat-1") for _ in range(20)))
    assert len({each.id for each in opened}) == 1


async def test_a_key_belongs_to_its_workspace(db: Database) -> None:
    one, two = await rows.conversation(db, "chat-1"), await rows.conversation(db, "chat-1", "T2")
    assert one.id != two.id
    async with db.begin() as tables:
        assert await tables.conversations.get("T2", one.id) is None
        assert not await tables.conversations.update("T2", one.id, summary="theirs")
        assert await tables.messages.add(T1, one.id, None, [{"n": 1}])
        assert await tables.messages.of("T2", one.id) == []


async def test_what_is_known_of_a_conversation_is_not_replaced_by_opening_it(db: Database) -> None:
    first = await rows.conversation(db)
    async with db.begin() as tables:
        again = await tables.conversations.open(T1, U2, "link", first.key, {})
    assert (again.id, again.member_id, again.door, again.place) == (first.id, U1, "slack", {"channel": "C1"})


async def test_a_summary_never_stands_for_fewer_messages_than_before(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        assert await tables.conversations.fold(T1, chat.id, "newer", 8)
        assert not await tables.conversations.fold(T1, chat.id, "older", 6)
        found = await tables.conversations.get(T1, chat.id)
    assert found and (found.summary, found.folded) == ("newer", 8)


async def test_messages_keep_their_order_and_content(db: Database) -> None:
    chat = await rows.conversation(db)
    contents = [{"role": "user", "parts": [{"text": "Grüße"}]}, {"role": "model", "thought_signature": "aGk="}]
    async with db.begin() as tables:
        await tables.messages.add(T1, chat.id, "t1", contents)
        await tables.messages.add(T1, chat.id, "t2", [{"n": 2}])
    async with db.read() as tables:
        all_of_it = await tables.messages.of(T1, chat.id)
        rest = await tables.messages.of(T1, chat.id, 2)
    assert [each.content for each in all_of_it] == [*contents, {"n": 2}]
    assert [(each.position, each.turn_id) for each in rest] == [(2, "t2")]


async def test_messages_added_at_the_same_time_get_different_places(db: Database) -> None:
    chat = await rows.conversation(db)

    async def add(number: int) -> None:
        async with db.begin() as tables:
            await tables.messages.add(T1, chat.id, None, [{"n": number}, {"n": number}])

    await asyncio.gather(*(add(number) for number in range(20)))
    async with db.read() as tables:
        messages = await tables.messages.of(T1, chat.id)
    assert [each.position for each in messages] == list(range(40))
    pairs = [each.content["n"] for each in messages]
    assert pairs[::2] == pairs[1::2]


async def test_events_are_numbered_without_gap_or_double_however_many_write(db: Database) -> None:
    chat = await rows.conversation(db)

    async def write(number: int) -> None:
        try:
            async with db.begin() as tables:
                await tables.events.add(T1, chat.id, None, "message", {"n": number})
                if number % 5 == 0:
                    raise RuntimeError  # a number that was rolled back is given out again
        except RuntimeError:
            pass

    await asyncio.gather(*(write(number) for number in range(50)))
    async with db.read() as tables:
        events = await tables.events.after(T1, chat.id, 0)
        found = await tables.conversations.get(T1, chat.id)
    assert [event.seq for event in events] == list(range(1, 41))
    assert found and found.last_seq == 40


async def test_what_comes_after_the_end_of_a_log_is_put_before_it(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        await tables.events.add_before_end(T1, chat.id, "t", "message", {"n": 1})
        await tables.events.add(T1, chat.id, None, "end", {})
        late = await tables.events.add_before_end(T1, chat.id, "t", "message", {"n": 2})
    async with db.begin() as tables:
        log = await tables.events.after(T1, chat.id, 0)
        found = await tables.conversations.get(T1, chat.id)
    assert [(event.seq, event.kind, event.body.get("n")) for event in log] == [
        (1, "message", 1),
        (2, "message", 2),
        (3, "end", None),
    ]
    assert late.seq == 2 and found and found.last_seq == 3


async def test_a_follower_never_sees_a_number_before_the_one_below_it(postgres_db: Database) -> None:
    chat = await rows.conversation(postgres_db)
    seen: list[int] = []
    writing = True

    async def write() -> None:
        for _ in range(20):
            async with postgres_db.begin() as tables:
                await tables.events.add(T1, chat.id, None, "message", {})

    async def follow() -> None:
        while writing or len(seen) < 80:
            async with postgres_db.read() as tables:
                seen.extend(event.seq for event in await tables.events.after(T1, chat.id, seen[-1] if seen else 0))

    following = asyncio.create_task(follow())
    await asyncio.gather(*(write() for _ in range(4)))
    writing = False
    await following
    assert seen == list(range(1, 81))


async def test_a_log_is_read_from_any_point_and_in_parts(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        for number in range(6):
            await tables.events.add(T1, chat.id, f"t{number % 2}", "message", {"n": number})
    async with db.read() as tables:
        assert [event.seq for event in await tables.events.after(T1, chat.id, 2, limit=3)] == [3, 4, 5]
        assert await tables.events.after("T2", chat.id, 0) == []
        assert [event.body["n"] for event in await tables.events.of_turn(T1, "t1")] == [1, 3, 5]


async def test_no_event_is_added_to_a_conversation_of_another_workspace(db: Database) -> None:
    chat = await rows.conversation(db)
    with pytest.raises(LookupError):
        async with db.begin() as tables:
            await tables.events.add("T2", chat.id, None, "message", {})
