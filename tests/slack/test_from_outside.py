"""Slack's guests, people of other organisations and bots: refused until an admin says otherwise, and then so far."""

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.services.limits.outside.rules import Ruled
from bot.slack.edge.people import colleagues
from bot.slack.edge.people.profiles import Profiles
from bot.slack.screens import approvals
from bot.slack.screens.governing import outside as screens
from bot.slack.screens.governing.tabs import ONLY_ADMINS
from bot.slack.screens.talking.from_outside import NO_GUEST, NO_OUTSIDER, NOT_KNOWN
from playground.slack.core.people import Person
from playground.slack.delivery import outbox
from playground.slack.server import LocalSlack
from run_cards import custom
from storage.members import Member
from storage.rules.outside import Kind, Rule
from tests.slack.outside import (
    allow,
    audited,
    becomes_guest,
    ephemeral_with,
    is_of_elsewhere,
    let,
    no_admin_any_more,
)
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said
from tests.support.tracker import WEB, Tracker, tracker

__all__ = ["tracker"]

RANDOM = "C0RANDOM"


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted"])
async def test_a_guest_of_the_workspace_is_told_kindly_and_nothing_else_is_done(usher: Usher, flag: str) -> None:
    becomes_guest(usher, flag)
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hi")
    assert await usher.message_with("guest in it", MEMBERS_DM, MEMBER)
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> hi")
    assert await ephemeral_with(usher, NO_GUEST)
    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp list")
    assert await usher.message_with(NO_GUEST, MEMBERS_DM, MEMBER)
    assert "guest in it" in said(await usher.home(MEMBER))
    assert not usher.gemini.asked


async def test_once_an_admin_allows_it_guests_are_answered_it_is_audited_and_can_be_undone(usher: Usher) -> None:
    becomes_guest(usher)
    done = await allow(usher, Kind.GUESTS, Rule.ALLOW)
    usher.gemini.will_say("Hello guest.")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hi")
    await usher.message_with("Hello guest.", MEMBERS_DM, MEMBER)
    await usher.press(done, screens.UNDO)
    await usher.modal_with("It is as it was before")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "and now?")
    await usher.message_with("guest in it", MEMBERS_DM, MEMBER)
    kept = [each.detail for each in await audited(usher) if each.action == "policy.outside_set"]
    assert [each["rule"] for each in kept] == ["refuse", "allow"]


async def test_people_of_other_organisations_are_told_and_then_let_in_by_an_admin(usher: Usher) -> None:
    is_of_elsewhere(usher)
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> hi")
    assert await ephemeral_with(usher, NO_OUTSIDER)
    assert not usher.gemini.asked
    await allow(usher, Kind.OUTSIDERS, Rule.ALLOW)
    usher.gemini.will_say("Hello neighbour.")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> hi")
    await usher.message_with("Hello neighbour.", GENERAL, MEMBER)


async def test_an_outsider_who_may_ask_decides_about_their_own_calls_alone_and_only_while_they_may(
    usher: Usher, tracker: Tracker
) -> None:
    is_of_elsewhere(usher)
    await let(usher, Kind.OUTSIDERS, Rule.ALLOW)
    for person in (OWNER, MEMBER):
        where = {"name": "Tracker", "url": tracker.url}
        await usher.services.connections.begin(Member(TEAM, person), custom.CARD, where)
        usher.gemini.will_call(("tracker__close_issue", {**WEB, "number": 41}))
        await usher.slack.person_says(person, GENERAL, "<@U0USHER> close it")
        await usher.message_with(f"Only <@{person}> can decide, until", GENERAL)
    members = await usher.message_with(f"Only <@{OWNER}> can decide, until", GENERAL)
    await usher.press(members, approvals.APPROVE, MEMBER)
    assert (await usher.message_with(SOMEBODY_ELSES, GENERAL, MEMBER))["ephemeral"]

    own = await usher.message_with(f"Only <@{MEMBER}> can decide, until", GENERAL)
    await let(usher, Kind.OUTSIDERS, Rule.REFUSE)
    await usher.press(own, approvals.APPROVE, MEMBER)
    assert (await usher.message_with(NO_OUTSIDER, GENERAL, MEMBER))["ephemeral"]
    await let(usher, Kind.OUTSIDERS, Rule.READ_ONLY)
    await usher.press(own, approvals.APPROVE, MEMBER)
    assert (await usher.message_with("tools that only read, and nothing", GENERAL, MEMBER))["ephemeral"]
    assert tracker.closed == []
    await let(usher, Kind.OUTSIDERS, Rule.ALLOW)
    usher.gemini.will_say("It is closed.")
    await usher.press(own, approvals.APPROVE, MEMBER)
    await usher.message_with(f"Approved by <@{MEMBER}>", GENERAL)
    await usher.slack.when(lambda: len(tracker.closed) == 1)
    async with usher.services.db.read() as tables:
        [waits] = await tables.approvals.waiting(TEAM, OWNER)
    assert waits.state == "asked"


