"""Administrators hear of what only they can mend, once."""

from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.admins import Admins
from bot.slack.acts.home import publish
from playground.gemini import Failure
from playground.slack.server import LocalSlack
from storage.members import Member
from tests.support.slack import DM, MEMBER, MEMBERS_DM, OWNER, Usher, said

BAD_KEY = Failure(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")


async def test_slacks_own_admins_are_told_unless_the_operator_names_others(client: AsyncWebClient) -> None:
    assert await Admins(client).ids() == [OWNER]
    assert await Admins(client, extra=[MEMBER]).ids() == [MEMBER]


async def test_when_slack_does_not_say_nobody_is(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.will_refuse("users.list", "internal_error")
    assert await Admins(client).ids() == []


async def test_an_admin_is_one_of_the_operators_or_of_slacks(slack: LocalSlack, client: AsyncWebClient) -> None:
    assert await Admins(client).includes(OWNER)
    assert not await Admins(client).includes(MEMBER)
    assert await Admins(client, extra=[MEMBER]).includes(MEMBER)
    assert await Admins(client, extra=[MEMBER]).includes(OWNER)


@pytest.mark.parametrize("flag", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_whoever_is_not_whole_here_is_no_admin(slack: LocalSlack, client: AsyncWebClient, flag: str) -> None:
    slack.workspace.directory.people[OWNER].flags[flag] = True
    assert not await Admins(client).includes(OWNER)


async def test_an_admin_of_another_organisation_is_none_here(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Slack may tell their role at home of somebody from a shared channel, and counts them as no stranger."""
    theirs = slack.workspace.directory.people[OWNER]
    theirs.team = "T0OTHER"
    theirs.flags |= {"is_stranger": False, "enterprise_user": {"enterprise_id": "E0OTHER", "is_admin": True}}
    assert not await Admins(client).includes(OWNER)
    assert await Admins(client).ids() == []
    assert await Admins(client, extra=[OWNER]).includes(OWNER), "whom the operator names is one"


async def test_when_slack_does_not_say_somebody_is_no_admin(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.will_refuse("users.info", "internal_error")
    assert not await Admins(client).includes(OWNER)
    assert not await Admins(client).includes("U0NOBODY")


async def test_a_refused_key_is_told_to_whoever_asked_and_once_a_day_to_the_admins(usher: Usher) -> None:
    for number in range(2):
        usher.gemini.script(BAD_KEY)
        await usher.slack.person_says(MEMBER, MEMBERS_DM, f"hello {number}")
        await usher.slack.when(lambda wanted=number + 1: len(_failures(usher)) == wanted)
    told = await usher.message_with("You hear this because you look after me here")
    assert "usher doctor" in said(told)
    notes = [each for each in usher.slack.messages(DM, OWNER) if "you look after me" in said(each)]
    assert len(notes) == 1
    assert usher.slack.refusals == []


def _failures(usher: Usher) -> list[dict]:
    there = usher.slack.messages(MEMBERS_DM, MEMBER)
    return [each for each in there if each["by_app"] and each["thread_ts"] and "administrator" in said(each)]


@pytest.mark.parametrize("level", ["reduced", "none", "off"])
async def test_a_sandbox_that_is_not_whole_is_told_on_the_home_of_admins_alone(
    usher: Usher, client: AsyncWebClient, level: str
) -> None:
    await usher.tab("overview")
    services = replace(usher.services, sandbox=level)
    for member in (OWNER, MEMBER):
        await publish(client, services, Member(usher.member.workspace, member))
    assert "`usher doctor`" in said(usher.slack.snapshot(OWNER)["home"])
    assert "sandbox" not in said(usher.slack.snapshot(MEMBER)["home"])
    await publish(client, usher.services, usher.member)
    assert "sandbox" not in said(usher.slack.snapshot(OWNER)["home"])
