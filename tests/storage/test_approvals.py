import asyncio

from storage.database import Database
from storage.tables import Approval
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1, U1, U2


async def asked(db: Database, **values: object) -> Approval:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        return await tables.approvals.add(rows.approval(chat, **values))


async def decide(db: Database, approval: Approval, state: str, member: str = U1, at=NOON) -> Approval | None:
    async with db.begin() as tables:
        return await tables.approvals.decide(T1, approval.id, member, state, at)


async def test_of_many_clicks_at_once_the_first_decides(db: Database) -> None:
    approval = await asked(db)
    clicks = await asyncio.gather(*(decide(db, approval, state) for state in ["approved", "denied"] * 20))
    [decided] = [each for each in clicks if each]
    async with db.read() as tables:
        stored = await tables.approvals.get(T1, approval.id)
    assert stored and (stored.state, stored.decided_by, stored.decided_at) == (decided.state, U1, NOON)


async def test_of_what_was_changed_only_the_newest_can_be_changed_or_decided(db: Database) -> None:
    """Two people's eyes, or one's two windows, on the same question: what was shown first is not what would run."""
    approval = await asked(db, calls=[{"title": "Add note"}])
    async with db.begin() as tables:
        ours = (T1, approval.id, U1)
        changed = [await tables.approvals.change(*ours, [{"title": each}], NOON, revision=0) for each in ("a", "b")]
        assert [each and (each.calls, each.revision) for each in changed] == [([{"title": "a"}], 1), None]
        assert await tables.approvals.decide(*ours, "approved", NOON, revision=0) is None
        assert await tables.approvals.decide(*ours, "approved", NOON, revision=1)
        assert await tables.approvals.change(*ours, [{"title": "c"}], NOON, revision=1) is None


async def test_nobody_decides_for_another_member_or_workspace(db: Database) -> None:
    approval = await asked(db)
    assert await decide(db, approval, "approved", member=U2) is None
    async with db.begin() as tables:
        assert await tables.approvals.decide("T2", approval.id, U1, "approved", NOON) is None


async def test_what_is_too_old_is_not_decided_any_more(db: Database) -> None:
    approval = await asked(db)
    assert await decide(db, approval, "approved", at=NOON + HOUR) is None
    async with db.begin() as tables:
        assert [each.id for each in await tables.approvals.expire(NOON + HOUR)] == [approval.id]
        assert await tables.approvals.expire(NOON + HOUR) == []
        stored = await tables.approvals.get(T1, approval.id)
    assert stored and stored.state == "expired"


async def test_speaking_on_lapses_what_still_waits_and_nothing_else(db: Database) -> None:
    decided, waiting = await asked(db), await asked(db)
    await decide(db, decided, "denied")
    async with db.begin() as tables:
        assert [each.id for each in await tables.approvals.lapse(T1, waiting.conversation_id)] == [waiting.id]
        assert await tables.approvals.lapse(T1, waiting.conversation_id) == []
    assert await decide(db, waiting, "approved") is None


async def test_it_is_remembered_where_it_was_asked(db: Database) -> None:
    approval = await asked(db, calls=[{"title": "Add note"}])
    async with db.begin() as tables:
        assert await tables.approvals.set_message(T1, approval.id, {"channel": "D1", "ts": "1.2"})
        stored = await tables.approvals.get(T1, approval.id)
    assert stored and (stored.message, stored.calls) == ({"channel": "D1", "ts": "1.2"}, [{"title": "Add note"}])
