"""People of one enterprise are members wherever they click; those of other organisations stay strangers."""

from typing import Any

import pytest

from bot.slack.edge.payload import home_team_of, member_of
from storage.members import Member
from tests.support.slack import DM, GENERAL, OWNER, Usher

ENTERPRISE = "E0LOCAL"
HERE = {"enterprise_id": "E1", "team_id": "T1", "user_id": "U0BOT"}
ALONE = HERE | {"enterprise_id": None}


def message(installed: dict[str, Any], *, outer: dict[str, Any] | None = None, **event: Any) -> dict[str, Any]:
    said = {"type": "message", "user": "U1", "text": "hi", **event}
    return {"type": "event_callback", "team_id": "T1", "authorizations": [installed], "event": said, **(outer or {})}


def click(**more: Any) -> dict[str, Any]:
    return {"type": "block_actions", "user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}, **more}


MEMBERS = [
    message(ALONE),
    message(ALONE, user_team="T1", team="T1"),
    message(HERE, user_team="T2", source_team="T2"),
    message(HERE, user_team="E1"),
    click(enterprise={"id": "E1"}, user={"id": "U1", "team_id": "T2"}),
    click(team={"id": "T1", "enterprise_id": "E1"}, user={"id": "U1", "team_id": "T2"}),
    click(team=None, enterprise={"id": "E1"}, is_enterprise_install=True),
    {"command": "/mcp", "user_id": "U1", "team_id": "T2", "enterprise_id": "E1"},
]
STRANGERS = [
    message(ALONE, user_team="T9"),
    message(ALONE, source_team="T9"),
    message(ALONE, team="T9"),
    message(ALONE, user_profile={"team": "T9"}),
    # What the envelope calls its team is the stranger's own.
    message(ALONE, outer={"team_id": "T9"}, user_team="T9"),
    message(ALONE, outer={"team_id": "T9", "enterprise_id": "E9"}, user_team="T9"),
    message(HERE, user_team="E9"),
    message(ALONE, outer={"is_ext_shared_channel": True}),
    click(user={"id": "U1", "team_id": "T9"}),
    click(user={"id": "U1", "team_id": "T9"}, team={"id": "T9"}, view={"app_installed_team_id": "T1"}),
    click(enterprise={"id": "E1"}, user={"id": "U1", "team_id": "T2", "enterprise_user": {"enterprise_id": "E9"}}),
]


@pytest.mark.parametrize("body", MEMBERS)
def test_these_are_members(body: dict[str, Any]) -> None:
    member = member_of(body)
    assert member in (Member("E1", "U1"), Member("T1", "U1"))


@pytest.mark.parametrize("body", STRANGERS)
def test_these_are_strangers(body: dict[str, Any]) -> None:
    assert member_of(body) is None


def test_slack_is_told_the_persons_own_workspace_to_stream_to() -> None:
    assert home_team_of(message(HERE, user_team="T2")) == "T2"
    assert home_team_of(message(ALONE)) == "T1"


def in_enterprise(usher: Usher, *, team: str, enterprise: str | None) -> None:
    usher.slack.workspace.join_enterprise(ENTERPRISE)
    person = usher.slack.workspace.directory.people[OWNER]
    person.team, person.enterprise = team, enterprise


async def test_a_colleague_of_another_workspace_is_answered_and_may_click(usher: Usher) -> None:
    in_enterprise(usher, team="T0OTHER", enterprise=ENTERPRISE)
    usher.gemini.will_say("Hello colleague.")
    await usher.slack.person_says(OWNER, DM, "hi")
    await usher.message_with("Hello colleague.")
    await usher.slack.command(OWNER, DM, "/mcp")
    shown = await usher.message_with("/mcp connect [card]")
    assert shown
    await usher.press(await usher.home(), "connection.connect")
    assert await usher.modal_with("Connect a tool")


@pytest.mark.parametrize("enterprise", [None, "E0OTHER"])
async def test_a_guest_of_a_shared_channel_is_no_colleague(usher: Usher, enterprise: str | None) -> None:
    in_enterprise(usher, team="T0OTHER", enterprise=enterprise)
    usher.slack.workspace.directory.channels[GENERAL].shared = True
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> hi")
    await usher.slack.when(lambda: not usher.slack.unheard)
    await usher.tasks.drain(5)
    assert not usher.gemini.asked
    assert usher.slack.of("users.info")


async def test_when_slack_does_not_say_nobody_is_a_colleague(usher: Usher) -> None:
    in_enterprise(usher, team="T0OTHER", enterprise=ENTERPRISE)
    usher.slack.workspace.directory.channels[GENERAL].shared = True
    usher.slack.will_refuse("users.info", "internal_error")
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> hi")
    await usher.slack.when(lambda: not usher.slack.unheard)
    assert usher.slack.of("users.info") and not usher.gemini.asked
