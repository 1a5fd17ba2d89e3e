"""A guest's chat is deleted, by its guest, by its host, or when its time is over: nothing that was said is left."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.agent.summary import Fold
from bot.errors import NotYours, UserError
from bot.running.keeping import enforce
from bot.services.chats import folding
from bot.services.limits.keeping import Kept
from bot.services.links import Guest
from bot.services.links.erasing import erasing
from playground.gemini import Break, Reply, text
from storage.database import Database
from storage.schema import Base, now
from storage.tables import AuditEntry, Job, RateLimit, Session
from tests.services.house import OTHER, OWNER, House, open_house
from tests.services.test_hosting import heard, settled
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

SECRET, ANSWER = "my cat is called Zebulon", "Zebulon is a fine name"


async def chatted(house: House, gemini: Scripted) -> Guest:
    """Somebody has said something and was answered; another chat is as it was."""
    guest, _ = await house.guest(title="Cats")
    gemini.will_say(ANSWER)
    async with house.worker():
        await house.chats.say_as_guest(guest, SECRET, "client-1")
        await settled(house)
        await house.told()
    async with house.db.begin() as tables:  # what it filed, too
        result = await tables.results.hold(guest.session, now())
        await tables.results.keep("T1", result.session_id, answers={"1": "Zebulon"}, summary="About Zebulon")
    return guest


async def as_stored(house: House, guest: Guest) -> Guest:
    async with house.db.read() as tables:
        link, session = await tables.links.with_session("T1", guest.link.id, guest.session.id) or (None, None)
    assert link and session
    return Guest(link, session)


async def everything(db: Database) -> str:
    """All rows of all tables, as text."""
    async with db.read() as tables:
        return str([(await tables.session.execute(sa.select(each))).all() for each in Base.metadata.sorted_tables])


async def test_what_a_guest_deletes_is_in_no_row_and_a_tombstone_says_so(house: House, gemini: Scripted) -> None:
    guest = await chatted(house, gemini)
    assert SECRET in await everything(house.db) and "Visitor" in await everything(house.db)
    assert await house.links.erasing.by_guest(guest)
    left = await everything(house.db)
    assert not any(words in left for words in (SECRET, "Zebulon", "Visitor"))
    after = await as_stored(house, guest)
    assert (after.reason, after.name, after.session.end_reason) == ("deleted", "", "deleted")
    assert after.session.erased_at and after.session.messages == 1 and after.link.used_sessions == 1
    assert [event.kind for event in await house.log(guest.conversation_id)] == ["end"]
    assert not await house.links.erasing.by_guest(after)


async def test_it_is_audited_without_a_word_of_it(house: House, gemini: Scripted) -> None:
    guest = await chatted(house, gemini)
    await house.links.erasing.by_guest(guest)
    async with house.db.read() as tables:
        entries = await tables.audit.of("T1")
        assert await tables.audit.verify("T1")
    asked, purged = entries[1], entries[0]
    assert (asked.action, asked.actor) == ("link.deletion_asked", f"guest:{guest.session.id}")
    assert (purged.action, purged.subject) == ("link.purged", guest.link.id)
    assert purged.detail == {
        "session": guest.session.id, "by": "guest", "turns": 1, "approvals": 0, "questions": 0, "messages": 2,
        "events": 4, "files": 0,
    }  # fmt: skip


async def test_nothing_of_it_is_left_in_the_bytes_of_the_file(
    sqlite_db: Database, gemini: Scripted, tmp_path: Path
) -> None:
    async with open_house(sqlite_db, gemini.model) as house:
        guest = await chatted(house, gemini)
        await house.db.settle_file()
        assert SECRET.encode() in _bytes(sqlite_db)
        await house.links.erasing.by_guest(guest)
        assert b"Cats" in _bytes(sqlite_db)
        assert not any(each in _bytes(sqlite_db) for each in (SECRET.encode(), b"Zebulon", b"Visitor"))


def _bytes(db: Database) -> bytes:
    path = Path(db.engine.url.database or "")
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*") if each.is_file())


@on_each_engine
async def test_a_running_answer_is_cut_first_and_adds_nothing_afterwards(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.script(Reply([[text("Zebulon is ")], Break.HOLD]))
    with house.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        async with house.worker():
            await house.chats.say_as_guest(guest, SECRET, "client-1")
            await heard(bell, "Zebulon")
            assert await house.links.erasing.by_guest(guest)
            async with asyncio.timeout(60):
                while (await as_stored(house, guest)).session.erased_at is None:
                    await house.links.erasing.left()
                    await asyncio.sleep(0.01)
    assert "Zebulon" not in await everything(house.db)
    after = await as_stored(house, guest)
    assert after.link.tokens_reserved == 0


@on_each_engine
async def test_what_was_cut_off_is_made_good_by_the_next_round(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = await chatted(house, gemini)

    async def killed(*_: object) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as cut, pytest.raises(asyncio.CancelledError):
        cut.setattr(erasing.Erasing, "finish", killed)
        await house.links.erasing.by_guest(guest)
    assert (await as_stored(house, guest)).reason == "deleted"  # and shown to nobody meanwhile
    assert SECRET in await everything(house.db)
    assert await house.links.erasing.left() == 1
    assert SECRET not in await everything(house.db)
    assert await house.links.erasing.left() == 0


@on_each_engine
async def test_two_who_delete_at_once_do_it_once(house: House, gemini: Scripted) -> None:
    guest = await chatted(house, gemini)
    asked = await asyncio.gather(*(house.links.erasing.by_guest(guest) for _ in range(5)))
    assert sorted(asked) == [False] * 4 + [True]
    async with house.db.read() as tables:
        copies = [job for job in await tables.jobs.all() if job.kind == erasing.COPIES]
        entries = await tables.audit.of("T1")
    assert len(copies) == 1 and [each.action for each in entries].count("link.purged") == 1


async def test_only_its_host_may_delete_a_guests_chat(house: House, gemini: Scripted) -> None:
    guest = await chatted(house, gemini)
    with pytest.raises(NotYours):
        await house.links.erasing.by_host(OTHER, guest.session.id)
    with pytest.raises(NotYours):
        await house.links.erasing.by_host(OWNER, "nowhere")
    assert SECRET in await everything(house.db)
    await house.links.erasing.by_host(OWNER, guest.session.id)
    assert (await as_stored(house, guest)).reason == "erased" and SECRET not in await everything(house.db)
    with pytest.raises(UserError, match="already"):
        await house.links.erasing.by_host(OWNER, guest.session.id)


async def test_deleting_one_chat_leaves_the_others_as_they_are(house: House, gemini: Scripted) -> None:
    first, second = await chatted(house, gemini), await chatted(house, gemini)
    before = await house.log(second.conversation_id)
    await house.links.erasing.by_guest(first)
    after = await house.log(second.conversation_id)
    assert [(each.seq, each.body) for each in after] == [(each.seq, each.body) for each in before]


async def ended(house: House, gemini: Scripted, ago: timedelta, **draft: object) -> Guest:
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))
    guest, _ = await house.guest(**draft)
    gemini.will_say(ANSWER)
    async with house.worker():
        await house.chats.say_as_guest(guest, SECRET, "client-1")
        await settled(house)
        await house.told()
    await house.links.end(guest)
    async with house.db.begin() as tables:
        old = sa.update(Session).where(Session.id == guest.session.id)
        await tables.session.execute(old.values(ended_at=now() - ago))
    return guest


@on_each_engine
async def test_chats_go_when_their_time_is_over_and_a_link_may_keep_them_for_less(
    house: House, gemini: Scripted
) -> None:
    hour = timedelta(hours=1)
    old = await ended(house, gemini, 31 * 24 * hour)
    young = await ended(house, gemini, 29 * 24 * hour)
    short = await ended(house, gemini, 3 * hour, keep_hours=2)
    fresh = await ended(house, gemini, 1 * hour, keep_hours=2)
    longer = await ended(house, gemini, 31 * 24 * hour, keep_hours=8760)  # tighten-only
    going, _ = await house.guest()
    removed = await enforce(house.db, house.links.erasing, Kept())
    assert removed["chats"] == 3
    reasons = [(await as_stored(house, each)).reason for each in (old, young, short, fresh, longer, going)]
    assert reasons == ["aged", "guest", "aged", "guest", "aged", ""]
    assert SECRET in str([each.body for each in await house.log(young.conversation_id)])
    assert (await enforce(house.db, house.links.erasing, Kept()))["chats"] == 0


@on_each_engine
async def test_the_audit_is_cut_at_its_front_and_still_holds_together(house: House, gemini: Scripted) -> None:
    await chatted(house, gemini)
    for _ in range(3):
        async with house.db.begin() as tables:
            await tables.audit.add("T1", "U1", "link.paused", "l1")
    await enforce(house.db, house.links.erasing, Kept(audit=0))
    async with house.db.read() as tables:
        entries = await tables.audit.of("T1")
        assert await tables.audit.verify("T1")
    assert [each.action for each in entries] == ["retention.removed", "link.paused"]
    assert entries[0].detail["count"] == entries[0].detail["upto"] == entries[1].number - 1
    assert not (await enforce(house.db, house.links.erasing, Kept(audit=365)))["audit entries"]
    async with house.db.begin() as tables:  # but who takes more than that out is found out
        await tables.session.execute(sa.delete(AuditEntry).where(AuditEntry.number == entries[1].number))
    async with house.db.read() as tables:
        assert not await tables.audit.verify("T1")


@on_each_engine
async def test_jobs_that_would_still_tell_of_it_are_gone(house: House, gemini: Scripted) -> None:
    guest = await chatted(house, gemini)
    async with house.db.read() as tables:
        assert any(guest.session.id in each.once for each in await tables.jobs.all())
    await house.links.erasing.by_guest(guest)
    async with house.db.read() as tables:
        told = list(await tables.session.scalars(sa.select(Job).where(Job.once.contains(guest.session.id))))
    assert [each.kind for each in told] == [erasing.COPIES]


async def test_of_a_chat_that_is_deleted_while_it_is_folded_no_summary_is_kept(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = await chatted(house, gemini)
    [turn] = await house.turns()

    async def deleted_meanwhile(*about: object, **more: object) -> Fold:
        assert await house.links.erasing.by_guest(guest)
        return Fold("It is about Zebulon.", 2)

    monkeypatch.setattr(folding, "fold", deleted_meanwhile)
    await house.chats._folding._fold(turn)
    async with house.db.read() as tables:
        conversation = await tables.conversations.get(guest.workspace, guest.conversation_id)
    assert conversation and (conversation.summary, conversation.folded) == ("", 0)
