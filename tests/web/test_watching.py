"""What the pages refuse is noted: by kind, by link, and with no more of the address than its network."""

import os
import re

import sqlalchemy as sa

from bot.services import tokens
from bot.services.watch.security_events import KINDS
from storage.database import Database
from storage.tables import SecurityEvent, Session
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running

FROM_OUTSIDE = {"stranger": 1, "forged": 1, "probing": 20, "flood": 2}
FROM_GUESTS = {"passcode": 2, "replay": 5}


def test_every_kind_is_noted_by_some_request_below() -> None:
    assert {*FROM_OUTSIDE, *FROM_GUESTS} == set(KINDS)


async def noted(house: House) -> dict[str, list[SecurityEvent]]:
    async with house.db.read() as tables:
        rows = list(await tables.session.scalars(sa.select(SecurityEvent)))
    return {row.kind: [each for each in rows if each.kind == row.kind] for row in rows}


async def test_each_refusal_is_noted_under_its_kind(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, proxies=("127.0.0.1",)) as house:
        guest = await house.guest()
        link = guest.chat.split("/")[-2]
        stranger = Caller(house.url)
        stranger.cookies = {name: "ts_" + "x" * 49 for name in guest.cookies}
        from_there = {"X-Forwarded-For": "203.0.113.77", **PAGE}
        await stranger.ask("GET", guest.chat, headers=from_there)
        await guest.ask("POST", guest.chat + "messages", data={"form": "forged", "text": "x"}, headers=from_there)
        for _ in range(22):
            url = f"{house.url}/temp-chat/{tokens.mint(tokens.Kind.LINK)}"
            await stranger.ask("GET", url, headers=from_there)
    found = await noted(house)
    assert {kind: sum(row.count for row in rows) for kind, rows in found.items()} == FROM_OUTSIDE
    assert {row.network for rows in found.values() for row in rows} == {"203.0.113.0"}
    assert [row.link_id for row in found["stranger"]] == [link] and found["probing"][0].link_id is None


async def moved(house: House) -> None:
    """The code is used by another browser, and then again by a third; the first one's cookie is tried once more."""
    guest, other, third = await house.guest(), Caller(house.url), Caller(house.url)
    cookies = dict(guest.cookies)
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    shown = await guest.ask("POST", guest.chat + "move", data={"form": page.hidden("form")}, headers=PAGE)
    found = re.search(r'class="move-code" dir="ltr">([0-9A-Z-]{9})<', shown.text)
    assert found
    for caller, status in ((other, 303), (third, 403)):
        body = {"key": os.urandom(16).hex(), "code": found[1]}
        assert (await caller.ask("POST", house.url + "/temp-chat/continue", data=body, headers=PAGE)).status == status
    wrong = {"key": os.urandom(16).hex(), "code": "0000-0000"}
    assert (await third.ask("POST", house.url + "/temp-chat/continue", data=wrong, headers=PAGE)).status == 403
    guest.cookies = cookies
    assert (await guest.ask("GET", guest.chat + "state")).status == 404


async def guessed(house: House) -> str:
    """A passcode is asked for first, and then typed wrongly; the id of its link."""
    created, guest = await house.link(access="passcode", passcode="a-long-passcode"), Caller(house.url)
    assert (await guest.start(created.url)).status == 403
    assert await noted(house) == {}
    assert (await guest.start(created.url, passcode="another passcode")).status == 403
    return created.link.id


async def ended(house: House) -> None:
    """The guest ends the chat, and somebody goes on with a copy of the cookie that their browser has forgotten."""
    guest = await house.guest()
    copied = dict(guest.cookies)
    assert (await guest.ask("POST", guest.chat + "end", json={})).status == 200
    guest.cookies = copied
    for method, path in (("GET", "state"), ("POST", "messages"), ("GET", "transcript")):
        await guest.ask(method, guest.chat + path, **({"json": {}} if method == "POST" else {}))


async def test_what_is_guessed_and_what_is_used_twice_is_noted(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini) as house:
        link = await guessed(house)
        await moved(house)
        await ended(house)
    found = await noted(house)
    assert {kind: sum(row.count for row in rows) for kind, rows in found.items()} == FROM_GUESTS
    assert link in {row.link_id for row in found["passcode"]}


async def test_a_page_for_its_host_that_is_read_twice_is_noted(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini) as house:
        guest = await house.guest()
        async with house.db.read() as tables:
            session = await tables.session.scalar(sa.select(Session.id))
        page = await house.links.outcomes.page(OWNER, session)
        url = page.url
        assert (await guest.prove(url, page.code)).status == 303
        assert [(await guest.ask("POST", url, data={})).status for _ in range(2)] == [200, 404]
    assert [(kind, row.count) for kind, rows in (await noted(house)).items() for row in rows] == [("replay", 1)]


async def test_a_guests_own_visit_notes_nothing(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini) as house:
        guest = await house.guest()
        await guest.ask("GET", guest.chat, headers=PAGE)
        await guest.say("Hello", os.urandom(8).hex())
    assert await noted(house) == {}
