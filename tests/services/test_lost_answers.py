"""A COMMIT whose answer is lost is neither done nor not done: wherever it strikes, all of it happens, and once.

Every seventh writing transaction of a story loses its answer, beginning with the first, the second … : by turns after
it was carried out and after it was undone, on the other database the other way round. With ``CUTS=all`` each is lost by
itself, in both ways, on both.
"""

import asyncio
import itertools
import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.running.jobs import TOPIC, Jobs
from bot.services.links import Draft
from storage.bus.bus import LocalBus
from storage.database import Database
from storage.schema import Base, now
from storage.tables import AuditEntry, Budget, Event, Job, Link, ModelUsage, Reservation, Session, ToolUsage, Turn
from tests.services.house import OWNER, House, open_house
from tests.services.test_stopped_anywhere import Story, counted
from tests.services.workshop import Workshop
from tests.support.ending import ended
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.lost_commits import LostCommits, losing_commits

pytestmark = on_each_engine

APART = 7
EACH = os.environ.get("CUTS") == "all"


def cuts(db: Database, lost: LostCommits) -> Iterator[int]:
    """The numbers of the stories; each begins with its answers chosen for losing."""
    if EACH:
        for story in itertools.count():
            lost.choose(story // 2 + 1, happens=bool(story % 2))
            yield story
            if not lost.lost:
                return
    for story in range(APART):
        # What was lost is done once more, and counts twice.
        lost.choose(story + 1, every=APART + 1, happens=bool(story % 2) is db.is_postgres)
        yield story
        if not lost.lost:
            assert 0 < lost.seen <= story, "a story of fewer transactions has each of its own lost before"
            return


@pytest.fixture(autouse=True)
def looked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.LOOKED_AFTER", (0.0, 0.0))


async def rows(db: Database, table: type[Base], *where: sa.ColumnElement[bool]) -> list[Any]:
    async with db.read() as tables:
        return list(await tables.session.scalars(sa.select(table).where(*where)))


async def nothing_is_set_aside(db: Database) -> None:
    assert not await rows(db, Reservation)
    for each in [*await rows(db, Budget), *await rows(db, Link)]:
        assert (each.tokens_reserved, each.money_reserved) == (0, 0)


async def recorded(db: Database, conversation_id: str, calls: int) -> None:
    """Each call has one row and one entry in the audit: nobody has vouched for it that it only reads."""
    turns = [each.id for each in await rows(db, Turn, Turn.conversation_id == conversation_id)]
    async with asyncio.timeout(60):
        while len(used := await rows(db, ToolUsage, ToolUsage.turn_id.in_(turns))) < calls:
            await asyncio.sleep(0.01)
    entries = await rows(db, AuditEntry, AuditEntry.action == "call.made")
    assert sorted(each.tool for each in used) == ["build", "look"]
    assert len([each for each in entries if each.detail["turn"] in turns]) == calls


async def test_a_members_turn_with_a_question_ends_once_and_its_calls_are_made_and_recorded_once(
    db: Database, gemini: Scripted, workshop: Workshop
) -> None:
    async with open_house(db, gemini.model) as house, counted(house, gemini, workshop) as points, house.worker():
        with losing_commits(db) as lost:
            for number in cuts(db, lost):
                story = Story(house, workshop, points, number)
                await story.check(end := await story.goes())
                assert end.status == "done"
                await recorded(db, story.conversation, 2)
        await nothing_is_set_aside(db)
        decided = await rows(db, AuditEntry, AuditEntry.action == "approval.decided")
        assert len({each.subject for each in decided}) == len(decided) == number + 1


async def visited(house: House, token: str) -> tuple[Link, Session]:
    """A guest starts, presses twice, asks, sends that twice, and has the answer."""
    press = secrets.token_urlsafe(16)
    started = await house.links.start(token, press, "Visitor", True)
    again = await house.links.start(token, press, "Visitor", True)
    assert started and again and started.session.id == again.session.id
    guest = await house.links.guest(started.link.id, started.secret)
    assert guest
    said = await house.chats.say_as_guest(guest, "hello", "c1")
    repeated = await house.chats.say_as_guest(guest, "hello", "c1")
    assert (said.turn_id, said.repeated, repeated.repeated) == (repeated.turn_id, False, True)
    await house.told()
    return guest.link, guest.session


async def test_a_guest_starts_once_is_answered_once_and_pays_once(db: Database, gemini: Scripted) -> None:
    async with open_house(db, gemini.model) as house, house.worker():
        tokens = [
            (await house.links.create(OWNER, Draft(title="Survey"))).url.rpartition("/")[2]
            for _ in range(60 if EACH else APART)
        ]
        with losing_commits(db) as lost:
            for number in cuts(db, lost):
                gemini.will_say(f"Answer {number}.")
                link, session = await visited(house, tokens[number])
                [session] = await rows(db, Session, Session.link_id == link.id)
                [link] = await rows(db, Link, Link.id == link.id)
                assert (link.used_sessions, session.messages) == (1, 1)
                log = await rows(db, Event, Event.conversation_id == session.conversation_id)
                told = [each.body.get("text") or each.body.get("state") for each in log]
                assert told == ["hello", "working", f"Answer {number}.", "done"]
                [took] = await rows(db, ModelUsage, ModelUsage.link_id == link.id)
                assert link.tokens_spent == took.prompt + took.output + took.thoughts > 0
        await nothing_is_set_aside(db)


async def test_a_job_is_done_once_and_goes(db: Database) -> None:
    done: list[str] = []

    async def work(job: Job) -> None:
        done.append(job.once)

    bus = LocalBus()
    jobs = Jobs(db, bus, {"note": work})
    with losing_commits(db) as lost:
        running = asyncio.create_task(jobs.run())
        for number, happens in [(0, True), *itertools.product(range(1, 4), (True, False))]:
            lost.choose(0)
            async with db.begin() as tables:
                await tables.jobs.add("note", f"{number}{happens}", {}, now())
            lost.choose(number, happens=happens)
            await bus.tell(TOPIC)
            async with asyncio.timeout(60):
                while (number and not lost.lost) or await rows(db, Job):
                    await bus.tell(TOPIC)
                    await asyncio.sleep(0.005)
        await jobs.close()
        await ended(running)
    assert sorted(done) == sorted(set(done)) and len(done) == 7
