"""A member's access token: made on a page of theirs, shown once, kept as a hash, and good until it is revoked."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import FormError, NotYours, UserError
from bot.services.tickets import TOKEN, TicketGone
from bot.services.tickets.new_tokens import NewTokens
from bot.services.tokens.access import MOST, Standing, Wanted, make
from storage.members import Member
from storage.schema import now
from storage.tables import AccessToken
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House

EDITOR = Wanted("Editor", ("mcp", "links:read"), 30)


def new_tokens(house: House) -> NewTokens:
    return NewTokens(house.db, house.connections.tickets, house.tokens)


async def page_for(house: House, wanted: Wanted = EDITOR) -> str:
    return (await new_tokens(house).issue(OWNER, wanted)).issued.url


async def made(house: House, wanted: Wanted = EDITOR, member: Member = OWNER) -> str:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure(member.workspace)
        return (await make(tables, member, wanted)).token


async def test_it_is_shown_once_in_the_browser_of_its_member_and_kept_as_a_hash(house: House) -> None:
    page = await page_for(house)
    stranger, member = Caller(house.url), await house.member(page)
    assert "A new access token" in (asked := (await stranger.ask("GET", page, headers=PAGE)).text)
    assert "lets programs act for them" in asked and "Editor" not in asked
    assert (await stranger.ask("POST", page, data={}, headers=PAGE)).status == 422
    assert "see chat links" in (await member.ask("GET", page, headers=PAGE)).text
    shown = await member.ask("POST", page, data={}, headers=PAGE)
    [token] = re.findall(r"ushp_\w{49}", shown.text)
    again = [await member.ask(how, page, headers=PAGE, data={}) for how in ("GET", "POST")]
    assert [each.status for each in again] == [410, 410] and "The token was shown" in again[0].text
    assert token not in again[1].text and (await stranger.ask("GET", page, headers=PAGE)).status == 404
    async with house.db.read() as tables:
        [row] = await tables.session.scalars(sa.select(AccessToken))
        [entry] = await tables.audit.of(OWNER.workspace)
    assert token not in str(vars(row)) and row.tail == token[-4:]
    assert (entry.actor, entry.action, entry.subject) == (OWNER.id, "token.created", row.id)
    assert row.expires_at - row.created_at == timedelta(days=30)
    caller = await house.tokens.caller(token)
    assert caller and (caller.member, caller.scopes) == (OWNER, frozenset(EDITOR.scopes))


async def test_revoked_it_is_nobody_at_once_and_only_its_member_can(house: House) -> None:
    token = await made(house)
    [row] = await house.tokens.of(OWNER)
    with pytest.raises(NotYours):
        await house.tokens.revoke(Member(OWNER.workspace, "U2"), row.id)
    with pytest.raises(NotYours):
        await house.tokens.revoke(Member("T2", OWNER.id), row.id)
    assert await house.tokens.caller(token)
    await house.tokens.revoke(OWNER, row.id)
    assert await house.tokens.caller(token) is None and await house.tokens.of(OWNER) == []
    with pytest.raises(NotYours):
        await house.tokens.revoke(OWNER, row.id)
    assert await house.tokens.caller(token[:-1] + ("a" if token[-1] != "a" else "b")) is None


async def test_its_use_is_written_once_in_five_minutes_and_its_member_looked_at_then(house: House) -> None:
    token = await made(house)
    for _ in range(3):
        assert await house.tokens.caller(token)
    assert house.standings.asked == 1
    [row] = await house.tokens.of(OWNER)
    assert row.used_at is not None
    house.standings.standing_is = Standing.GONE
    assert await house.tokens.caller(token), "known a moment ago"
    async with house.db.begin() as tables:
        await tables.access_tokens.used(OWNER.workspace, row.id, now() - timedelta(minutes=6))
    assert await house.tokens.caller(token) is None
    house.standings.standing_is = Standing.MEMBER
    assert await house.tokens.caller(token) is None, "revoked, since the account is over"
    async with house.db.read() as tables:
        assert (await tables.audit.of(OWNER.workspace))[0].actor == "slack"


async def test_who_may_not_ask_may_not_by_a_program_and_may_again_later(house: House) -> None:
    token, standings = await made(house), house.standings
    standings.standing_is = Standing.TURNED_AWAY
    assert await house.tokens.caller(token) is None
    standings.standing_is = Standing.UNKNOWN
    assert await house.tokens.caller(token) is None, "nobody has vouched for them yet"
    [row] = await house.tokens.of(OWNER)
    for ago, known in [(timedelta(hours=23), True), (timedelta(hours=25), False)]:
        async with house.db.begin() as tables:
            await tables.access_tokens.used(OWNER.workspace, row.id, now() - ago)
        for _ in range(2):
            assert (await house.tokens.caller(token) is not None) is known, "Slack is away, and said so not long ago"


async def test_it_ends_with_its_time(house: House) -> None:
    token = await made(house)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(AccessToken).values(expires_at=now()))
    assert await house.tokens.caller(token) is None


async def test_what_is_asked_for_is_checked_in_the_form_and_again_when_it_is_made(house: House) -> None:
    new = new_tokens(house)
    for wrong, field in [
        (Wanted("", EDITOR.scopes), "name"),
        (Wanted("x" * 81, EDITOR.scopes), "name"),
        (Wanted("Editor", ()), "scopes"),
        (Wanted("Editor", ("links:destroy",)), "scopes"),
        (Wanted("Editor", EDITOR.scopes, 0), "days"),
        (Wanted("Editor", EDITOR.scopes, 367), "days"),
        (Wanted("Editor", ("audit:read",)), "scopes"),
    ]:
        with pytest.raises(FormError) as refused:
            await new.issue(OWNER, wrong)
        assert list(refused.value.errors) == [field]
    house.standings.admins = True
    page = await page_for(house, Wanted("Auditor", ("audit:read",)))
    house.standings.admins = False
    with pytest.raises(UserError):
        await new.make(page.rpartition("/")[2])
    other = await page_for(house)
    for _ in range(MOST):
        await made(house)
    with pytest.raises(UserError):
        await new.make(other.rpartition("/")[2])
    assert len(await house.tokens.of(OWNER)) == MOST


async def test_a_ticket_for_something_else_makes_no_token(house: House) -> None:
    elsewhere = await house.connections.tickets.issue(OWNER, {}, purpose="reading")
    with pytest.raises(TicketGone):
        await new_tokens(house).make(elsewhere.url.rpartition("/")[2])
    page = await page_for(house)
    assert await house.connections.tickets.look(page.rpartition("/")[2], "connect") is None
    assert await house.connections.tickets.look(page.rpartition("/")[2], TOKEN)
