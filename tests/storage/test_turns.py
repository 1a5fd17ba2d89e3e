import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.running.turns.places import Places
from storage.database import Database
from storage.repositories.conversations.among import Among
from storage.repositories.conversations.claiming import HOLDS_UP
from storage.tables import Turn
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1

LEASE = 15.0
LAPSED = NOON + timedelta(seconds=LEASE + 1)


async def claim(db: Database, at=NOON, owner: str = "p1") -> Turn | None:
    async with db.begin() as tables:
        return await tables.turns.claim(owner, at, LEASE)


async def change(db: Database, turn: Turn, **values: object) -> bool:
    async with db.begin() as tables:
        return await tables.turns.change(turn, **values)


async def test_a_message_seen_before_queues_no_second_turn(db: Database) -> None:
    chat = await rows.conversation(db)
    first = await rows.turn(db, chat, "slack:C1:1")
    async with db.begin() as tables:
        again = Turn(workspace_id=T1, conversation_id=chat.id, source="slack:C1:1")
        assert await tables.turns.queue(again) is None
        found = await tables.turns.by_source(T1, "slack:C1:1")
    assert found and found.id == first.id and found.status == "queued"


async def test_a_claimed_turn_is_held_under_a_lease(db: Database) -> None:
    chat = await rows.conversation(db)
    queued = await rows.turn(db, chat, "m1")
    claimed = await claim(db)
    assert claimed and claimed.id == queued.id
    assert (claimed.status, claimed.attempts, claimed.lease_owner) == ("running", 1, "p1")
    assert claimed.lease_until == NOON + timedelta(seconds=LEASE)
    assert await claim(db) is None


async def test_the_oldest_goes_first_and_conversations_do_not_wait_for_each_other(db: Database) -> None:
    one, two = await rows.conversation(db, "one"), await rows.conversation(db, "two")
    await rows.turn(db, one, "m2", NOON + timedelta(seconds=2))
    await rows.turn(db, one, "m1", NOON + timedelta(seconds=1))
    await rows.turn(db, two, "m3", NOON + timedelta(seconds=3))
    claimed = [await claim(db) for _ in range(3)]
    assert [turn and turn.source for turn in claimed] == ["m1", "m3", None]


