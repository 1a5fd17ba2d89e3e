"""After a backup was put back: what it holds of unfinished work is ended, never done twice, and told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.running import recovery
from bot.running.recovery import AtWork, Restored, lines, restored
from bot.services.tickets import Tickets
from bot.services.tokens import access
from storage.database import Database
from storage.schema import now
from storage.tables import Approval, AuditEntry, Job, Turn
from tests.services.house import OWNER, House, allow, open_house
from tests.services.test_approvals import paused, responses
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted


@pytest.fixture(autouse=True)
def nobody_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house of these tests has its bus open all the time; one test looks at what that means."""

    async def no(_: object) -> bool:
        return False

    monkeypatch.setattr(recovery, "others_run", no)


async def audited(house: House) -> AuditEntry:
    async with house.db.read() as tables:
        assert await tables.audit.verify("T1")
        return (await tables.audit.of("T1"))[0]


async def jobs(house: House, kind: str) -> list[Job]:
    async with house.db.read() as tables:
        return [job for job in await tables.jobs.all() if job.kind == kind]


async def ran_until(house: House, *, ago: timedelta) -> None:
    """As the recurring jobs of a process show it."""
    async with house.db.begin() as tables:
        await tables.jobs.add("sweep_links", "every:sweep_links", {}, now() - ago + timedelta(seconds=10), every=10)


