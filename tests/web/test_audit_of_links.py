"""All that happens on a link stands in its audit: driven by real requests, and bounded where somebody may flood it."""

import asyncio
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.services.limits import rates
from bot.services.links.admission import crowds
from bot.services.links.ending import leaning
from bot.services.links.hosting import channels
from bot.services.links.results import answers
from bot.services.watch import tallies
from bot.services.watch.link_actions import COUNTED, LINK_ACTIONS
from storage.database import Database
from storage.schema import now
from storage.tables import AuditEntry, Link, RateLimit, Tally
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running

ADDRESS, NETWORK = "203.0.113.77", "203.0.113.0"
BROWSER = {**PAGE, "User-Agent": "Mozilla/5.0", "Sec-Fetch-Mode": "navigate", "X-Forwarded-For": ADDRESS}
FROM_THERE = {"X-Forwarded-For": ADDRESS}
HOUR = datetime(2026, 11, 29, 10, tzinfo=UTC)
PASSCODE = "a-long-passcode"


async def entries(db: Database) -> list[AuditEntry]:
    await tallies.settle(db)
    async with db.read() as tables:
        assert await tables.audit.verify("T1")
        return [each for each in await tables.audit.of("T1", 1_000) if each.action.startswith(("link.", "chat."))]


async def everything(house: House) -> None:
    """Each of these does what its name says, by the route that a guest or a host has for it."""
    guest = await coming_and_going(house)
    await talking(house, guest)
    await the_hosts_part(house, guest)
    await deleting(house)
    await what_usher_does(house)


async def coming_and_going(house: House) -> Caller:
    link = await house.link(access="passcode", passcode=PASSCODE, max_sessions=2)
    caller = Caller(house.url)
    await caller.ask("GET", link.url, headers=BROWSER)
    await caller.ask("HEAD", link.url, headers=BROWSER)
    await caller.ask("POST", link.url + "/start", json={"key": "k" * 22, "name": "R"}, headers=FROM_THERE)
    await caller.start(link.url, passcode="wrong passcode")
    assert (await caller.start(link.url, passcode=PASSCODE)).status == 201
    assert (await caller.ask("GET", link.url, headers=BROWSER)).status == 303
    await house.links.pause(OWNER, link.link.id)
    assert (await Caller(house.url).start(link.url, passcode=PASSCODE)).status == 404
    await house.links.pause(OWNER, link.link.id, paused=False)
    addressed, other = await house.link(access="mail", addressee="robin@example.com"), Caller(house.url)
    await other.ask("POST", addressed.url + "/code", json={"key": "k" * 22})
    await other.start(addressed.url, "k" * 22, code="000000" if house.codes[-1] != "000000" else "000001")
    return caller


async def talking(house: House, guest: Caller) -> None:
    link = await house.link(covers=("How was it?",))
    asked = Caller(house.url)
    await asked.start(link.url)
    house.model.will_call(("submit_result", {answers.key(1): "Well"}))
    house.model.will_say("Thank you.")
    with pytest.MonkeyPatch.context() as clock:  # it stands still, or a slow machine would not be too fast
        at = rates.microseconds()
        clock.setattr(rates, "microseconds", lambda: at)
        await asked.say("My token is xoxb-123456789012-abcdefGHIJKL")
        assert (await asked.say("too fast")).status == 429
    await house.all_told()
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    shown = await guest.ask("POST", guest.chat + "move", data={"form": page.hidden("form")}, headers=PAGE)
    code = re.search(r'dir="ltr">([0-9A-Z-]{9})<', shown.text)
    assert code
    taken = {"key": os.urandom(16).hex(), "code": code[1]}
    assert (await Caller(house.url).ask("POST", house.url + "/temp-chat/continue", data=taken)).status == 303


async def the_hosts_part(house: House, guest: Caller) -> None:
    link_id, host = guest.chat.split("/")[-2], OWNER
    async with house.db.read() as tables:
        [session] = await tables.sessions.of("T1", link_id)
    await house.hosting.take_over(host, session.id)
    await house.hosting.hand_back(host, session.id)
    await house.hosting.end(host, session.id)
    await house.links.outcomes.export(host, session.id, "text")
    await house.links.extend(host, link_id, 1)
    await house.links.rotate(host, link_id)
    async with house.db.begin() as tables:
        await tables.links.update("T1", link_id, tools=[{"connection_id": "c", "name": "read", "server": "Shop"}])
        await leaning.lost(tables, host, "c")
    await house.links.revoke(host, link_id)


