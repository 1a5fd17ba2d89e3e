"""A hundred who press Start at once on a link for fifty, and a flood on one link beside a guest of another."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.services.limits import rates
from bot.web.edge import context
from bot.web.edge.callers import Gate
from playground.gemini import Reply, text
from storage.database import Database
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import Event
from tests.support.gemini import Scripted
from tests.web.caller import Caller, frames, until
from tests.web.sidecar import House, running
from tests.web.test_invitations import used

CROWD, ROOM = 100, 50


async def test_of_a_hundred_at_once_fifty_get_in_each_is_answered_and_the_rest_are_told_nothing(
    house_on_each: House,
) -> None:
    house = house_on_each
    house.model.server.answering = lambda body, sign: Reply([[text("Welcome.")]])
    created = await house.link(max_sessions=ROOM)
    crowd = [Caller(house.url) for _ in range(CROWD)]
    answers = await asyncio.gather(*(guest.start(created.url) for guest in crowd))
    assert Counter(answer.status for answer in answers) == {201: ROOM, 404: CROWD - ROOM}
    assert len({answer.text for answer in answers if answer.status == 404}) == 1
    assert await used(house, created.link.id) == ROOM
    inside = [guest for guest in crowd if guest.chat]
    assert len({cookie for guest in inside for cookie in guest.cookies.values()}) == ROOM
    said = await asyncio.gather(*(guest.say(f"I am number {number}") for number, guest in enumerate(inside)))
    # What is promised to answers that others wait for is soon free again: who is refused is told when.
    assert {answer.status for answer in said} <= {202, 429}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in said if answer.status == 429)
    for number, (guest, answer) in enumerate(zip(inside, said, strict=True)):
        if answer.status == 202:
            assert await guest.conversation() == [("guest", f"I am number {number}"), ("agent", "Welcome.")]


async def test_a_flood_on_one_link_is_refused_and_the_guest_of_another_is_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine takes more than a second for each few of them.
    a_minute = replace(rates.MESSAGES["session:second"], limit=Limit(burst=1, every_microseconds=60 * SECOND))
    monkeypatch.setitem(rates.MESSAGES, "session:second", a_minute)
    house.model.server.answering = lambda body, sign: Reply([[text("For you.")]])
    noisy, quiet = await house.guest(title="noisy"), await house.guest(title="quiet")
    flooding = asyncio.gather(*(noisy.say(f"flood {number}") for number in range(200)))
    async with quiet.asking("GET", quiet.chat + "events") as stream:
        told = frames(stream)
        await until(told, "hello")
        assert (await quiet.say("Am I heard?")).status == 202
        seen = await until(told, "message", author="agent")
    assert seen[-1]["data"]["text"] == "For you."
    refused = Counter(answer.status for answer in await flooding)
    assert refused[202] >= 1 and refused[429] >= 60 and set(refused) <= {202, 409, 410, 429}, refused
    assert refused.total() - refused[202] >= 190
    async with house.db.read() as tables:
        stored = [each.body for each in await tables.session.scalars(sa.select(Event).where(Event.kind == "message"))]
    assert sum(each["text"].startswith("flood") for each in stored) == refused[202]


@pytest.fixture
async def unforgiving(sqlite_db: Database, gemini: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """What was used up comes back to nobody, however slow the machine is."""
    monkeypatch.setattr(context, "Gate", lambda burst, seconds: Gate(burst, 1_000 * seconds))
    async with running(sqlite_db, gemini) as house:
        yield house


async def test_who_goes_on_after_many_refusals_is_refused_without_a_question_to_the_database(
    unforgiving: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("the guest was looked up")

    house = unforgiving
    guest, other = await house.guest(), await house.guest(title="another")
    house.model.server.answering = lambda body, sign: Reply([[text("Yes.")]])
    for number in range(30):
        await guest.say(f"flood {number}")
    with monkeypatch.context() as patch:
        patch.setattr(house.links, "guest", never)
        refused = await guest.say("and on")
    assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
    assert (await other.say("I have said nothing yet")).status == 202
