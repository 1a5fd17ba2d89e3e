"""A link in its creator's hand: a new address, more time, a pause; each takes hold at once and is theirs alone."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import UserError
from bot.services import tokens
from bot.services.links import Draft, Guest, Links
from storage.schema import now
from storage.tables import AuditEntry, Link
from tests.services.house import MASTER, OTHER, OWNER, House
from tests.services.test_links import KEY, token_of
from tests.support.engines import on_each_engine


async def test_by_a_new_address_guests_start_and_by_the_old_one_nobody_does(house: House) -> None:
    made = await house.links.create(OWNER, Draft("Survey", max_sessions=2))
    renewed = await house.links.rotate(OWNER, made.link.id)
    assert renewed.url != made.url
    assert await house.links.look(token_of(made.url)) is None
    assert await house.links.start(token_of(made.url), KEY, "Visitor", True) is None
    assert await house.links.start(token_of(renewed.url), KEY, "Visitor", True)


async def test_who_chats_goes_on_under_a_new_address_and_finds_the_chat_by_either(house: House) -> None:
    guest, old = await house.guest()
    renewed = await house.links.rotate(OWNER, guest.link.id)
    still = Guest(renewed.link, guest.session)
    assert not still.ended
    assert still.came_by(tokens.at_rest(old)) and still.came_by(tokens.at_rest(token_of(renewed.url)))
    assert not still.came_by(tokens.at_rest("tc_another"))
    await house.chats.say_as_guest(still, "Are you there?", "c1")
    assert [each.body["text"] for each in await house.links.log(still) if each.kind == "message"] == ["Are you there?"]


@on_each_engine
async def test_of_two_new_addresses_at_once_one_is_made(house: House) -> None:
    link = (await house.links.create(OWNER, Draft("Survey"))).link
    both = await asyncio.gather(*(house.links.rotate(OWNER, link.id) for _ in range(2)), return_exceptions=True)
    made = [each for each in both if not isinstance(each, BaseException)]
    assert all(isinstance(each, UserError) for each in both if each not in made)
    assert [each.link.id for each in made if await house.links.look(token_of(each.url))] == [link.id]


async def test_a_form_that_comes_again_after_a_new_address_makes_no_second_link(house: House) -> None:
    made = await house.links.create(OWNER, Draft("Survey"), once="form")
    await house.links.rotate(OWNER, made.link.id)
    with pytest.raises(UserError, match="new address since"):
        await house.links.create(OWNER, Draft("Survey"), once="form")
    assert len(await house.links.of(OWNER)) == 1


async def test_more_time_is_told_to_open_pages_and_to_whoever_waits_for_the_end(house: House) -> None:
    guest, _ = await house.guest(hours=1)
    with (
        house.bus.follow(f"conversation:{guest.conversation_id}") as page,
        house.bus.follow("links") as expiring,
    ):
        link = await house.links.extend(OWNER, guest.link.id, 24)
        assert await page.wait(5) and await expiring.wait(5)
    assert link.expires_at == guest.link.expires_at + timedelta(hours=24)
    told = [each.body["seconds"] for each in await house.links.log(guest) if each.kind == "expires"]
    assert told and 24 * 3600 < told[0] <= 25 * 3600
    assert await house.links.next_expiry() == link.expires_at


@pytest.mark.parametrize("hours", [0, -1, 30 * 24, 10**6])
async def test_a_link_lives_no_longer_than_any_may(house: House, hours: float) -> None:
    link = (await house.links.create(OWNER, Draft("Survey"))).link
    with pytest.raises(UserError, match="at most 30 days"):
        await house.links.extend(OWNER, link.id, hours)
    assert (await house.links.own(OWNER, link.id)).expires_at == link.expires_at


async def test_while_a_link_is_paused_nobody_new_starts_and_who_chats_goes_on(house: House) -> None:
    guest, token = await house.guest(max_sessions=3)
    for _ in range(2):  # pressed twice
        assert (await house.links.pause(OWNER, guest.link.id)).paused_at
    assert await house.links.start(token, KEY, "Another", True) is None
    await house.chats.say_as_guest(guest, "Still here", "c1")
    assert (await house.links.of(OWNER))[0].used_sessions == 1
    assert (await house.links.pause(OWNER, guest.link.id, paused=False)).paused_at is None
    assert await house.links.start(token, KEY, "Another", True)


@on_each_engine
async def test_each_change_is_its_creators_alone_and_stands_in_the_audit(house: House) -> None:
    link = (await house.links.create(OWNER, Draft("Survey"))).link
    for change in (house.links.rotate, house.links.pause, house.links.own):
        with pytest.raises(UserError, match="not there"):
            await change(OTHER, link.id)
    with pytest.raises(UserError, match="not there"):
        await house.links.extend(OTHER, link.id, 1)
    await house.links.rotate(OWNER, link.id)
    await house.links.extend(OWNER, link.id, 1)
    await house.links.pause(OWNER, link.id)
    await house.links.pause(OWNER, link.id, paused=False)
    async with house.db.read() as tables:
        entries = list(await tables.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)))
    actions = {each.action for each in entries if each.actor == OWNER.id}
    assert {"link.rotated", "link.extended", "link.paused", "link.unpaused"} <= actions
    assert not any("tc_" in str(each.detail) for each in entries)


@on_each_engine
async def test_what_is_over_is_changed_no_more_and_says_why(house: House) -> None:
    revoked = (await house.links.create(OWNER, Draft("Revoked"))).link
    await house.links.revoke(OWNER, revoked.id)
    past = (await house.links.create(OWNER, Draft("Past"))).link
    async with house.db.begin() as tables:
        over = sa.update(Link).where(Link.id == past.id).values(expires_at=now() - timedelta(seconds=1))
        await tables.session.execute(over)
    for link, why in ((revoked, "Revoked was revoked"), (past, "Past is over")):
        for change in (house.links.rotate, house.links.pause):
            with pytest.raises(UserError, match=why):
                await change(OWNER, link.id)
        with pytest.raises(UserError, match=why):
            await house.links.extend(OWNER, link.id, 1)


@on_each_engine
async def test_where_there_are_no_pages_any_more_no_address_is_lost(house: House) -> None:
    made = await house.links.create(OWNER, Draft("Survey"))
    without = Links(house.db, house.bus, base_url=None, master_key=MASTER)
    with pytest.raises(UserError, match="administrator"):
        await without.rotate(OWNER, made.link.id)
    assert await house.links.look(token_of(made.url))
