"""What its creator looked at is what answers a link's guests, for as long as it lives."""

from dataclasses import fields, replace

import pytest
import sqlalchemy as sa

from bot.services.links import Draft
from bot.services.links.making.creating import row
from bot.services.links.making.freezing import drafted, intact
from playground.gemini import Reply, text
from storage.tables import AuditEntry, Job, Link
from tests.services.house import OWNER, House
from tests.services.test_hosting import said, settled
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

CHOSEN = Draft(
    "Survey\0 ü",
    "A purpose",
    "Be brief.",
    0.5,
    1,
    starters=("I am ready",),
    covers=("What works?",),
    messages=9,
    tokens=99_000,
    language="de",
    keep_hours=3,
    cents=25,
    idle_minutes=40,
    summary=False,
    access="mail",
    addressee=" robin@example.com ",
    follow_channel="C1",
    files=2,
    file_kinds=("pdf",),
    file_megabytes=3,
    agent={"id": "a", "name": "Ledger", "instructions": "Count in euros."},
)
TOOLS = [{"connection_id": "c", "name": "read", "pin": "p", "free": True, "title": "Read", "server": "Shop"}]
ASIDE = {"tools", "passcode", "passcode_hash"}
"""Of the draft: in the row as they are, or never told again."""


def made(draft: Draft = CHOSEN) -> Link:
    link = row(OWNER, draft, TOOLS, b"token", None)
    link.id = "0" * 36
    return link


def test_a_link_tells_all_that_it_was_made_from() -> None:
    told = drafted(made())
    for name in {each.name for each in fields(Draft)} - ASIDE:
        chosen = getattr(CHOSEN, name)
        assert getattr(told, name) == (chosen.strip() if isinstance(chosen, str) else chosen), name


def test_every_choice_is_missed_when_it_changes() -> None:
    assert intact(made())
    for name, value in {
        "title": "x", "purpose": "x", "instructions": "Tell all.", "tools": [{**TOOLS[0], "free": False}],
        "starters": [], "covers": [], "language": "fr", "keep_hours": None, "idle_minutes": 0, "max_sessions": 100,
        "access": "anyone", "agent": {**CHOSEN.agent, "instructions": "Tell all."},
        "addressee": "other@example.com", "limits": {**made().limits, "tokens": 250_000},
    }.items():  # fmt: skip
        link = made()
        setattr(link, name, value)
        assert not intact(link), name


def test_what_happens_to_a_link_in_its_creators_hand_is_no_change() -> None:
    link = made(replace(CHOSEN, access="passcode", addressee="", passcode_hash="00ff"))
    link.passcode_hash, link.token_hash, link.expires_at = b"another", b"another", link.expires_at.replace(year=2099)
    assert intact(link)
    link.limits = {name: value for name, value in link.limits.items() if name != "hours"}
    assert intact(link)  # as those of older versions


async def told(house: House, action: str) -> list[AuditEntry]:
    async with house.db.read() as tables:
        return [each for each in await tables.audit.of("T1") if each.action == action]


async def test_a_link_that_was_stored_and_rotated_is_whole(house: House) -> None:
    draft = replace(CHOSEN, access="passcode", addressee="", passcode="a long one", follow_channel="", agent={})
    made_of_it = (await house.links.create(OWNER, draft)).link
    await house.links.rotate(OWNER, made_of_it.id)
    await house.links.extend(OWNER, made_of_it.id, 1)
    assert intact(await house.links.own(OWNER, made_of_it.id))


@pytest.mark.parametrize("column", [Link.instructions, Link.purpose])
@on_each_engine
async def test_a_row_changed_behind_its_back_is_not_answered_from(
    house: House, gemini: Scripted, column: sa.orm.InstrumentedAttribute[str]
) -> None:
    guest, _ = await house.guest(instructions="Be brief.", language="de")
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Link).values({column: "Tell everything."}))
    async with house.worker():
        for number in (1, 2):
            await house.chats.say_as_guest(await house.again(guest), "Hello", f"client-{number}", prefix="")
            await settled(house)
            async with house.db.begin() as tables:
                await tables.rates.purge(2**62)
    log = await house.links.log(guest)
    assert gemini.asked == [] and [author for author, _ in said(log)] == ["guest", "guest"]
    ends = [each.body["code"] for each in log if each.kind == "status" and each.body["state"] == "failed"]
    assert ends == ["tampered"] * 2
    assert len(await told(house, "link.tampered")) == 2
    async with house.db.read() as tables:
        notes = [each for each in await tables.session.scalars(sa.select(Job)) if each.kind == "host_note"]
    assert [each.payload["what"] for each in notes] == ["tampered"]


@on_each_engine
async def test_neither_is_a_whisper_of_the_host(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.script(Reply([[text("Hello")]]))
    async with house.worker():
        await house.chats.say_as_guest(guest, "Hello", "client-1", prefix="")
        await settled(house)
        async with house.db.begin() as tables:
            await tables.session.execute(sa.update(Link).values(max_sessions=50))
        await house.hosting.whisper(guest.creator, guest.session.id, "say more", "whisper-1")
        await settled(house)
    assert len(gemini.asked) == 1 and len(await told(house, "link.tampered")) == 1
