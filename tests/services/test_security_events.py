"""What looks like an attack is counted, stored without whole addresses, and told to administrators once a day."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.services.tickets import Entry
from bot.services.watch import security_events
from bot.services.watch.security_events import KINDS, SecurityEvents
from storage.schema import now
from storage.tables import Job, SecurityEvent
from tests.services.house import OWNER, House
from tests.support.engines import on_each_engine

NETWORK, CALLER = "203.0.113.0", "203.0.113.77/32"


async def stored(house: House) -> list[SecurityEvent]:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(SecurityEvent).order_by(SecurityEvent.id)))


async def notes(house: House) -> list[Job]:
    async with house.db.read() as tables:
        return [job for job in await tables.jobs.all() if job.kind == "admin_note"]


@on_each_engine
async def test_a_flood_makes_one_row_and_no_whole_address(house: House) -> None:
    guest, _ = await house.guest()
    events = SecurityEvents(house.db, house.bus, b"k" * 32)
    for _ in range(500):
        events.note("flood", NETWORK, CALLER, guest.link.id)
    events.note("flood", NETWORK, "203.0.113.78/32", guest.link.id)
    events.note("probing", NETWORK, CALLER, "no such link")
    assert await events.store() == 502 and await events.store() == 0
    first, second, third = sorted(await stored(house), key=lambda row: (row.kind, -row.count))
    assert (first.count, first.link_id, first.workspace_id) == (500, guest.link.id, "T1")
    assert (third.kind, third.link_id, third.workspace_id) == ("probing", None, "T1"), "there is no other"
    assert first.who == third.who != second.who and len(first.who) == 64
    assert not any("113.7" in str(vars(each)) for each in (first, second, third))


@on_each_engine
async def test_each_workspaces_admins_see_what_meant_a_page_of_theirs_and_nobodys_is_everybodys(house: House) -> None:
    issued = await house.connections.tickets.issue(OWNER, {}, Entry.PAGE)
    async with house.db.begin() as tables:
        await tables.workspaces.ensure("T2")
    events = SecurityEvents(house.db, house.bus)
    events.note("replay", NETWORK, CALLER, ticket=issued.url.rpartition("/")[2])
    events.note("forged", NETWORK, CALLER, ticket="none of ours")
    await events.store()
    assert {each.kind: each.workspace_id for each in await stored(house)} == {"replay": "T1", "forged": None}
    async with house.db.read() as tables:
        past = now() - timedelta(hours=1)
        seen = {each: await tables.insights.health(each, past, past, now()) for each in ("T1", "T2")}
    assert [seen[each].turned_away for each in ("T1", "T2")] == [1, 0]


@on_each_engine
async def test_a_lot_in_an_hour_is_told_to_administrators_once(house: House) -> None:
    await house.guest()
    events = SecurityEvents(house.db, house.bus)
    for _ in range(KINDS["stranger"].many - 1):
        events.note("stranger", NETWORK, CALLER)
    await events.store()
    assert await notes(house) == []
    for _ in range(3):
        events.note("stranger", NETWORK, CALLER)
        await events.store()
    (told,) = await notes(house)
    assert told.payload["workspace"] == "T1"
    assert "50 times somebody asked for a guest's chat" in told.payload["text"] and NETWORK in told.payload["text"]


@on_each_engine
async def test_what_is_older_than_an_hour_does_not_count(house: House) -> None:
    await house.guest()
    events = SecurityEvents(house.db, house.bus)
    for _ in range(KINDS["forged"].many):
        events.note("forged", NETWORK, CALLER)
    await events.store()
    assert len(await notes(house)) == 1
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(SecurityEvent).values(at=now() - timedelta(hours=2)))
        assert await tables.security.counts(now() - timedelta(hours=1)) == {}
        assert await tables.security.purge(now() - timedelta(hours=1)) == 1
    assert await stored(house) == []


@on_each_engine
async def test_a_crowd_of_callers_takes_bounded_memory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_events, "MOST", 10)
    events = SecurityEvents(house.db, house.bus)
    for number in range(1_000):
        events.note("probing", NETWORK, f"caller {number}")
    assert await events.store() == 1_000
    rows = await stored(house)
    assert len(rows) == 11 and sum(row.count for row in rows) == 1_000


async def test_what_could_not_be_stored_is_kept_for_the_next_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = SecurityEvents(house.db, house.bus)
    events.note("probing", NETWORK, CALLER)

    async def away(*_: object) -> bool:
        raise OSError("away")

    with monkeypatch.context() as broken, pytest.raises(OSError):
        broken.setattr(security_events, "_tell", away)
        await events.store()
    assert await stored(house) == []
    events.note("probing", NETWORK, CALLER)
    assert await events.store() == 2


def test_an_unknown_kind_is_a_mistake_of_ours(house: House) -> None:
    with pytest.raises(ValueError):
        SecurityEvents(house.db, house.bus).note("odd", NETWORK, CALLER)
