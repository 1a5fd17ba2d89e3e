"""Whoever may only read, and whoever may not ask at all: every door of Slack is found by itself and tried."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.services.tokens.access import Standing
from bot.slack.acts.reminders import Reminding
from bot.slack.app import hang_all
from bot.slack.edge import guard, registration
from bot.slack.edge.registration import Registry
from bot.slack.screens.talking.from_outside import HOME_TITLE
from mcp_runtime.tools.tools import ToolCall
from run_cards import custom
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.rules.outside import Kind, Rule
from storage.schema import now
from storage.tables import Job
from tests.slack.outside import becomes_guest, let
from tests.support.slack import GENERAL, MEMBER, MEMBERS_DM, TEAM, Usher, said
from tests.support.tracker import WEB, Tracker, tracker

__all__ = ["tracker"]

READERS = {
    "app_home_opened", "agent_session_stopped",
    "turn.rate", "turn.details", "turn.details.back", "turn.details.more",
    "turn.go_on", "turn.again", "turn.start_over", "showing.here", "showing.private",
    "ask_about_message", "message.ask_about",
    "approval.deny", "approval.read", "approval.read.back", "approval.read.more", "elicitation.decline",
}  # fmt: skip
"""All that is open to those who may only read: looking, asking again, stopping, and saying no."""
Door = tuple[str, str]
KINDS = ("command", "shortcut", "event", "action", "view")


@pytest.fixture
def doors(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[AsyncApp, set[Door], list[str]]]:
    """The same app once more, each listener of which notes that it was reached, and does nothing."""
    found: set[Door] = set()
    reached: list[str] = []
    guarded = registration.guarded
    for kind in KINDS:
        original = getattr(Registry, kind)

        def noting(self: Registry, name: str, *, kind: str = kind, original: Any = original, **more: Any) -> Any:
            found.add((kind, name))
            return original(self, name, **more)

        monkeypatch.setattr(Registry, kind, noting)

    def stand_in(listener: Any, *others: Any, **more: Any) -> Any:
        async def noted(interaction: Any) -> None:
            await interaction.ack()
            reached.append(interaction.act or interaction.payload["type"])

        return guarded(noted, *others, **more)

    async def acknowledged(interaction: Any, *_: Any) -> None:
        await interaction.ack()  # what they are told is shown elsewhere, and takes a call each

    monkeypatch.setattr(guard, "_own_up", acknowledged)
    monkeypatch.setattr(registration, "guarded", stand_in)
    app = AsyncApp(client=usher.client, signing_secret="", authorize=_us)
    hang_all(Registry(app, usher.tasks, outside=usher.services.from_outside), usher.services, usher.client)
    yield app, found, reached


async def _us(**_: Any) -> Any:
    return AuthorizeResult(
        enterprise_id=None, team_id=TEAM, bot_user_id="U0USHER", bot_id="B0USHER", bot_token="xoxb-x"
    )


async def tried(app: AsyncApp, doors: set[Door], team: str = TEAM) -> None:
    """A few at once: each waits a little for its acknowledgement."""
    every = sorted(doors)
    for some in (every[at : at + 20] for at in range(0, len(every), 20)):
        requests = (AsyncBoltRequest(mode="socket_mode", body=_body(*door, team)) for door in some)
        await asyncio.gather(*(app.async_dispatch(each) for each in requests))


def _body(kind: str, name: str, team: str) -> dict[str, Any]:
    user, where = {"id": MEMBER, "team_id": team}, {"id": GENERAL, "name": "general"}
    usual = {"team": {"id": TEAM}, "user": user, "trigger_id": "1.2", "api_app_id": "A0USHER", "token": "x"}
    match kind:
        case "command":
            place = {"channel_id": GENERAL, "team_id": team, "trigger_id": "1.2"}
            return {"command": name, "text": "", "user_id": MEMBER, **place}
        case "event":
            event = {"type": name, "user": MEMBER, "channel": GENERAL, "thread_ts": "1.2", "tab": "messages"}
            ours = [{"team_id": TEAM, "user_id": "U0USHER", "is_bot": True}]
            told = {"type": "event_callback", "team_id": TEAM, "authorizations": ours}
            return {**told, "event": {**event, "team": TEAM, "user_team": team}}
        case "view":
            return {**usual, "type": "view_submission", "view": {"id": "V1", "type": "modal", "callback_id": name}}
        case "shortcut":
            message = {"message": {"ts": "1.2", "text": "x"}, "channel": where, "message_ts": "1.2"}
            return {**usual, "type": "message_action", "callback_id": name, **message}
    container = {"type": "message", "channel_id": GENERAL, "message_ts": "1.2"}
    pressed = {"action_id": name, "block_id": "b", "type": "button", "value": "x"}
    return {**usual, "type": "block_actions", "channel": where, "container": container, "actions": [pressed]}


Doors = tuple[AsyncApp, set[Door], list[str]]


async def test_every_door_is_closed_to_those_who_may_not_ask_and_but_few_are_open_to_those_who_may_only_read(
    usher: Usher, doors: Doors
) -> None:
    app, found, reached = doors
    assert len(found) > 150
    becomes_guest(usher)
    await tried(app, found)
    assert reached == []
    await let(usher, Kind.GUESTS, Rule.READ_ONLY)
    await tried(app, found)
    assert set(reached) == READERS


async def test_what_a_reader_asks_is_answered_with_tools_that_read_and_none_of_it_waits_for_a_yes(
    usher: Usher, tracker: Tracker
) -> None:
    becomes_guest(usher)
    member = Member(TEAM, MEMBER)
    await usher.services.connections.begin(member, custom.CARD, {"name": "Tracker", "url": tracker.url})
    await let(usher, Kind.GUESTS, Rule.READ_ONLY)
    usher.gemini.will_call(("tracker__close_issue", {**WEB, "number": 41}))
    usher.gemini.will_say("That is for members.")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "close it")
    await usher.message_with("That is for members.", MEMBERS_DM, MEMBER)
    first = str(usher.gemini.asked[0])
    assert "tracker__close_issue" not in _declared(first) and "usher__create_chat_link" not in _declared(first)
    assert "a guest of this workspace" in first and "for members of the workspace" in first
    assert tracker.closed == [] and "approval" not in str(usher.slack.messages(MEMBERS_DM, MEMBER))
    home = await usher.home(MEMBER)
    assert HOME_TITLE in said(home) and "connection.connect" not in str(home)


async def test_a_program_acts_for_those_alone_who_may_do_all_everywhere(usher: Usher) -> None:
    assert usher.services.tokens
    becomes_guest(usher)
    found = {}
    for rule, channels in ((Rule.REFUSE, ()), (Rule.ASK, ()), (Rule.READ_ONLY, ()), (Rule.ALLOW, (GENERAL,))):
        await let(usher, Kind.GUESTS, rule, *channels)
        found[rule] = await usher.services.tokens.people.standing(Member(TEAM, MEMBER))
    assert set(found.values()) == {Standing.TURNED_AWAY}
    await let(usher, Kind.GUESTS, Rule.ALLOW)
    assert await usher.services.tokens.people.standing(Member(TEAM, MEMBER)) is Standing.MEMBER


async def test_whoever_may_not_ask_any_more_is_reminded_of_nothing(usher: Usher) -> None:
    member, reminders = Member(TEAM, MEMBER), usher.services.reminders
    await usher.services.from_outside.meet(member, Kind.GUESTS, TEAM)
    made = await reminders.add(member, {}, "the tea", now() + timedelta(days=1))
    payload = {"workspace": TEAM, "reminder": made.id}
    await Reminding(usher.client, usher.services)(Job(kind="", once="", payload=payload, due_at=now()))
    assert await reminders.of(member) == [] and "the tea" not in str(usher.slack.messages(MEMBERS_DM, MEMBER))


async def test_a_rule_that_is_tightened_stops_the_next_call_of_a_turn_that_runs(usher: Usher, tracker: Tracker) -> None:
    becomes_guest(usher)
    await let(usher, Kind.GUESTS, Rule.ALLOW)
    member = Member(TEAM, MEMBER)
    made = await usher.services.connections.begin(member, custom.CARD, {"name": "Tracker", "url": tracker.url})
    await usher.services.connections.choices.set_policy(member, made.connection.id, "close_issue", "always")
    await usher.services.from_outside.meet(member, Kind.GUESTS, TEAM)
    tools = await usher.services.connections._pool.toolset(member, agent=ForAgent())  # as a turn has them
    name = next(tool.name for tool in tools.tools if tool.own_name == "close_issue")
    for rule in (Rule.READ_ONLY, Rule.REFUSE, Rule.ASK):
        await let(usher, Kind.GUESTS, rule)
        result = await tools.call(ToolCall("1", name, {**WEB, "number": 41}))
        assert result.refused == "agent", rule
    assert tracker.closed == []


def _declared(asked: str) -> str:
    return asked[asked.find("functionDeclarations") :] if "functionDeclarations" in asked else asked
