"""Access tokens on the Home tab: asked for, never shown in Slack, revoked, and gone with their member's account."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import NotYours
from bot.services.limits.tokens_by_admins import revoke_token
from bot.slack.screens.accounts import tokens as screens
from bot.slack.screens.governing import people
from storage.members import Member
from storage.tables import AuditEntry
from tests.support.slack import MEMBER, MEMBERS_DM, OWNER, PATIENCE, TEAM, Usher, said

FILLED = {"name": "Editor", "scopes": ["mcp", "links:read"], "days": "30"}


async def asked(usher: Usher, person: str = MEMBER, **values: Any) -> str:
    """The page that makes it."""
    await usher.press(await usher.home(person), screens.NEW, person)
    await usher.submit(await usher.modal_with(screens.ABOUT, person), person, **{**FILLED, **values})
    shown = await usher.modal_with("Open the page", person)
    assert "code" in said(shown).casefold() and "ushp_" not in said(shown)
    return next(
        element["url"] for block in shown["blocks"] for element in block.get("elements", []) if element.get("url")
    )


async def made(usher: Usher, person: str = MEMBER) -> str:
    assert usher.services.new_tokens
    page = await asked(usher, person)
    return (await usher.services.new_tokens.make(page.rpartition("/")[2])).token


async def test_a_member_makes_a_token_and_revokes_it_on_the_home_tab(usher: Usher) -> None:
    assert usher.services.tokens and screens.NONE in said(await usher.home(MEMBER))
    token = await made(usher)
    caller = await usher.services.tokens.caller(token)
    assert caller and caller.member == Member(TEAM, MEMBER)
    await usher.home(MEMBER)
    home = await usher.slack.when(lambda: (h := usher.slack.snapshot(MEMBER)["home"]) and "last used" in said(h) and h)
    assert f"ushp_…{token[-4:]}" in said(home) and "see chat links" in said(home) and token not in said(home)
    await usher.press(home, screens.REVOKE, MEMBER)
    await usher.slack.when(lambda: screens.NONE in said(usher.slack.snapshot(MEMBER)["home"]))
    assert await usher.services.tokens.caller(token) is None


async def test_a_token_dies_with_the_account_that_it_is_for(usher: Usher) -> None:
    assert usher.services.tokens
    token = await made(usher)
    await usher.slack.account_ends(MEMBER)
    async with asyncio.timeout(PATIENCE):
        while await usher.services.tokens.of(Member(TEAM, MEMBER)):
            await asyncio.sleep(0.01)
    assert await usher.services.tokens.caller(token) is None


async def test_only_admins_are_offered_the_audit(usher: Usher) -> None:
    await usher.press(await usher.home(MEMBER), screens.NEW, MEMBER)
    form = said(await usher.modal_with(screens.ABOUT, MEMBER))
    assert "audit" not in form and "Use Usher as an MCP server" in form
    await usher.press(await usher.home(), screens.NEW)
    assert "Read the workspace's audit" in said(await usher.modal_with(screens.ABOUT))


async def test_an_administrator_revokes_a_members_token_who_is_told_and_it_is_in_the_audit(usher: Usher) -> None:
    assert usher.services.tokens
    token = await made(usher)
    await usher.press(await usher.tab("people"), people.FIND, value=MEMBER)
    window = await usher.modal_with("*Access tokens* · 1")
    assert f"ushp_…{token[-4:]}" in said(window) and token not in said(window)
    await usher.press(window, people.END)
    await usher.modal_with("*No access token*")
    await usher.message_with("has revoked your access token “Editor”", MEMBERS_DM, MEMBER)
    assert await usher.services.tokens.caller(token) is None
    async with usher.services.db.read() as tables:
        found = await tables.session.execute(
            sa.select(AuditEntry.actor, AuditEntry.body, AuditEntry.subject).where(AuditEntry.action == "token.revoked")
        )
        [(actor, body, gone)] = found.all()
    assert actor == OWNER and MEMBER in body
    with pytest.raises(NotYours, match="ended already"):  # by another, who looked at it before
        await revoke_token(usher.services.db, usher.member, MEMBER, gone)
