"""A chat goes on on another device: by a code that is good for two minutes and once, and the old device is out."""

import asyncio
import os
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.links import Guest
from bot.services.links.admission.moving import ALPHABET, TRIES
from bot.services.links.admission.values import Denied
from storage.schema import now
from storage.tables import AuditEntry, Event, OneTimeCode, Session
from tests.services.house import House
from tests.support.engines import on_each_engine

KEY, OTHER_KEY = "a" * 22, "b" * 22


async def rows(house: House, table: type) -> list:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(table)))


async def opened(house: House, **draft) -> tuple[Guest, str]:
    """A guest, and the secret that their cookie holds."""
    _, token = await house.guest(**draft)
    started = await house.links.start(token, KEY, "Robin", True)
    assert started
    return Guest(started.link, started.session), started.secret


async def test_the_code_moves_the_chat_and_the_old_secret_opens_nothing(house: House) -> None:
    guest, old = await opened(house, max_sessions=2)
    code = await house.links.moving.offer(guest)
    assert len(code) == 9 and set(code) <= {*ALPHABET, "-"}
    moved = await house.links.moving.take(f" {code.lower().replace('-', ' ')}", OTHER_KEY, "")
    assert moved.session.id == guest.session.id and moved.secret != old
    assert await house.links.guest(guest.link.id, moved.secret)
    assert await house.links.guest(guest.link.id, old) is None
    told = await house.links.moved_away(guest.link.id, old)
    assert told and told.session.id == guest.session.id
    assert await house.links.moved_away(guest.link.id, moved.secret) is None
    assert [each.kind for each in await house.links.log(guest)] == ["moved"]
    assert "link.handed_off" in [each.action for each in await rows(house, AuditEntry)]


@on_each_engine
async def test_of_many_who_take_it_at_once_one_gets_it_and_may_ask_again(house: House) -> None:
    guest, _ = await opened(house, max_sessions=2)
    code = await house.links.moving.offer(guest)
    taking = [house.links.moving.take(code, os.urandom(16).hex(), "") for _ in range(8)]
    got = await asyncio.gather(*taking, return_exceptions=True)
    assert sorted(type(each).__name__ for each in got) == ["Denied"] * 7 + ["Started"]
    again = await house.links.moving.offer(guest)
    first = await house.links.moving.take(again, KEY, "")
    second = await house.links.moving.take(again, KEY, "")  # an answer that was lost on its way
    assert first.secret == second.secret


@pytest.mark.parametrize("why", ["late", "replaced", "ended", "unknown"])
async def test_a_code_that_is_over_moves_nothing(house: House, why: str) -> None:
    guest, old = await opened(house, max_sessions=2)
    code = await house.links.moving.offer(guest)
    if why == "late":
        async with house.db.begin() as tables:
            await tables.session.execute(sa.update(OneTimeCode).values(expires_at=now() - timedelta(seconds=1)))
    elif why == "replaced":
        await house.links.moving.offer(guest)
    elif why == "ended":
        await house.links.end(guest)
    else:
        code = "0000-0000"
    with pytest.raises(Denied):
        await house.links.moving.take(code, OTHER_KEY, "")
    assert await house.links.guest(guest.link.id, old)
    assert not [each for each in await rows(house, Event) if each.kind == "moved"]


@on_each_engine
async def test_a_code_that_lets_somebody_start_moves_nothing(house: House) -> None:
    guest, _ = await opened(house, max_sessions=2)
    code = await house.links.moving.offer(guest)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(OneTimeCode).values(session_id=""))
    with pytest.raises(Denied):
        await house.links.moving.take(code, OTHER_KEY, "")


@on_each_engine
async def test_codes_are_neither_asked_for_nor_tried_without_end(house: House) -> None:
    guest, _ = await opened(house, max_sessions=2)
    for _ in range(TRIES.burst):
        await house.links.moving.offer(guest)
    with pytest.raises(Refused) as refused:
        await house.links.moving.offer(guest)
    assert refused.value.code == "moves" and refused.value.retry_after
    guesses = [house.links.moving.take("0000-0000", KEY, "198.51.100.7") for _ in range(TRIES.burst + 5)]
    told = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(each) for each in told].count(Denied) == TRIES.burst


async def test_neither_code_nor_secret_stands_in_the_database(house: House) -> None:
    guest, old = await opened(house, max_sessions=2)
    code = await house.links.moving.offer(guest)
    moved = await house.links.moving.take(code, OTHER_KEY, "")
    for table in (OneTimeCode, Session, AuditEntry, Event):
        kept = str([vars(each) for each in await rows(house, table)])
        assert not any(each in kept for each in (code, code.replace("-", ""), old, moved.secret))
