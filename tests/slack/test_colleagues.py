"""People of one enterprise are members wherever they click; those of other organisations stay strangers."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.payload import home_team_of
from bot.slack.edge.people import colleagues
from bot.slack.edge.people.colleagues import Colleagues
from bot.slack.edge.people.profiles import Profiles
from bot.slack.edge.people.standing import Standing, standing
from playground.slack.server import LocalSlack
from storage.members import Member
from tests.support.slack import DM, GENERAL, OWNER, TEAM, Usher

ENTERPRISE = "E0LOCAL"
HERE = {"enterprise_id": "E1", "team_id": "T1", "user_id": "U0BOT"}
ALONE = HERE | {"enterprise_id": None}


def message(installed: dict[str, Any], *, outer: dict[str, Any] | None = None, **event: Any) -> dict[str, Any]:
    said = {"type": "message", "user": "U1", "text": "hi", **event}
    return {"type": "event_callback", "team_id": "T1", "authorizations": [installed], "event": said, **(outer or {})}


def click(**more: Any) -> dict[str, Any]:
    return {"type": "block_actions", "user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}, **more}


ALONE_HERE, OF_GRID = frozenset({"T1"}), frozenset({"T1", "E1"})
COMMAND = {"command": "/mcp", "user_id": "U1"}
M, S, U = Standing.MEMBER, Standing.STRANGER, Standing.UNKNOWN
UNSHARED, SHARED = {"is_ext_shared_channel": False}, {"is_ext_shared_channel": True}
UNAUTHORIZED: dict[str, Any] = {"authorizations": []}

CASES: list[tuple[Standing, frozenset[str], dict[str, Any]]] = [
    # A team by itself.
    (M, ALONE_HERE, message(ALONE, user_team="T1", team="T1")),
    (M, ALONE_HERE, message(ALONE, outer=UNSHARED)),
    (M, ALONE_HERE, message(ALONE, outer=UNAUTHORIZED, team="T1")),
    (M, ALONE_HERE, click()),
    (M, ALONE_HERE, {**COMMAND, "team_id": "T1"}),
    (U, ALONE_HERE, message(ALONE)),
    (U, ALONE_HERE, message(ALONE, outer=SHARED)),
    (U, ALONE_HERE, click(user={"id": "U1"})),
    (S, ALONE_HERE, message(ALONE, user_team="T9")),
    (S, ALONE_HERE, message(ALONE, source_team="T9")),
    (S, ALONE_HERE, message(ALONE, team="T9")),
    (S, ALONE_HERE, message(ALONE, user_profile={"team": "T9"})),
    (S, ALONE_HERE, message(ALONE, user_team="T1", source_team="T9")),
    (S, ALONE_HERE, message(ALONE, user_team="E9")),
    (S, ALONE_HERE, message(ALONE, outer=UNSHARED, user_team="T9")),
    # What a payload calls its team is the stranger's own.
    (S, ALONE_HERE, message(ALONE, outer={"team_id": "T9"}, user_team="T9")),
    (S, ALONE_HERE, message(ALONE, outer={"team_id": "T9", "enterprise_id": "E9"}, user_team="T9")),
    (S, ALONE_HERE, message(ALONE, outer={"team_id": "T9", **UNAUTHORIZED}, user_team="T9")),
    (S, ALONE_HERE, message(ALONE | {"team_id": "T9"}, outer={"team_id": "T9"}, user_team="T9")),
    (S, ALONE_HERE, click(user={"id": "U1", "team_id": "T9"})),
    (S, ALONE_HERE, click(user={"id": "U1", "team_id": "T9"}, team={"id": "T9"})),
    (S, ALONE_HERE, click(user={"id": "U1", "team_id": "T9"}, team={"id": "T9"}, enterprise={"id": "E9"})),
    (S, ALONE_HERE, click(user={"id": "U1", "team_id": "T9"}, team={"id": "T9"}, view={"app_installed_team_id": "T1"})),
    (S, ALONE_HERE, {**COMMAND, "team_id": "T9"}),
    # A team of an enterprise, or an enterprise as a whole.
    (M, OF_GRID, message(HERE, user_team="T1")),
    (M, OF_GRID, message(HERE | {"team_id": "T2"}, user_team="T2")),
    (M, OF_GRID, message(HERE, user_team="E1")),
    (M, OF_GRID, click(enterprise={"id": "E1"})),
    (U, OF_GRID, message(HERE, user_team="T2", source_team="T2")),
    (U, OF_GRID, click(enterprise={"id": "E1"}, user={"id": "U1", "team_id": "T2"})),
    (U, OF_GRID, click(team={"id": "T1", "enterprise_id": "E1"}, user={"id": "U1", "team_id": "T2"})),
    (U, OF_GRID, click(team=None, enterprise={"id": "E1"}, is_enterprise_install=True, user={"id": "U1"})),
    (U, OF_GRID, {**COMMAND, "team_id": "T2", "enterprise_id": "E1"}),
    (S, OF_GRID, message(HERE, user_team="E9")),
    (S, OF_GRID, message(HERE, outer={"team_id": "T9", "enterprise_id": "E9", **UNAUTHORIZED}, user_team="T9")),
    (S, OF_GRID, {**COMMAND, "team_id": "T9", "enterprise_id": "E9"}),
    (
        S,
        OF_GRID,
        click(enterprise={"id": "E1"}, user={"id": "U1", "team_id": "T2", "enterprise_user": {"enterprise_id": "E9"}}),
    ),
]


@pytest.mark.parametrize(("told", "ours", "body"), CASES)
def test_who_is_one_of_ours(told: Standing, ours: frozenset[str], body: dict[str, Any]) -> None:
    assert standing(body, ours) is told


@pytest.mark.parametrize(("team", "belongs"), [(TEAM, True), ("T0OTHER", False)])
async def test_of_whom_a_payload_says_nothing_slack_is_asked(
    client: AsyncWebClient, slack: LocalSlack, team: str, belongs: bool
) -> None:
    slack.workspace.directory.people[OWNER].team = team
    body = message({**ALONE, "team_id": TEAM}, outer={"team_id": TEAM}, user=OWNER)
    found = await Colleagues(client, Profiles(client)).member(body)
    assert (found == Member(TEAM, OWNER)) is belongs and len(slack.of("users.info")) == 1


async def test_where_we_are_at_home_is_kept_while_slack_is_away_and_unknown_fails_closed(
    client: AsyncWebClient, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colleagues, "AT_HOME_SECONDS", 0.0)
    body = message({**ALONE, "team_id": TEAM}, outer={"team_id": TEAM}, user=OWNER, team=TEAM)
    ours = Colleagues(client, Profiles(client))
    slack.will_refuse("auth.test", "internal_error")
    assert await ours.member(body) is None
    assert await ours.member(body) == Member(TEAM, OWNER)
    slack.will_refuse("auth.test", "internal_error")
    assert await ours.member(body) == Member(TEAM, OWNER)


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
