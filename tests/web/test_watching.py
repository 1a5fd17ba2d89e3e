"""What the pages refuse is noted: by kind, by link, and with no more of the address than its network."""

import os

import sqlalchemy as sa

from bot.services import tokens
from storage.database import Database
from storage.tables import SecurityEvent
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House, running


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
    assert {kind: sum(row.count for row in rows) for kind, rows in found.items()} == {
        "stranger": 1, "forged": 1, "probing": 20, "flood": 2,
    }  # fmt: skip
    assert {row.network for rows in found.values() for row in rows} == {"203.0.113.0"}
    assert [row.link_id for row in found["stranger"]] == [link] and found["probing"][0].link_id is None


async def test_a_guests_own_visit_notes_nothing(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini) as house:
        guest = await house.guest()
        await guest.ask("GET", guest.chat, headers=PAGE)
        await guest.say("Hello", os.urandom(8).hex())
    assert await noted(house) == {}