async def test_the_next_of_a_conversation_waits_until_the_one_before_is_over(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1", NOON)
    await rows.turn(db, chat, "m2", NOON + timedelta(seconds=1))
    first = await claim(db)
    assert first and await claim(db) is None
    assert await change(db, first, status="done")
    second = await claim(db)
    assert second and second.source == "m2"


async def test_a_paused_turn_lets_the_next_one_run(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    first = await claim(db)
    assert first and await change(db, first, status="paused")
    await rows.turn(db, chat, "approval:1", NOON + HOUR)
    resumed = await claim(db)
    assert resumed and resumed.source == "approval:1"


async def test_a_turn_whose_process_died_is_taken_up_when_its_lease_ends(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    await rows.turn(db, chat, "m0", NOON - HOUR)  # even when one that waits is older
    first = await claim(db)
    assert first
    [running] = [turn for turn in [await claim(db, LAPSED, "p2")] if turn]
    assert (running.id, running.attempts, running.lease_owner) == (first.id, 2, "p2")


async def test_who_lost_the_lease_can_change_nothing_any_more(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    slow = await claim(db)
    quick = await claim(db, LAPSED, "p2")
    assert slow and quick
    assert not await change(db, slow, status="done")
    assert not await change(db, slow, lease_until=LAPSED + HOUR)
    assert await change(db, quick, status="done", doing=["Notes: Add note"])
    async with db.read() as tables:
        stored = await tables.turns.get(T1, quick.id)
    assert stored and (stored.status, stored.doing) == ("done", ["Notes: Add note"])


async def test_a_renewed_lease_holds_longer(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    turn = await claim(db)
    assert turn
    assert await change(db, turn, lease_until=LAPSED + HOUR)
    assert await claim(db, LAPSED) is None


async def test_many_at_once_never_get_two_turns_of_one_conversation(db: Database) -> None:
    chats = [await rows.conversation(db, f"chat-{number}") for number in range(5)]
    for number in range(4):
        for chat in chats:
            await rows.turn(db, chat, f"{chat.key}:{number}", NOON + timedelta(seconds=number))
    told: Counter[str] = Counter()
    for _ in range(4):
        claimed = [turn for turn in await asyncio.gather(*(claim(db) for _ in range(20))) if turn]
        claimed += [turn for turn in [await claim(db) for _ in range(5)] if turn]  # what was locked for a moment
        assert sorted(turn.conversation_id for turn in claimed) == sorted(chat.id for chat in chats)
        for turn in claimed:
            told[turn.source] += 1
            assert await change(db, turn, status="done")
    assert set(told.values()) == {1} and len(told) == 20


async def test_the_database_itself_allows_one_running_turn_a_conversation(db: Database) -> None:
    chat = await rows.conversation(db)
    for source in ("m1", "m2"):
        await rows.turn(db, chat, source)
    with pytest.raises(IntegrityError):
        async with db.begin() as tables:
            await tables.session.execute(sa.update(Turn).values(status="running"))


async def test_two_that_are_each_thought_the_first_are_not_both_claimed(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    async with db.begin() as tables:
        # As another process sees it whose clock is behind: nothing in the way that it knows of.
        second = Turn(workspace_id=T1, conversation_id=chat.id, source="m2", created_at=NOON - HOUR)
        if db.is_postgres:
            async with db.begin() as other:
                assert await other.turns.claim("p1", NOON, LEASE)
        await tables.turns.queue(second)
        claimed = await tables.turns.claim("p2", NOON, LEASE)
    assert (claimed is None) is db.is_postgres


async def test_all_that_run_or_wait_are_asked_to_stop(db: Database) -> None:
    chat, other = await rows.conversation(db), await rows.conversation(db, "other")
    running, waiting = await rows.turn(db, chat, "m1"), await rows.turn(db, chat, "m2", NOON + HOUR)
    await rows.turn(db, other, "m3", NOON + HOUR)
    await claim(db)
    async with db.begin() as tables:
        assert await tables.turns.waiting_count(T1, chat.id) == 1
        assert sorted(await tables.turns.ask_stop(T1, chat.id)) == sorted([running.id, waiting.id])
        assert len(await tables.turns.ask_stop(T1, chat.id)) == 2  # until they have stopped
        assert await tables.turns.ask_stop("T2", other.id) == []


async def test_at_the_start_of_the_only_process_what_others_held_is_free(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    assert await claim(db, owner="before")
    async with db.begin() as tables:
        assert await tables.turns.release_all("before") == 0
        assert await tables.turns.release_all("now") == 1
    again = await claim(db, owner="now")
    assert again and again.attempts == 2


async def test_a_turn_that_ended_unseen_is_taken_by_one_until_it_was_told(db: Database) -> None:
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    turn = await claim(db)
    assert turn and await change(db, turn, status="done", ended_at=NOON)

    async def take(at) -> Turn | None:
        async with db.begin() as tables:
            return await tables.turns.claim_untold("p2", at, LEASE, 4)

    assert await take(NOON) is None  # its own face is still at it
    taken = await asyncio.gather(*(take(LAPSED) for _ in range(5)))
    [unseen] = [each for each in taken if each]
    assert unseen.attempts == 2
    assert await change(db, unseen, told=True)
    assert await take(LAPSED + HOUR) is None


async def test_what_ended_unseen_in_one_conversation_is_shown_in_its_order_unless_the_first_fails_on_and_on(
    db: Database,
) -> None:
    chat = await rows.conversation(db)
    for number in range(2):
        await rows.turn(db, chat, f"m{number}")
        turn = await claim(db)
        assert turn and await change(db, turn, status="done", ended_at=NOON + number * HOUR, lease_until=None)

    async def take() -> str | None:
        async with db.begin() as tables:
            due = await tables.turns.due(LAPSED, HOLDS_UP + 3)
            found = await tables.turns.claim_untold("p2", LAPSED, LEASE, HOLDS_UP + 3)
        assert due.untold == (found is not None)
        return found and found.source

    assert [await take(), await take()] == ["m0", None]
    async with db.begin() as tables:
        await tables.session.execute(sa.update(Turn).where(Turn.source == "m0").values(attempts=HOLDS_UP))
    assert await take() == "m1"


async def test_a_look_tells_whether_there_is_a_turn_to_run_or_to_show(db: Database) -> None:
    async def due(at=NOON, besides: tuple[str, ...] = ()) -> bool:
        async with db.read() as tables:
            return bool(await tables.turns.due(at, 4, Among(besides=besides)))

    chat = await rows.conversation(db)
    assert not await due()
    await rows.turn(db, chat, "m1")
    assert await due()
    turn = await claim(db)
    await rows.turn(db, chat, "m2", NOON + timedelta(seconds=1))
    assert turn and not await due()
    assert await due(LAPSED) and not await due(LAPSED, besides=(turn.id,))
    assert await change(db, turn, status="done", ended_at=NOON)
    second = await claim(db)
    assert second and not await due()
    assert await due(LAPSED, besides=(second.id,))  # the first, which nobody has seen
    assert await change(db, turn, told=True)
    assert not await due(LAPSED, besides=(second.id,))


async def test_workspaces_are_served_by_turns_and_those_that_have_their_share_wait(db: Database) -> None:
    for number in range(3):
        await rows.turn(db, await rows.conversation(db, f"busy-{number}", "T1"), f"m{number}", NOON)
    for where in ("T2", "T3"):
        await rows.turn(db, await rows.conversation(db, "quiet", where), "m0", NOON + HOUR)
    served: list[str] = []
    among = Among(full={"slack": ["T3"], "link": ["T1"]})
    async with db.begin() as tables:
        while turn := await tables.turns.claim("p1", NOON + HOUR, LEASE, among):
            served.append(turn.workspace_id)
            among = replace(among, after={turn.door: turn.workspace_id})
        assert not await tables.turns.due(NOON + HOUR, 4, among)
        assert (await tables.turns.due(NOON + HOUR, 4)).waiting == {"slack": "T3"}
    assert served == ["T1", "T2", "T1", "T1"]


async def test_in_a_workspace_members_are_served_by_turns_and_who_has_their_share_waits(db: Database) -> None:
    """Each of a busy member's messages may begin a conversation of its own."""
    for number in range(8):
        await rows.turn(db, await rows.conversation(db, f"busy-{number}", member="U1"), f"m{number}", NOON)
    for member in ("U2", "U3"):
        await rows.turn(db, await rows.conversation(db, "quiet", member=member), f"of {member}", NOON + HOUR)
    served: list[str] = []
    async with db.begin() as tables:
        while len(served) < 5:
            among = Among(busy={"slack": ["U3"]}, served={("slack", T1): served[-1] if served else "U0"})
            turn = await tables.turns.claim("p1", NOON + HOUR, LEASE, among)
            assert turn
            served.append(turn.asker)
    assert served == ["U1", "U2", "U1", "U1", "U1"]


async def test_a_door_that_is_served_in_between_changes_nothing_in_the_order_of_the_other(db: Database) -> None:
    """Guests who come all the time would else let the first member, or workspace, be served again and again."""
    for workspace in ("T1", "T2"):
        for who in ("1", "2", "3"):
            for number in range(2):
                key, guest = f"{who}{number}", {"link_id": f"L{who}"}
                mine = await rows.conversation(db, key, workspace, member=f"U{who}")
                theirs = await rows.conversation(db, f"g{key}", workspace, door="link", place=guest)
                await rows.turn(db, mine, f"m{key}", NOON)
                await rows.turn(db, theirs, f"g{key}", NOON)
    places, served = Places(100, apart=True), list[Turn]()
    async with db.begin() as tables:
        for _ in range(12):
            turn = await tables.turns.claim("p1", NOON + HOUR, LEASE, places.among(served))
            assert turn
            places.took(turn)
            served.append(turn)
    for door in ("slack", "link"):
        assert len({(each.workspace_id, each.asker) for each in served if each.door == door}) == 6


async def test_a_door_without_room_holds_up_no_other(db: Database) -> None:
    for number in range(3):
        await rows.turn(db, await rows.conversation(db, f"slack-{number}"), f"m{number}", NOON)
    await rows.turn(db, await rows.conversation(db, "guest", door="link", place={"link_id": "L1"}), "g1", NOON + HOUR)
    async with db.begin() as tables:
        turn = await tables.turns.claim("p1", NOON + HOUR, LEASE, Among(doors=["link"]))
        assert turn and (turn.door, turn.asker) == ("link", "L1")
        assert not await tables.turns.due(NOON + HOUR, 4, Among(doors=["link"]))
        assert (await tables.turns.due(NOON + HOUR, 4)).waiting == {"slack": T1}
