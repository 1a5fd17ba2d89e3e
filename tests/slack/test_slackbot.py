"""What Slackbot passes on is answered in the member's direct message, and asked about there before anything changes."""

from dataclasses import replace

import httpx2
import pytest
import sqlalchemy as sa

from bot.errors import UserError
from bot.foundations.access import slackbot_door
from bot.services.tokens.access import CALLING
from bot.slack.acts.programs.slackbot import GOES_ON, IN_SLACK, PassedOn
from bot.slack.screens import approvals
from playground.gemini import Failure
from storage.members import Member
from storage.tables import Turn
from tests.support.slack import BASE, PATIENCE, TEAM, Usher, said

LINK = "usher__create_temporary_chat_link"


def passed_on(usher: Usher, seconds: float = PATIENCE) -> PassedOn:
    return PassedOn(usher.client, usher.services, seconds)


async def test_a_link_is_made_once_its_member_has_said_yes_and_its_address_is_theirs_alone(usher: Usher) -> None:
    usher.gemini.will_call((LINK, {"title": "Survey"}))
    told = await passed_on(usher)(usher.member, TEAM, "Make a chat link called Survey")
    assert told == IN_SLACK["paused"] and await usher.services.links.of(usher.member) == []
    assert "Make a chat link called Survey" in said(await usher.message_with("Slackbot asks me for you"))
    usher.gemini.will_say("There it is.")
    await usher.press(await usher.message_with("May I?"), approvals.APPROVE)
    await usher.message_with("There it is.")
    [link] = await usher.services.links.of(usher.member)
    assert link.title == "Survey"
    asked = str(usher.gemini.heard(0))
    assert "> Make a chat link called Survey" in asked, "its words are quoted: they may be anybody's"


async def test_what_is_answered_at_once_comes_back_by_the_door_that_the_house_makes(usher: Usher) -> None:
    assert slackbot_door(usher.services, usher.client, BASE, None) is None, "nothing could be believed"
    door = slackbot_door(usher.services, usher.client, BASE, "signing-secret")
    assert door
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(TEAM)  # as each start of Usher does
    caller = await door.tokens.caller(usher.member)
    assert caller
    usher.gemini.will_say("Nothing is planned today.")
    params = {"name": "ask_usher", "arguments": {"request": "What is on today?"}}
    headers = {"Accept": "application/json, text/event-stream", "Authorization": "Bearer slackbot"}
    inner, calling = door.make(), CALLING.set(replace(caller, team=TEAM))
    async with inner.running(), httpx2.AsyncClient(transport=httpx2.ASGITransport(inner.app), base_url=BASE) as http:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        answer = await http.post("/mcp", json=asked, headers=headers)
    CALLING.reset(calling)
    assert answer.json()["result"]["content"][0]["text"] == "Nothing is planned today."
    await usher.message_with("Nothing is planned today.")


async def test_what_takes_longer_is_answered_in_slack_alone(usher: Usher) -> None:
    usher.gemini.will_say("Late.")
    assert await passed_on(usher, 0)(usher.member, TEAM, "Take your time") == GOES_ON
    await usher.message_with("Late.")


async def test_what_goes_wrong_is_never_told_as_done(usher: Usher) -> None:
    usher.gemini.script(Failure(400, "INVALID_ARGUMENT", "no"))
    assert IN_SLACK["failed"] in await passed_on(usher)(usher.member, TEAM, "Hello")


async def test_nothing_is_begun_for_whom_no_message_reaches(usher: Usher) -> None:
    with pytest.raises(UserError):
        await passed_on(usher)(Member(TEAM, "U0NOBODY"), TEAM, "Hello")
    async with usher.services.db.read() as tables:
        assert list(await tables.session.scalars(sa.select(Turn))) == []