@on_each_engine
async def test_what_ran_is_told_as_interrupted_and_not_begun_again(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    connected = await house.connect(workshop.url)
    await allow(house, connected, "build", "always")
    await house.say("build a boat")
    async with house.db.begin() as tables:  # as it stood when the backup was made: in the middle of the call
        turn = await tables.turns.claim("dead:1", now(), 3600)
        assert turn
        await tables.turns.change(turn, doing=["Shop: Build"])

    found = await restored(house.db, gemini.model)

    assert found.counts["turns"] == 1
    async with house.worker("two"):
        shown = await house.face.after()
        await house.told()
    assert shown.states[-1] == "interrupted"
    assert "Shop: Build" in shown.bodies("status")[-1]["text"]
    assert (workshop.built, gemini.asked) == ([], [])


@on_each_engine
async def test_a_question_that_waited_for_its_answer_is_not_answered_a_day_later(
    house: House, gemini: Scripted
) -> None:
    await house.say("what is new?")
    await house.say("and what else?", source="slack:2")

    found = await restored(house.db, gemini.model)

    assert found.counts["turns"] == 2
    assert [turn.status for turn in await house.turns()] == ["interrupted", "interrupted"]
    async with house.worker("two"):
        await house.face.after(2)
        await house.told()
        assert gemini.asked == []
        gemini.will_say("All is well.")
        await house.say("hello again", source="slack:3")
        assert (await house.face.after(3)).text == "All is well."


@on_each_engine
async def test_an_approved_call_that_had_not_begun_may_have_run_since_and_is_not_run(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        await house.told()
    await house.chats.decide(OWNER, approval_id, "approve")

    await restored(house.db, gemini.model)

    async with house.worker("two"):
        shown = await house.face.after(2)
        await house.told()
        assert "Shop: Build" in shown.bodies("status")[-1]["text"] and workshop.built == []
        gemini.will_say("I looked: there is none.")
        await house.say("is it there?", source="slack:2")
        await house.face.after(3)
    assert "may or may not have happened" in responses(gemini)


@on_each_engine
async def test_an_open_question_is_withdrawn_and_the_model_is_not_told_that_nothing_happened(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        await house.told()

    found = await restored(house.db, gemini.model)

    assert found.counts["approvals"] == 1
    async with house.db.read() as tables:
        assert await tables.session.scalar(sa.select(Approval.state).where(Approval.id == approval_id)) == "lapsed"
    gemini.will_say("Let me look.")
    async with house.worker("two"):
        await house.say("go on", source="slack:2")
        await house.face.after(2)
    assert "No decision was recorded. The call may or may not have happened" in responses(gemini)
    assert "without deciding" not in responses(gemini)


@on_each_engine
async def test_a_guest_who_waited_gets_an_end_and_the_tokens_set_aside_come_back(
    house: House, gemini: Scripted
) -> None:
    guest, _ = await house.guest()
    await house.chats.say_as_guest(guest, "hello", "c1")

    await restored(house.db, gemini.model)

    log = await house.links.log(guest)
    assert log[-1].body["state"] == "interrupted"
    async with house.db.read() as tables:
        link = await tables.links.get("T1", guest.link.id)
    assert link and link.tokens_reserved == 0


@on_each_engine
async def test_ticket_pages_of_yesterday_are_void(house: House, gemini: Scripted) -> None:
    tickets = Tickets(house.db, "https://usher.example")
    issued = await tickets.issue(OWNER, {})
    token = issued.url.rpartition("/")[2]
    assert await tickets.look(token)

    found = await restored(house.db, gemini.model)

    assert found.counts["tickets"] == 1 and await tickets.look(token) is None


@on_each_engine
async def test_access_tokens_are_revoked_since_some_may_have_been_already(house: House, gemini: Scripted) -> None:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure(OWNER.workspace)
        made = await access.make(tables, OWNER, access.Wanted("Editor", ("mcp",)))

    found = await restored(house.db, gemini.model)

    assert found.counts["tokens"] == 1
    async with house.db.read() as tables:
        assert await tables.access_tokens.by_hash(made.row.hash, now()) is None


@on_each_engine
async def test_links_stay_open_and_are_counted_unless_all_are_to_end(house: House, gemini: Scripted) -> None:
    guest, token = await house.guest()

    found = await restored(house.db, gemini.model)
    assert found.counts["links"] == 1 and await house.links.look(token)

    found = await restored(house.db, gemini.model, end_links=True)
    assert (found.counts["links_ended"], found.counts["links"]) == (1, 0)
    assert await house.links.look(token) is None
    assert [job.payload["session_id"] for job in await jobs(house, "guest_ended")] == [guest.session.id]


@on_each_engine
async def test_the_audit_and_the_administrators_learn_which_hours_are_missing(house: House, gemini: Scripted) -> None:
    await ran_until(house, ago=timedelta(hours=5, minutes=30))
    await house.say("what is new?")

    found = await restored(house.db, gemini.model)

    entry = await audited(house)
    assert (entry.actor, entry.action, entry.detail["turns"]) == ("operator", "database.restored", 1)
    [note] = await jobs(house, "admin_note")
    assert found.newest and f"{found.newest:%Y-%m-%d %H:%M} UTC" in note.payload["text"]
    assert "in the 5 h 30 min since then is missing" in lines(found)[0]


@on_each_engine
async def test_a_second_time_nothing_is_left_to_end(house: House, gemini: Scripted) -> None:
    await house.say("what is new?")
    await restored(house.db, gemini.model)

    found = await restored(house.db, gemini.model)

    assert (found.counts["turns"], found.counts["approvals"], found.counts["tickets"]) == (0, 0, 0)
    async with house.db.read() as tables:
        assert (await tables.session.scalars(sa.select(Turn.told))).all() == [False]


async def test_it_is_refused_while_another_process_works(
    postgres_db: Database, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    async with open_house(postgres_db, gemini.model) as house:
        await house.say("what is new?")
        with pytest.raises(AtWork, match="Stop every one of them first"):
            await restored(postgres_db, gemini.model)
        assert [turn.status for turn in await house.turns()] == ["queued"]


async def test_nobody_is_told_of_a_backup_in_which_usher_never_ran(sqlite_db: Database, gemini: Scripted) -> None:
    found = await restored(sqlite_db, gemini.model)
    assert lines(found) == ["Usher has never run on this database: there is nothing to end."]
    assert Restored(None, found.at) == found
