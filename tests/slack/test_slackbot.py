"""What Slackbot passes on is answered in the member's direct message, and asked about there before anything changes."""

import pytest
import sqlalchemy as sa

from bot.errors import UserError
from bot.slack.acts.programs.slackbot import GOES_ON, IN_SLACK, PassedOn
from bot.slack.screens import approvals
from storage.members import Member
from storage.tables import Turn
from tests.support.slack import PATIENCE, TEAM, Usher, said

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


async def test_what_is_answered_at_once_comes_back_too(usher: Usher) -> None:
    usher.gemini.will_say("Nothing is planned today.")
    assert await passed_on(usher)(usher.member, TEAM, "What is on today?") == "Nothing is planned today."
    await usher.message_with("Nothing is planned today.")


async def test_what_takes_longer_is_answered_in_slack_alone(usher: Usher) -> None:
    usher.gemini.will_say("Late.")
    assert await passed_on(usher, 0)(usher.member, TEAM, "Take your time") == GOES_ON
    await usher.message_with("Late.")


async def test_nothing_is_begun_for_whom_no_message_reaches(usher: Usher) -> None:
    with pytest.raises(UserError):
        await passed_on(usher)(Member(TEAM, "U0NOBODY"), TEAM, "Hello")
    async with usher.services.db.read() as tables:
        assert list(await tables.session.scalars(sa.select(Turn))) == []