async def deleting(house: House) -> None:
    gone, over = await house.guest(), await house.guest()
    await gone.ask("POST", gone.chat + "delete", json={"sure": True})
    link_id = over.chat.split("/")[-2]
    async with house.db.begin() as tables:
        await tables.links.update("T1", link_id, instructions="Tell everything.")
    await over.say("Hello")
    await house.all_told()
    async with house.db.begin() as tables:
        await tables.links.update("T1", link_id, expires_at=now())
    await house.links.sweep()


async def what_usher_does(house: House) -> None:
    link, crowd = (await house.link()).link, crowds.Crowds(house.db, b"k" * 32, crowds.AUTO)
    with pytest.MonkeyPatch.context() as clock:  # it stands still, or a slow machine would be no crowd
        at = crowds._now()
        clock.setattr(crowds, "_now", lambda: at)
        for _ in range(crowds.OF_LINK.burst + 1):
            async with house.db.begin() as tables:
                await crowd.count(tables, link)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))
    await crowd.calmer({"link": link.id, "workspace": link.workspace_id})
    async with house.db.begin() as tables:
        await tables.links.update("T1", link.id, follow_channel="C1")
    link.follow_channel = "C1"
    await channels.leave(house.db, link)


async def test_every_kind_is_seen_and_none_holds_a_whole_address_or_token(db: Database, gemini: Scripted) -> None:
    async with running(db, gemini, proxies=("127.0.0.1",)) as house:
        await everything(house)
    found = await entries(db)
    assert {each.action for each in found} == set(LINK_ACTIONS)
    denied = {each.detail["reason"] for each in found if each.action == "link.start_denied"}
    assert denied == {"consent", "passcode_wrong", "paused", "code_wrong"}
    assert {each.detail["reason"] for each in found if each.action == "link.limited"} == {"too_fast"}
    opened = next(each for each in found if each.action == "link.opened")
    assert (opened.detail["count"], opened.detail["network"]) == (1, NETWORK)
    written = str([(each.actor, each.subject, each.detail) for each in found])
    assert ADDRESS not in written and not re.search(r"\bt[csk]_", written)


async def test_a_flood_of_looks_makes_two_entries_an_hour(
    db: Database, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "_hour", lambda: HOUR)
    async with running(db, gemini, proxies=("127.0.0.1",)) as house:
        link = await house.link()
        for number in range(40):
            from_one = {**BROWSER, "X-Forwarded-For": f"198.51.100.{number}"}
            await Caller(house.url).ask("GET", link.url, headers=from_one)
    looks = [each for each in await entries(db) if each.action == "link.opened"]
    assert [each.detail["count"] for each in looks] == [40]
    counted = tallies.Tallies(db)
    for network in ("198.51.100.0", "192.0.2.0"):
        counted.note("link.opened", link.link, network=network)
        await counted.store()
    assert len([each for each in await entries(db) if each.action == "link.opened"]) == 1
    monkeypatch.setattr(tallies, "_hour", lambda: HOUR + timedelta(hours=1))
    looks = [each.detail for each in await entries(db) if each.action == "link.opened"]
    assert [(each["count"], each["network"]) for each in looks] == [(2, "several"), (40, "198.51.100.0")]
    async with db.read() as tables:
        assert await tables.session.scalar(sa.select(sa.func.count()).select_from(Tally)) == 0


async def test_two_processes_write_each_entry_once(db: Database, gemini: Scripted) -> None:
    async with running(db, gemini) as house:
        links = [(await house.link(f"Link {number}")).link for number in range(3)]
    counted = tallies.Tallies(db)
    for link in links:
        counted.note("link.opened", link)
    await counted.store()
    await asyncio.gather(*(tallies.settle(db) for _ in range(4)))
    opened = [each.subject for each in await entries(db) if each.action == "link.opened"]
    assert sorted(opened) == sorted(each.id for each in links)


def test_the_documents_have_the_same_table() -> None:
    told = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
    for action, meaning in LINK_ACTIONS.items():
        assert f"| `{action}` | {meaning} |" in told, action


def test_no_other_name_is_written() -> None:
    bot = Path(__file__).parents[2] / "bot"
    written = re.compile(r"""(?:audit\.add|_noted)\([^)]*"((?:link|chat)\.\w+)\"""")
    names = {name for path in bot.rglob("*.py") for name in written.findall(path.read_text("utf-8"))}
    assert len(names) > 10 and names <= set(LINK_ACTIONS)


def test_what_no_table_names_is_a_mistake_of_ours(db: Database) -> None:
    assert set(COUNTED) < set(LINK_ACTIONS)
    with pytest.raises(ValueError):
        tallies.Tallies(db).note("link.created", Link())
