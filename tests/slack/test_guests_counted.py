"""One message counts the guests of a link, and leads its creator to each one's thread."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.services.links import Draft, Guest
from bot.services.links.hosting import counting
from bot.services.links.hosting.counting import JOB, Counted
from bot.slack.acts.guests import counted as acts
from bot.slack.acts.guests.counted import GuestsCounted
from bot.slack.acts.guests.guest_threads import Pace
from bot.slack.screens.guests import counted as screens
from storage.schema import now
from storage.tables import Job, Link, Session
from tests.slack.test_guest_threads import arrived, at_once, followed, says
from tests.support.slack import DM, TEAM, Usher, said

__all__ = ["at_once"]


@pytest.fixture(autouse=True)
def counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "APART", 0.02)
    monkeypatch.setattr(counting, "TOGETHER", timedelta(0))


async def link_for(usher: Usher, guests: int = 5) -> str:
    return (await usher.services.links.create(usher.member, Draft("Fair <!here>", max_sessions=guests))).url


def counting_ones(usher: Usher) -> list[dict]:
    return [each for each in usher.slack.messages(DM) if "busts_in_silhouette" in said(each)]


async def test_guests_are_counted_in_one_message_as_they_come_wait_and_go(usher: Usher) -> None:
    url = await link_for(usher)
    ann, bo = await arrived(usher, "Ann *<!channel>*", url), await arrived(usher, "Bo", url)
    shown = await usher.message_with("2 of 5 guests so far")
    assert "2 chatting with the assistant" in said(shown) and "<!channel>" not in said(shown)
    root = await followed(usher, ann)
    shown = await usher.message_with(f"/p{root['ts'].replace('.', '')}|Ann")
    await usher.services.hosting.ask_for_person(await current(usher, bo))
    shown = await usher.message_with("*1 would like to talk to a person*")
    words = said(shown)
    assert words.index("Bo") < words.index("|Ann")  # who waits comes first
    await usher.services.hosting.take_over(usher.member, bo.session.id)
    await usher.message_with("1 with a person")
    await usher.services.hosting.end(usher.member, bo.session.id)
    shown = await usher.message_with("1 chatting with the assistant · 1 ended")
    assert " tokens, less than $0.01" in said(shown)
    await usher.services.links.pause(usher.member, ann.link.id)
    await usher.message_with("nobody new can start")
    await usher.services.links.revoke(usher.member, ann.link.id)
    await usher.message_with("2 of 5 guests so far, it has ended")
    assert len(counting_ones(usher)) == 1 and usher.slack.refusals == []


async def test_a_link_for_one_guest_is_not_counted(usher: Usher) -> None:
    guest = await arrived(usher, "Ann", await link_for(usher, 1))
    await followed(usher, guest)
    await usher.services.hosting.end(usher.member, guest.session.id)
    await usher.message_with("has ended")
    assert counting_ones(usher) == [] and await due(usher) == 0


async def test_a_deleted_chat_takes_its_name_out_of_the_count(usher: Usher) -> None:
    url = await link_for(usher)
    ann = await arrived(usher, "Ann", url)
    await arrived(usher, "Bo", url)
    await usher.message_with("2 of 5 guests so far")
    await usher.services.links.erasing.by_host(usher.member, ann.session.id)
    shown = await usher.message_with("1 chat deleted")
    assert "Ann" not in said(shown) and "2 of 5 guests so far" in said(shown)


async def test_what_has_not_changed_is_not_drawn_again_and_a_deleted_count_is_let_be(usher: Usher) -> None:
    ann = await arrived(usher, "Ann", await link_for(usher))
    shown = await usher.message_with("|Ann")
    drawn = await the_link(usher)
    job = Job(kind=JOB, once="once", payload={"workspace": TEAM, "link_id": ann.link.id}, workspace_id=TEAM)
    another = GuestsCounted(usher.client, usher.services, Pace(0), 0)  # after a restart
    before = len(usher.slack.of("chat.update"))
    await another.draw(job)
    assert len(usher.slack.of("chat.update")) == before
    await usher.client.chat_delete(channel=DM, ts=shown["ts"])  # as an administrator may
    await says(usher, ann, "Hello")
    async with asyncio.timeout(60):
        while (await the_link(usher)).count_drawn == drawn.count_drawn:
            await asyncio.sleep(0.01)
    assert counting_ones(usher) == []


async def test_however_many_draw_at_once_there_is_one_message(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "TOGETHER", timedelta(hours=1))
    ann = await arrived(usher, "Ann", await link_for(usher))
    job = Job(kind=JOB, once="once", payload={"workspace": TEAM, "link_id": ann.link.id}, workspace_id=TEAM)
    several = [GuestsCounted(usher.client, usher.services, Pace(0), 0) for _ in range(4)]
    await asyncio.gather(*(each.draw(job) for each in several))
    assert len(counting_ones(usher)) == 1


def test_many_guests_fit_into_one_message() -> None:
    link = Link(id="l", title="Fair", max_sessions=100, tokens_spent=0, expires_at=now(), unpriced="")
    guests = [(Session(id=str(number), guest_name="x" * 80), "chats") for number in range(100)]
    links = {str(number): "https://acme.slack.com/archives/C0123456789/p1234567890123456" for number in range(100)}
    blocks = screens.shown(Counted(link, guests, 0), links, now())
    assert all(len(each["text"]["text"]) <= 3_000 for each in blocks if each["type"] == "section")
    assert len(blocks) < 50 and "And 80 more" in said({"blocks": blocks})


async def the_link(usher: Usher) -> Link:
    async with usher.services.db.read() as tables:
        return (await tables.session.scalars(sa.select(Link))).one()


async def due(usher: Usher) -> int:
    async with usher.services.db.read() as tables:
        return len([each for each in await tables.jobs.all() if each.kind == JOB])


async def current(usher: Usher, guest: Guest) -> Guest:
    async with usher.services.db.read() as tables:
        session = await tables.sessions.get(guest.workspace, guest.session.id)
    assert session
    return Guest(guest.link, session)