async def test_only_in_channels_they_are_told_where_wherever_else_they_ask(usher: Usher) -> None:
    becomes_guest(usher)
    await allow(usher, Kind.GUESTS, Rule.ALLOW, channels=[GENERAL])
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hi")
    assert await usher.message_with(f"in <#{GENERAL}> only", MEMBERS_DM, MEMBER)
    await usher.slack.command(MEMBER, RANDOM, "/mcp list")
    assert await usher.message_with(f"in <#{GENERAL}> only", RANDOM, MEMBER)
    assert f"<#{GENERAL}> only" in said(await usher.home(MEMBER))
    assert not usher.gemini.asked
    usher.gemini.will_say("Here I am.")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> hi")
    await usher.message_with("Here I am.", GENERAL, MEMBER)


async def test_who_is_no_admin_cannot_open_it_nor_save_or_undo_what_is_open(usher: Usher) -> None:
    await usher.press(await usher.tab("policies"), screens.CHANGE)
    window = await usher.modal_with(screens.HINT_CHANNELS)
    no_admin_any_more(usher)
    await usher.submit(window, rule=Rule.ALLOW.value)
    await usher.modal_with(ONLY_ADMINS)
    assert screens.CHANGE not in str(await usher.home(MEMBER))
    assert (await usher.services.outside.of(TEAM))[Kind.GUESTS] == Ruled()


@pytest.mark.parametrize("slack_tells", [True, False])
async def test_a_guest_who_became_a_member_is_one_from_their_next_word_on(
    usher: Usher, monkeypatch: pytest.MonkeyPatch, slack_tells: bool
) -> None:
    becomes_guest(usher)
    await let(usher, Kind.GUESTS, Rule.READ_ONLY)
    usher.gemini.will_say("Hello guest.")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hi")
    await usher.message_with("Hello guest.", MEMBERS_DM, MEMBER)
    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp list")
    await usher.message_with("tools that only read", MEMBERS_DM, MEMBER)
    assert await usher.services.from_outside.whence(Member(TEAM, MEMBER))

    person = usher.slack.workspace.directory.people[MEMBER]
    person.flags.clear()
    if slack_tells:
        usher.slack.workspace.outbox.add("user_change", {"type": "user_change", "user": person.as_slack()})
        await usher.slack.when(lambda: not usher.slack.unheard)
    else:
        monkeypatch.setattr(colleagues, "REMEMBERED_SECONDS", 0.0)  # a minute later
    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp help")
    await usher.message_with("/mcp connect", MEMBERS_DM, MEMBER)
    assert await usher.services.from_outside.whence(Member(TEAM, MEMBER)) is None


@pytest.fixture
def impatient(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack waits for no acknowledgement, and brings at once what has none."""
    monkeypatch.setattr(usher.slack.workspace.sockets, "ack_seconds", 1.0)
    monkeypatch.setattr(outbox, "RETRY_SECONDS", (0.0, 0.0, 0.0))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("refused", ["ratelimited", "internal_error"])
async def test_while_slack_does_not_say_who_it_is_a_question_waits_until_slack_brings_it_again(
    usher: Usher, refused: str
) -> None:
    usher.slack.will_refuse("users.info", refused)
    usher.gemini.will_say("Hello.")
    await usher.slack.person_says("U0OWNER", DM, "hi")
    await usher.message_with("Hello.")
    await usher.slack.when(lambda: not usher.slack.unheard)
    assert len(usher.gemini.asked) == 1 and NOT_KNOWN not in str(usher.slack.calls)


@pytest.mark.usefixtures("impatient")
async def test_when_slack_never_says_who_it_is_nobody_is_let_in_and_they_are_told_at_last(usher: Usher) -> None:
    usher.slack.workspace.sockets.ack_seconds = 0.2
    usher.slack.will_refuse("users.info", "ratelimited", times=4)
    await usher.slack.person_says("U0OWNER", DM, "hi")
    await usher.message_with(NOT_KNOWN)
    assert not usher.gemini.asked


async def test_a_crowd_is_listed_at_once_instead_of_asked_about_one_by_one(
    client: AsyncWebClient, slack: LocalSlack
) -> None:
    people = slack.workspace.directory.people
    crowd = [f"U0{number:04}" for number in range(300)]
    people |= {each: Person(each, each) for each in crowd}
    profiles = Profiles(client)
    found: list[Any] = await asyncio.gather(*(profiles.of(each) for each in crowd))
    assert [each.name for each in found] == crowd
    assert (len(slack.of("users.info")), len(slack.of("users.list"))) == (0, 1)
