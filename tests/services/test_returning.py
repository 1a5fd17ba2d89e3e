"""Who lost the cookie of a chat that is theirs alone comes back by a new code; nobody else does."""

import asyncio

import pytest
import sqlalchemy as sa

from bot.services.links import Draft
from bot.services.links.admission.returning import Returning
from bot.services.links.admission.values import Denied
from bot.services.links.values import Guest, Started
from storage.tables import AuditEntry, Event, Link, Session
from tests.services.house import OWNER, House
from tests.services.test_one_time_codes import OTHER_KEY, Door, other_than, rows
from tests.support.engines import on_each_engine

THIRD_KEY = "c" * 22


async def begun(house: House) -> tuple[Door, Started]:
    door = await Door(house).make()
    started = await door.start(await door.send())
    assert started
    return door, started


@on_each_engine
async def test_a_new_code_brings_the_chat_to_this_browser_and_logs_the_other_out(house: House) -> None:
    door, first = await begun(house)
    back = await door.start(await door.send(OTHER_KEY), OTHER_KEY)
    assert back and back.session.id == first.session.id and back.secret != first.secret
    link_id = first.link.id
    assert await door.links.guest(link_id, back.secret) and not await door.links.guest(link_id, first.secret)
    assert await door.links.moved_away(link_id, first.secret)
    assert [each.used_sessions for each in await rows(house, Link)] == [1] and len(await rows(house, Session)) == 1
    assert [each.kind for each in await rows(house, Event)].count("moved") == 1
    assert [each.action for each in await rows(house, AuditEntry)].count("link.handed_off") == 1


@on_each_engine
async def test_presses_at_once_and_again_are_one_return(house: House) -> None:
    door, first = await begun(house)
    code = await door.send(OTHER_KEY)
    told = await asyncio.gather(*(door.start(code, OTHER_KEY) for _ in range(3)), return_exceptions=True)
    again = await door.start(code, OTHER_KEY)
    secrets = {each.secret for each in (*told, again) if isinstance(each, Started)}
    assert again and secrets == {again.secret} != {first.secret}
    assert [each.kind for each in await rows(house, Event)].count("moved") == 1


async def test_of_two_presses_whose_code_was_right_neither_reads_that_there_is_no_chat(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, first = await begun(house)
    code = await door.send(OTHER_KEY)
    both, bring = asyncio.Barrier(2), Returning.bring

    async def together(self: Returning, link: Link, code_id: str, by: bytes, secret: str) -> Started | None:
        await asyncio.wait_for(both.wait(), 30)
        return await bring(self, link, code_id, by, secret)

    monkeypatch.setattr(Returning, "bring", together)
    one, other = await asyncio.gather(door.start(code, OTHER_KEY), door.start(code, OTHER_KEY))
    assert one and other and one.secret == other.secret != first.secret
    assert [each.kind for each in await rows(house, Event)].count("moved") == 1


async def test_a_wrong_code_or_none_brings_nothing(house: House) -> None:
    door, first = await begun(house)
    code = await door.send(OTHER_KEY)
    for key, typed in ((OTHER_KEY, other_than(code)), (OTHER_KEY, ""), (THIRD_KEY, code)):
        with pytest.raises(Denied):
            await door.start(typed, key)
    assert await door.links.guest(first.link.id, first.secret)


async def test_of_two_browsers_that_come_back_the_later_one_has_it(house: House) -> None:
    door, first = await begun(house)
    codes = {key: await door.send(key) for key in (OTHER_KEY, THIRD_KEY)}
    backs = [await door.start(code, key) for key, code in codes.items()]
    held = [bool(back and await door.links.guest(first.link.id, back.secret)) for back in backs]
    assert held == [False, True]
    with pytest.raises(Denied):  # its code was used
        await door.start(codes[OTHER_KEY], OTHER_KEY)


async def test_a_paused_link_lets_its_own_guest_back_and_an_ended_chat_nobody(house: House) -> None:
    door, first = await begun(house)
    await door.links.pause(OWNER, first.link.id)
    back = await door.start(await door.send(OTHER_KEY), OTHER_KEY)
    assert back
    await door.links.end(Guest(back.link, back.session))
    assert not await door.links.returning.awaits(back.link)
    assert await door.start("123456", THIRD_KEY) is None


async def test_a_code_sent_before_the_end_brings_nothing_after_it(house: House) -> None:
    door, first = await begun(house)
    code = await door.send(OTHER_KEY)
    await door.links.revoke(OWNER, first.link.id)
    assert await door.start(code, OTHER_KEY) is None


async def test_on_a_link_for_anybody_there_is_no_coming_back(house: House) -> None:
    door = await Door(house).make(Draft("Support"))
    started = await door.start("")
    assert started and not await door.links.returning.awaits(started.link)
    assert await door.start("", OTHER_KEY) is None
    async with house.db.read() as tables:
        assert await tables.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 1
