"""A server's question is answered once, by its member, while some process is at the call; then none of it is kept."""

from datetime import timedelta

from storage.database import Database
from storage.schema import now
from storage.tables import Elicitation
from tests.storage import rows
from tests.storage.rows import T1, U1, U2

MINUTE = timedelta(minutes=1)


async def asked(db: Database, **values: object) -> Elicitation:
    """By a call of a turn that a process is at."""
    chat = await rows.conversation(db)
    await rows.turn(db, chat, "m1")
    async with db.begin() as tables:
        turn = await tables.turns.claim("one", now(), 60)
        assert turn
        made = {"turn_id": turn.id, "attempt": turn.attempts, "expires_at": now() + MINUTE, **values}
        return await tables.elicitations.add(rows.elicitation(chat, **made))


async def answered(db: Database, row: Elicitation, member: str = U1, state: str = "answered") -> Elicitation | None:
    async with db.begin() as tables:
        return await tables.elicitations.answer(T1, row.id, member, state, {"name": "Ada"})


async def test_the_first_answer_counts_and_is_taken_once(db: Database) -> None:
    row = await asked(db)
    first = await answered(db, row)
    assert first is not None and first.answer == {"name": "Ada"}
    assert await answered(db, row, state="declined") is None
    async with db.begin() as tables:
        assert await tables.elicitations.taken(T1, row.id)
        kept = await tables.elicitations.get(T1, row.id)
        assert await tables.elicitations.close(T1, row.id, "gone") is None
    assert kept is not None and (kept.state, kept.answer) == ("answered", None)


async def test_nobody_else_answers_it(db: Database) -> None:
    row = await asked(db)
    assert await answered(db, row, U2) is None
    async with db.begin() as tables:
        assert await tables.elicitations.answer("T2", row.id, U1, "answered", {}) is None


async def test_what_is_too_late_or_of_another_attempt_is_not_answered(db: Database) -> None:
    assert await answered(db, await asked(db, expires_at=now() - MINUTE)) is None


async def test_a_call_that_nobody_holds_is_gone(db: Database) -> None:
    row = await asked(db, attempt=7)
    assert await answered(db, row) is None
    async with db.begin() as tables:
        closed = await tables.elicitations.close_left(now(), now() - MINUTE)
    assert [(each.id, each.state) for each in closed] == [(row.id, "gone")]


async def test_a_call_that_is_held_is_left_alone(db: Database) -> None:
    await asked(db)
    async with db.begin() as tables:
        assert await tables.elicitations.close_left(now(), now() - MINUTE) == []
        assert len(await tables.elicitations.close_left(now(), now() + 2 * MINUTE)) == 1
        assert await tables.elicitations.purge(now() + MINUTE) == 1


async def test_a_page_that_a_call_waits_for_is_open_until_its_member_goes_on(db: Database) -> None:
    row = await asked(db, url="https://pay.example", hold_seconds=300.0, expires_at=now() + MINUTE)
    async with db.begin() as tables:
        assert await tables.elicitations.go_on(T1, row.id, U1) is None  # nobody has opened it
    opened = await answered(db, row)
    assert opened is not None and opened.state == "opened" and opened.waits
    assert opened.expires_at > now() + 2 * MINUTE
    async with db.begin() as tables:
        assert await tables.elicitations.go_on(T1, row.id, U2) is None
        gone_on = await tables.elicitations.go_on(T1, row.id, U1)
        assert gone_on is not None and gone_on.state == "went_on" and not gone_on.waits
        assert await tables.elicitations.go_on(T1, row.id, U1) is None


async def test_a_page_whose_call_nobody_holds_any_more_is_gone_too(db: Database) -> None:
    row = await asked(db, url="https://pay.example", hold_seconds=300.0)
    await answered(db, row)
    async with db.begin() as tables:
        closed = await tables.elicitations.close_left(now(), now() + 10 * MINUTE)
    assert [(each.id, each.state) for each in closed] == [(row.id, "gone")]


async def test_a_page_that_was_opened_is_done_when_its_server_says_so(db: Database) -> None:
    row = await asked(db, url="https://pay.example", number="7")
    async with db.begin() as tables:
        assert await tables.elicitations.completed(T1, "c1", "7") == []  # nobody has opened it
    await answered(db, row)
    async with db.begin() as tables:
        assert await tables.elicitations.completed(T1, "other", "7") == []
        assert [each.id for each in await tables.elicitations.completed(T1, "c1", "7")] == [row.id]


async def test_a_question_of_a_call_made_by_hand_is_held_for_as_long_as_somebody_says_so(db: Database) -> None:
    chat = await rows.conversation(db)
    by_hand = {"conversation_id": None, "turn_id": None, "attempt": 0, "expires_at": now() + MINUTE}
    async with db.begin() as tables:
        row = await tables.elicitations.add(rows.elicitation(chat, **by_hand, held_until=now() - MINUTE))
    assert await answered(db, row) is None
    async with db.begin() as tables:
        assert await tables.elicitations.hold(T1, row.id, now() + MINUTE)
        assert await tables.elicitations.close_left(now(), now() - MINUTE) == []
    assert await answered(db, row, U2) is None
    first = await answered(db, row)
    assert first is not None and first.state == "answered"
    async with db.begin() as tables:
        assert not await tables.elicitations.hold(T1, row.id, now() + MINUTE)
