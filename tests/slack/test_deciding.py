"""What can be done with a question beside yes and no, as people see it: change, give a reason, allow, ask why."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.services.approvals.refusing import STALE
from bot.slack.screens import approvals as screens
from bot.slack.screens.approvals import allowed, changing, counted, denying, why
from bot.slack.screens.connections import tool_lines
from run_cards import custom
from run_cards.card import Phrase
from storage.members import Member
from storage.schema import now
from storage.tables import Approval
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, TEAM, Usher, said
from tests.support.tracker import WEB, Tracker, tracker

__all__ = ["tracker"]


async def asked(usher: Usher, url: str, *numbers: int, channel: str = DM) -> dict[str, Any]:
    if url:
        await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Tracker", "url": url})
    usher.gemini.will_call(*(("tracker__close_issue", {**WEB, "number": number}) for number in numbers))
    await usher.slack.person_says(OWNER, channel, "<@U0USHER> close them")
    return await usher.message_with("Only <@U0OWNER> can decide, until", channel)


def option(shown: dict[str, Any], ends: str) -> str:
    """The value of a choice that a menu of the question offers."""
    elements = [each for block in shown["blocks"] for each in block.get("elements", [])]
    values = [str(each["value"]) for element in elements for each in element.get("options", [])]
    return next(value for value in values if value.endswith(f":{ends}"))


async def test_arguments_are_changed_in_a_form_and_run_as_they_are_shown_after_that(
    usher: Usher, tracker: Tracker
) -> None:
    shown = await asked(usher, tracker.url, 41)
    await usher.press(shown, screens.CHANGE)
    form = await usher.modal_with(changing.AFTERWARDS)
    await usher.submit(form, **{"argument:number": {"value": "57"}, "argument:repo": {"value": "docs"}})
    window = await usher.modal_with("Changed by you")
    assert "number: `57`" in said(window) and "number: `41`" in said(window)
    drawn = await usher.message_with("Changed by you")
    assert drawn["ts"] == shown["ts"]

    usher.gemini.will_say("Closed the other one.")
    await usher.press(window, screens.APPROVE)
    await usher.message_with("Closed the other one.")
    assert tracker.closed == ["acme/docs#57"]
    assert "Approved by <@U0OWNER>" in said(await usher.message_with("Approved by"))
    assert usher.slack.refusals == []


async def test_a_click_on_what_was_changed_meanwhile_is_refused_and_shows_it_as_it_is(
    usher: Usher, tracker: Tracker
) -> None:
    shown = await asked(usher, tracker.url, 41)
    async with usher.services.db.read() as tables:
        [approval] = await tables.approvals.waiting(usher.member.workspace, OWNER)
    await usher.services.chats.changing.change(usher.member, approval.id, 0, {**WEB, "number": 57}, 0)
    await usher.press(shown, screens.APPROVE)
    await usher.message_with(STALE[:40])
    assert tracker.closed == []
    drawn = await usher.message_with("Changed by you")
    usher.gemini.will_say("Closed.")
    await usher.press(drawn, screens.APPROVE)
    await usher.message_with("Closed.")
    assert tracker.closed == ["acme/web#57"]


async def test_a_form_that_is_sent_as_it_was_opened_changes_nothing(usher: Usher, tracker: Tracker) -> None:
    shown = await asked(usher, tracker.url, 1, 2)
    await usher.press(shown, screens.CHANGE)
    await usher.press(await usher.modal_with(changing.WHICH), changing.ONE)
    await usher.submit(await usher.modal_with(changing.AFTERWARDS))
    window = await usher.modal_with("Approve")
    assert "Changed by you" not in said(window)
    usher.gemini.will_say("Both are closed.")
    await usher.press(window, screens.APPROVE)
    await usher.message_with("Both are closed.")
    assert sorted(tracker.closed) == ["acme/web#1", "acme/web#2"]


async def test_a_no_has_a_reason_that_everybody_there_reads(usher: Usher, tracker: Tracker) -> None:
    shown = await asked(usher, tracker.url, 41, channel=GENERAL)
    await usher.press(shown, screens.MORE, value=option(shown, "reason"))
    usher.gemini.will_say("I look for the open ones.")
    await usher.submit(await usher.modal_with("Why not?"), **{denying.REASON: "only the *open* ones"})
    await usher.message_with("I look for the open ones.", GENERAL)
    closed = await usher.message_with("Skipped by <@U0OWNER>", GENERAL)
    assert "“only the ∗open∗ ones”" in said(closed) and screens.APPROVE not in said(closed)
    assert "says why: only the *open* ones" in str(usher.gemini.responses())


async def test_what_is_allowed_for_a_place_is_seen_on_home_and_in_the_tools_and_taken_back(
    usher: Usher, tracker: Tracker
) -> None:
    shown = await asked(usher, tracker.url, 41)
    assert "Where owner is acme and repo is web" in said(shown)
    usher.gemini.will_say("Closed.")
    await usher.press(shown, screens.ALWAYS, value=option(shown, "arguments"))
    await usher.message_with("Closed.")
    assert "Always allowed where owner is acme and repo is web" in said(await usher.message_with("Always allowed"))

    await usher.slack.command(OWNER, DM, "/mcp tools Tracker")
    assert "Without asking" in said(await usher.modal_with("owner is acme"))
    home = await usher.home()
    assert "owner is acme and repo is web" in said(home)
    await usher.press(home, allowed.OPEN)
    await usher.press(await usher.modal_with(allowed.LEAD), allowed.ASK)
    assert "Taken back" in said(await usher.modal_with(allowed.NONE))
    assert await usher.services.chats.deciding.allowed(usher.member) == []
    await asked(usher, "", 42)


async def test_a_tool_asks_again_once_that_is_pressed_in_the_list_of_tools(usher: Usher, tracker: Tracker) -> None:
    shown = await asked(usher, tracker.url, 41)
    usher.gemini.will_say("Closed.")
    await usher.press(shown, screens.ALWAYS, value=option(shown, "arguments"))
    await usher.message_with("Closed.")
    await usher.slack.command(OWNER, DM, "/mcp tools Tracker")
    await usher.press(await usher.modal_with("owner is acme"), tool_lines.FORGET_ONE)
    await usher.slack.when(lambda: "owner is acme" not in said(usher.modal() or {"blocks": []}))
    assert await usher.services.chats.deciding.allowed(usher.member) == []
    await asked(usher, "", 42)
    assert tracker.closed == ["acme/web#41"]


async def test_an_admin_who_is_not_the_member_decides_nothing_and_that_is_audited(
    usher: Usher, tracker: Tracker
) -> None:
    theirs = Member(TEAM, MEMBER)
    await usher.services.connections.begin(theirs, custom.CARD, {"name": "Tracker", "url": tracker.url})
    usher.gemini.will_call(("tracker__close_issue", {**WEB, "number": 41}))
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> close it")
    shown = await usher.message_with("Only <@U0MEMBER> can decide, until", GENERAL)
    for act in (screens.APPROVE, screens.DENY):
        await usher.press(shown, act, OWNER)
    await usher.press(shown, screens.CHANGE, OWNER)
    await usher.slack.when(lambda: told_alone(usher) == 3)
    assert tracker.closed == [] and usher.modal() is None
    async with usher.services.db.read() as tables:
        entries = [each for each in await tables.audit.of(TEAM) if each.action == "approval.refused"]
        [waits] = await tables.approvals.waiting(TEAM, MEMBER)
    assert [(each.actor, each.subject, each.detail) for each in entries[:2]] == [
        (OWNER, waits.id, {"by": "another"})
    ] * 2


def told_alone(usher: Usher) -> int:
    return sum(SOMEBODY_ELSES in said(each) for each in usher.slack.messages(GENERAL, OWNER) if each["ephemeral"])


async def test_the_exact_arguments_are_a_click_away_with_nothing_to_decide_there(
    usher: Usher, tracker: Tracker
) -> None:
    shown = await asked(usher, tracker.url, 41)
    await usher.press(shown, screens.MORE, value=option(shown, "exact"))
    window = await usher.modal_with("number: `41`")
    assert "owner: `acme`" in said(window) and screens.APPROVE not in str(window)
    assert tracker.closed == []


async def test_why_names_the_rule_where_it_is_set_and_by_whom(usher: Usher, tracker: Tracker) -> None:
    shown = await asked(usher, tracker.url, 41, channel=GENERAL)
    await usher.press(shown, screens.WHY)
    told = said(await usher.modal_with("The rule"))
    assert "not among the tools that the card lists as only reading" in told and "Set in:* the card" in told

    [connection] = await usher.services.connections.of(usher.member)
    await usher.services.connections.choices.set_policy(usher.member, connection.connection.id, "close_issue", "ask")
    await usher.press(shown, screens.WHY)
    told = said(await usher.modal_with("It was set to ask first"))
    assert "the tools of Tracker, by <@U0OWNER>, <!date" in told

    await usher.press(shown, screens.WHY, MEMBER)
    await usher.message_with("Only the member whose tools these are", GENERAL, MEMBER)


async def test_why_is_asked_of_a_call_that_a_rule_did_not_let_through(usher: Usher, tracker: Tracker) -> None:
    await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Tracker", "url": tracker.url})
    [view] = await usher.services.connections.of(usher.member)
    await usher.services.connections.choices.set_policy(usher.member, view.connection.id, "close_issue", "always")
    tracker.held = True
    for number in (1, 2):
        usher.gemini.will_call(("tracker__close_issue", {**WEB, "number": number}))
    usher.gemini.will_say("The second was not made.")
    await usher.slack.person_says(OWNER, DM, "close both")
    await tracker.closing.wait()
    await usher.services.connections.choices.set_policy(usher.member, view.connection.id, "close_issue", "off")
    tracker.free.set()
    shown = await usher.message_with("1 call not made")
    await usher.press(shown, why.REFUSALS)
    told = said(await usher.modal_with("The rule"))
    assert "This tool is off." in told and "the tools of Tracker, by <@U0OWNER>" in told
    assert tracker.closed == ["acme/web#1"]


def test_a_batch_is_told_in_one_sentence_of_the_cards_own() -> None:
    phrase = {"text": Phrase("close issue{s} #{number} in {owner}/{repo}").text, "where": {}}
    about = {"title": "GitHub: Close", "server": "GitHub", "tool": "close", "connection_id": "c", "phrase": phrase}
    calls = [{**about, "position": at, "arguments": {**WEB, "number": n}} for at, n in enumerate((41, 57))]
    shown = said({"blocks": screens.asked("a", calls, "U1")})
    assert ":wrench: *Close issues #41 and #57 in acme/web* · GitHub" in shown and "number" not in shown
    assert screens.asked_text(calls) == "May I? Close issues #41 and #57 in acme/web (GitHub)"
    other = {**calls[1], "arguments": {"owner": "acme", "repo": "docs", "number": 57}}
    assert "Close issue #57 in acme/docs" in said({"blocks": screens.asked("a", [calls[0], other], "U1")})
    more = {**calls[1], "arguments": {**calls[1]["arguments"], "comment": "done"}}
    assert "comment: `done`" in said({"blocks": screens.asked("a", [calls[0], more], "U1")})


async def test_who_decides_is_reminded_before_the_time_is_up_and_once(usher: Usher, tracker: Tracker) -> None:
    shown = await asked(usher, tracker.url, 41)
    async with usher.services.db.begin() as tables:
        soon = sa.update(Approval).values(expires_at=now() + timedelta(minutes=90))
        await tables.session.execute(soon)
    await usher.services.chats.expire()
    await usher.services.chats.expire()
    reminder = await usher.message_with("this still waits for you")
    assert reminder["thread_ts"] == shown["thread_ts"] and "<@U0OWNER>" in said(reminder)
    usher.gemini.will_say("Closed.")
    await usher.press(shown, screens.APPROVE)
    await usher.message_with("Closed.")
    await usher.slack.when(lambda: not any("still waits" in said(each) for each in usher.slack.messages(DM)))
    assert len([each for each in usher.slack.of("chat.postMessage") if "still waits" in str(each)]) == 1


async def test_admins_see_where_people_only_ever_say_yes(usher: Usher, tracker: Tracker) -> None:
    await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Tracker", "url": tracker.url})
    [view] = await usher.services.connections.of(usher.member)
    await asked(usher, "", 41)
    call = {
        "connection_id": view.connection.id,
        "guarded": True,
        "title": "t",
        "position": 0,
        "arguments": {"a": "words"},
    }
    async with usher.services.db.begin() as tables:
        [waiting] = await tables.approvals.waiting(TEAM, OWNER)
        about = {"workspace_id": TEAM, "conversation_id": waiting.conversation_id, "turn_id": "t", "member_id": OWNER}
        common = {**about, "pause": {}, "digest": "d", "expires_at": now()}
        for tool, state in (
            [("add_note", "approved")] * 5 + [("delete_note", "approved")] * 5 + [("delete_note", "denied")]
        ):
            await tables.approvals.add(Approval(**common, calls=[{**call, "tool": tool}], state=state))
    await usher.press(await usher.tab("overview"), counted.OPEN)
    told = said(await usher.modal_with(counted.ONLY_YES))
    assert "12 questions in 1 message (12.00 for each message), 10 answered with yes and 1 with no" in told
    assert "add_note: 5 times, 1 person" in told and "delete_note" not in told and "words" not in told
    await usher.home(MEMBER)
    assert counted.OPEN not in str(usher.slack.snapshot(MEMBER)["home"])
