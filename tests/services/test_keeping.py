"""What has been kept for its time goes, a little at a time; what lives, waits or is needed stays."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.running.keeping import enforce, rounds
from bot.running.keeping.rounds import in_batches
from bot.services.chats import Place
from bot.services.limits.keeping import KEPT, Chosen, Keeping, Kept, begin
from bot.services.links import Draft
from storage.database import Database, Tables
from storage.schema import Base, now
from storage.tables import (
    Conversation,
    Event,
    Job,
    Link,
    Message,
    ModelUsage,
    Session,
    SpendingLimit,
    ToolUsage,
)
from tests.services.house import OWNER, House
from tests.storage import rows
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

DAY = timedelta(days=1)


async def count(house: House, table: type[Base], *where: Any) -> int:
    async with house.db.read() as tables:
        return await tables.session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


async def aged(house: House, by: timedelta) -> None:
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Conversation).values(last_at=now() - by))


async def kept_for(house: House, **days: int) -> None:
    await Keeping(house.db, Kept()).set(OWNER, Chosen(**days))


async def round_of(house: House) -> dict[str, int]:
    return dict(+await enforce(house.db, house.links.erasing, Kept()))


@on_each_engine
async def test_a_silent_conversation_goes_whole_in_small_batches_and_one_that_waits_stays(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("One.", "Two."):
        gemini.will_say(text)
    async with house.worker():
        await house.say("first")
        await house.face.after()
        await house.say("second", "slack:2")
        await house.face.after(2)
    await house.say("not answered yet", "slack:3", Place("D1", "3.0", "T1", private=True))
    await aged(house, 31 * DAY)
    await kept_for(house, conversations=30)
    monkeypatch.setattr(rounds, "OF_A_CONVERSATION", 3)
    monkeypatch.setattr(rounds, "PAUSE", 0.0)
    removed = await round_of(house)
    assert removed["conversations"] == 1
    [left] = await house.turns()
    assert left.status == "queued" and await count(house, Conversation) == 1
    assert await count(house, Event, Event.conversation_id != left.conversation_id) == 0
    assert await count(house, Message, Message.conversation_id != left.conversation_id) == 0
    async with house.db.read() as tables:
        assert await tables.audit.details("T1", "retention.enforced", now() - DAY) == [{"conversations": 1}]
        assert (await Keeping(house.db, Kept()).removed("T1"))["conversations"] == 1
        assert await tables.audit.verify("T1")
    assert "conversations" not in await round_of(house)


@on_each_engine
async def test_a_round_that_is_cut_off_is_gone_on_with_and_who_speaks_meanwhile_begins_anew(
    house: House, gemini: Scripted
) -> None:
    gemini.will_say("One.")
    async with house.worker():
        said = await house.say("first")
        await house.face.after()
        await house.told()
    await aged(house, 31 * DAY)
    async with house.db.begin() as tables:
        assert await tables.forgetting.wear_away("T1", said.conversation_id, now() - 30 * DAY, 2) is False
    gemini.will_say("Anew.")
    async with house.worker():
        anew = await house.say("again", "slack:2")
        await house.face.after(2)
    assert anew.conversation_id != said.conversation_id
    await kept_for(house, conversations=30)
    assert (await round_of(house))["conversations"] == 1
    assert [each.conversation_id for each in await house.turns()] == [anew.conversation_id]


async def test_in_a_thread_that_is_older_than_what_is_kept_of_it_the_agent_is_told_so(
    house: House, gemini: Scripted
) -> None:
    old = f"{(now() - 200 * DAY).timestamp():.6f}"
    gemini.will_say("I no longer have that.")
    async with house.worker():
        await house.say("as you said last winter?", place=Place("D1", old, "T1", private=True))
        await house.face.after()
        gemini.will_say("Noon.")
        await house.say("and what time is it?", "slack:2", Place("D1", old, "T1", private=True))
        await house.face.after(2)
    first, second = (str(asked.body["contents"][-1]) for asked in gemini.asked)
    began = datetime.fromtimestamp(float(old), UTC)
    assert f"This thread is from {began:%Y-%m-%d}" in first and "no longer have it rather than guess" in first
    assert "This thread is from" not in second, "what was said since is there"


async def test_where_nobody_chose_what_is_old_already_goes_after_a_warning(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    gemini.will_say("One.")
    async with house.worker():
        await house.say("first")
        await house.face.after()
        await house.told()
    await aged(house, 91 * DAY)
    for _ in range(2):
        assert "conversations" not in await round_of(house)
    async with house.db.read() as tables:
        notes = [each for each in await tables.jobs.all("T1") if each.kind == "admin_note"]
    assert len(notes) == 1 and "nothing was said for 90 days are deleted from" in notes[0].payload["text"]
    today = now()
    monkeypatch.setattr(rounds, "now", lambda: today + 15 * DAY)
    assert (await round_of(house))["conversations"] == 1


@on_each_engine
async def test_a_link_goes_ninety_days_after_its_end_once_nothing_is_left_of_its_chats(house: House) -> None:
    guest, _ = await house.guest()
    other = await house.links.create(OWNER, Draft("Alive"))
    await house.links.revoke(OWNER, guest.link.id)
    async with house.db.begin() as tables:
        await tables.session.execute(
            sa.update(Link)
            .where(Link.id == guest.link.id)
            .values(closed_at=now() - 91 * DAY, expires_at=now() - 91 * DAY)
        )
        assert await tables.erasures.purge("T1", now() - 90 * DAY, 20) == 0, "its chat is kept still"
        await tables.session.execute(sa.update(Session).values(ended_at=now() - 31 * DAY))
    removed = await round_of(house)
    assert (removed["chats"], removed["links"]) == (1, 1)
    assert await count(house, Session) == await count(house, Conversation, Conversation.door == "link") == 0
    async with house.db.read() as tables:
        assert [each.id for each in await tables.session.scalars(sa.select(Link))] == [other.link.id]


@on_each_engine
async def test_calls_and_costs_go_after_four_hundred_days_and_what_this_month_needs_stays(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure("T1")
        for days in (0, 30, 399, 401, 900):
            whose = {"workspace_id": "T1", "member_id": "U1", "at": now() - days * DAY}
            tables.session.add(ToolUsage(**whose, tool="t", outcome="done", milliseconds=1))
            tables.session.add(ModelUsage(id=f"r{days}", **whose, purpose="answer", money=5))
        await tables.budgets.set_limit("T1", "members", money=1)
        await tables.jobs.add("of_no_version_any_more", "x", {}, now() - 31 * DAY, workspace="T1")
        await tables.jobs.add("of_no_version_any_more", "y", {}, now() - 29 * DAY, workspace="T1")
    removed = await round_of(house)
    assert (removed["calls"], removed["model_usage"], removed["scheduled_jobs"]) == (2, 2, 1)
    assert (await count(house, ToolUsage), await count(house, ModelUsage), await count(house, SpendingLimit)) == (
        3,
        3,
        1,
    )
    assert await count(house, Job, Job.kind == "of_no_version_any_more") == 1


async def test_what_is_wrong_in_one_workspace_keeps_nothing_in_another_and_is_told(house: House) -> None:
    for workspace in ("T0", "T1", "T2"):
        async with house.db.begin() as tables:
            await tables.workspaces.ensure(workspace)
            old = {"workspace_id": workspace, "member_id": "U1", "at": now() - 401 * DAY}
            tables.session.add(ToolUsage(**old, tool="t", outcome="done", milliseconds=1))
            tables.session.add(ModelUsage(id=workspace, **old, purpose="answer", money=5))
    async with house.db.begin() as tables:
        await tables.policies.put("T0", KEPT, {"begins": "no date"}, by="U1")
    with pytest.raises(ExceptionGroup) as told:
        await round_of(house)
    assert told.group_contains(ValueError, match="no date")
    assert (await count(house, ToolUsage), await count(house, ModelUsage)) == (1, 0)


async def test_what_an_admin_chooses_while_a_round_begins_is_lost_to_neither(postgres_db: Database) -> None:
    await rows.workspace(postgres_db)
    async with postgres_db.begin() as tables:
        await begin(tables, "T1", now())
        chosen = asyncio.create_task(Keeping(postgres_db, Kept()).set(OWNER, Chosen(guests=7)))
        await asyncio.wait({chosen}, timeout=0.2)
    await chosen
    kept = await Keeping(postgres_db, Kept()).of("T1")
    assert kept.begins and kept.guests == 7


@on_each_engine
async def test_batches_go_on_until_fewer_go_than_might_and_no_longer_than_a_round_may(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        for number in range(25):
            tables.session.add(
                ToolUsage(workspace_id="T1", member_id="U1", tool=f"t{number}", outcome="done", milliseconds=1)
            )

    async def some(tables: Tables, most: int) -> int:
        return await tables.usage.purge("T1", now() + DAY, most)

    assert await in_batches(db, some, 10, batches=2) == 20
    assert await in_batches(db, some, 10) == 5 and await in_batches(db, some, 10) == 0
