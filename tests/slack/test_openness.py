"""Slack's guests and people of other organisations may not ask until an admin allows it; whoever may not is told so."""

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.slack.edge.people.profiles import Profiles
from bot.slack.screens import approvals
from bot.slack.screens.talking.openness import BUTTON, NO_GUEST, NO_OUTSIDER, NOT_KNOWN, ONLY_ADMINS
from playground.slack.core.people import Person
from playground.slack.delivery import outbox
from playground.slack.server import LocalSlack
from run_cards import custom
from storage.members import Member
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said
from tests.support.tracker import WEB, Tracker, tracker

__all__ = ["tracker"]

BELONGS_ELSEWHERE = "T0OTHER"


def becomes_guest(usher: Usher, flag: str = "is_restricted") -> None:
    usher.slack.workspace.directory.people[MEMBER].flags |= {flag: True}


def is_of_elsewhere(usher: Usher) -> None:
    usher.slack.workspace.directory.people[MEMBER].team = BELONGS_ELSEWHERE
    usher.slack.workspace.directory.channels[GENERAL].shared = True


async def allow(usher: Usher, **what: list[str]) -> dict[str, Any]:
    await usher.press(await usher.tab("policies"), "openness")
    await usher.submit(await usher.modal_with("Nobody else may, unless you allow it here"), **what)
    return await usher.modal_with("It holds from now on")


async def ephemeral_with(usher: Usher, text: str) -> bool:
    def told() -> bool:
        return any(call.get("text") == text and call["user"] == MEMBER for call in usher.slack.of("chat.postEphemeral"))

    return bool(await usher.slack.when(told))


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


async def test_once_an_admin_allows_it_guests_are_answered_and_it_is_audited(usher: Usher) -> None:
    becomes_guest(usher)
    assert "guests of this workspace" in said(await allow(usher, guests=["yes"]))
    usher.gemini.will_say("Hello guest.")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hi")
    await usher.message_with("Hello guest.", MEMBERS_DM, MEMBER)
    async with usher.services.db.read() as tables:
        entries = await tables.audit.of(TEAM)
    assert [each.detail for each in entries if each.action == "workspace.opened_to"] == [
        {"guests": True, "outsiders": False}
    ]


async def test_people_of_other_organisations_are_told_and_then_let_in_by_an_admin(usher: Usher) -> None:
    is_of_elsewhere(usher)
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> hi")
    assert await ephemeral_with(usher, NO_OUTSIDER)
    assert not usher.gemini.asked
    assert "people of other organisations" in said(await allow(usher, outsiders=["yes"]))
    usher.gemini.will_say("Hello neighbour.")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> hi")
    await usher.message_with("Hello neighbour.", GENERAL, MEMBER)


async def test_an_outsider_who_may_ask_decides_about_their_own_calls_alone_and_only_while_they_may(
    usher: Usher, tracker: Tracker
) -> None:
    is_of_elsewhere(usher)
    await allow(usher, outsiders=["yes"])
    for person in (OWNER, MEMBER):
        where = {"name": "Tracker", "url": tracker.url}
        await usher.services.connections.begin(Member(TEAM, person), custom.CARD, where)
        usher.gemini.will_call(("tracker__close_issue", {**WEB, "number": 41}))
        await usher.slack.person_says(person, GENERAL, "<@U0USHER> close it")
        await usher.message_with(f"Only <@{person}> can decide, until", GENERAL)
    members = await usher.message_with(f"Only <@{OWNER}> can decide, until", GENERAL)
    await usher.press(members, approvals.APPROVE, MEMBER)
    assert (await usher.message_with(SOMEBODY_ELSES, GENERAL, MEMBER))["ephemeral"]
    assert BUTTON not in said(await usher.home(MEMBER))

    own = await usher.message_with(f"Only <@{MEMBER}> can decide, until", GENERAL)
    await usher.press(await usher.tab("policies"), "openness")
    await usher.submit(await usher.modal_with("Nobody else may, unless you allow it here"), outsiders=[])
    await usher.modal_with("Only members of this workspace may ask me")
    await usher.press(own, approvals.APPROVE, MEMBER)
    assert (await usher.message_with(NO_OUTSIDER, GENERAL, MEMBER))["ephemeral"]
    assert tracker.closed == []
    await allow(usher, outsiders=["yes"])
    usher.gemini.will_say("It is closed.")
    await usher.press(own, approvals.APPROVE, MEMBER)
    await usher.message_with(f"Approved by <@{MEMBER}>", GENERAL)
    await usher.slack.when(lambda: len(tracker.closed) == 1)
    async with usher.services.db.read() as tables:
        [waits] = await tables.approvals.waiting(TEAM, OWNER)
    assert waits.state == "asked"


async def test_who_is_no_admin_cannot_open_it(usher: Usher) -> None:
    await usher.press(await usher.tab("policies"), "openness")
    window = await usher.modal_with("Nobody else may, unless you allow it here")
    usher.slack.workspace.directory.people["U0OWNER"].flags |= {"is_admin": False, "is_owner": False}
    usher.slack.workspace.directory.people["U0OWNER"].flags |= {"is_primary_owner": False}
    await usher.submit(window, guests=["yes"])
    await usher.modal_with(ONLY_ADMINS)
    assert BUTTON not in said(await usher.home(MEMBER))
    assert not (await usher.services.openness.of(TEAM)).guests


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
    found = await asyncio.gather(*(profiles.of(each) for each in crowd))
    assert [each.name for each in found] == crowd
    assert (len(slack.of("users.info")), len(slack.of("users.list"))) == (0, 1)
