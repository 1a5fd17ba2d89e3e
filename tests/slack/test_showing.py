"""What a member's own connection gives is read by others only after its member has said so, in private."""

import asyncio

import pytest

from bot.errors import NotYours
from bot.services.chats.members import showing as rules
from bot.slack.replies import held_back as rules_of_rendering
from bot.slack.screens.talking.showing import LAPSED, WAITS
from storage.members import Member
from storage.schema import now
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said


async def connected(usher: Usher, notes: str) -> None:
    """With a tool that runs without asking."""
    connection_id = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:
        await tables.tools.set_policy(TEAM, connection_id, "list_notes", "always")


async def asked(usher: Usher, answer: str = "Plants: water them.") -> str:
    """A question in a channel that the member's own notes answer; its ts."""
    usher.gemini.will_call(("notes__list_notes", {}), saying="One moment.")
    usher.gemini.will_say(answer)
    return await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> what do my notes say?")


async def ended(usher: Usher, ts: str) -> None:
    """The turn has come to its end, and waits for the decision alone."""
    async with asyncio.timeout(60):
        while True:
            async with usher.services.db.read() as tables:
                turn = await tables.turns.by_source(TEAM, f"slack:{GENERAL}:{ts}")
            if turn and turn.status == "done" and turn.lease_until and turn.lease_until > now() + rules.LIFE / 2:
                return


def public(usher: Usher) -> str:
    return str([said(each) for each in usher.slack.messages(GENERAL, MEMBER)])


async def test_it_asks_in_private_and_answers_in_the_channel_when_its_member_says_so(usher: Usher, notes: str) -> None:
    await connected(usher, notes)
    ts = await asked(usher)
    question = await usher.message_with("where shall I answer?")
    waits = await usher.message_with(WAITS, GENERAL, MEMBER)
    assert waits["thread_ts"] == ts and "Notes" in said(question) and GENERAL in said(question)
    assert "water" not in public(usher) and "List notes" not in public(usher)
    assert "where shall I" not in str([said(each) for each in usher.slack.messages(MEMBERS_DM, MEMBER)])
    await usher.press(question, "showing.here")
    answer = await usher.message_with("water them.", GENERAL, MEMBER)
    assert answer["thread_ts"] == ts and WAITS not in public(usher)
    closed = await usher.message_with("I answer in the thread")
    assert closed["ts"] == question["ts"] and "showing.here" not in said(closed)
    usher.gemini.will_call(("notes__list_notes", {}))
    usher.gemini.will_say("Still the plants.")
    await usher.slack.person_says(OWNER, GENERAL, "and now?", ts)
    await usher.message_with("Still the plants.", GENERAL, MEMBER)


async def test_in_private_the_talk_moves_and_nothing_of_it_comes_up_in_the_channel_later(
    usher: Usher, notes: str
) -> None:
    await connected(usher, notes)
    ts = await asked(usher)
    question = await usher.message_with("where shall I answer?")
    await ended(usher, ts)
    await usher.press(question, "showing.private")
    answer = await usher.message_with("water them.")
    assert answer["thread_ts"] == question["ts"]
    usher.gemini.will_say("Twice a week.")
    await usher.slack.person_says(OWNER, DM, "how often?", question["ts"])
    await usher.message_with("Twice a week.")
    assert "water them" in str(usher.gemini.heard())
    usher.gemini.will_say("I know of no notes.")
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> so?", ts)
    await usher.message_with("I know of no notes.", GENERAL)
    assert "water" not in public(usher) and "water them" not in str(usher.gemini.heard())


async def test_always_holds_for_this_connection_and_channel_is_listed_and_undone(usher: Usher, notes: str) -> None:
    await connected(usher, notes)
    await asked(usher)
    await usher.press(await usher.message_with("where shall I answer?"), "showing.always")
    await usher.message_with("water them.", GENERAL, MEMBER)
    await asked(usher, "Nothing new.")
    await usher.message_with("Nothing new.", GENERAL, MEMBER)
    home = await usher.home()
    assert "What may be shown in channels" in said(home)
    await usher.press(home, "showing.undo")
    await usher.slack.when(lambda: "What may be shown" not in said(usher.slack.snapshot(OWNER)["home"]))
    await asked(usher, "Secret again.")
    await usher.message_with("where shall I answer?")
    assert "Secret again" not in public(usher)


async def test_what_is_said_meanwhile_is_held_back_too_and_only_its_member_decides(usher: Usher, notes: str) -> None:
    await connected(usher, notes)
    ts = await asked(usher)
    question = await usher.message_with("where shall I answer?")
    usher.gemini.will_say("As I said, the plants.")
    await usher.slack.person_says(OWNER, GENERAL, "well?", ts)
    await usher.slack.when(lambda: len(usher.gemini.asked) == 3)
    with pytest.raises(NotYours):
        conversation = question["blocks"][-1]["elements"][0]["value"]
        await usher.services.chats.showing.decide(Member(TEAM, MEMBER), conversation, "here")
    assert "plants" not in public(usher).lower()
    await usher.press(question, "showing.here")
    later = await usher.message_with("As I said, the plants.", GENERAL, MEMBER)
    assert (await usher.message_with("water them.", GENERAL, MEMBER))["ts"] < later["ts"]
    with pytest.raises(NotYours):
        await usher.services.chats.showing.decide(usher.member, conversation, "private")


async def test_a_question_before_a_call_is_asked_beside_it(usher: Usher, notes: str) -> None:
    """Its arguments may come from what was read."""
    await connected(usher, notes)
    usher.gemini.will_call(("notes__list_notes", {}))
    usher.gemini.will_call(("notes__add_note", {"text": "from the plants"}))
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> copy my notes")
    question = await usher.message_with("May I?")
    asks = await usher.message_with("where shall I answer?")
    assert question["thread_ts"] == asks["ts"] and "from the plants" not in public(usher)
    usher.gemini.will_say("Copied.")
    await usher.press(question, "approval.approve")
    await usher.slack.when(lambda: len(usher.gemini.asked) == 3)
    await usher.press(asks, "showing.here")
    await usher.message_with("Copied.", GENERAL, MEMBER)
    assert "from the plants" not in public(usher)


async def test_undecided_for_a_day_it_is_shown_to_nobody(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connected(usher, notes)
    ts = await asked(usher)
    question = await usher.message_with("where shall I answer?")
    await ended(usher, ts)
    later = now() + rules.LIFE * 1.1
    for module in (rules, rules_of_rendering):
        monkeypatch.setattr(module, "now", lambda: later)
    async with usher.services.db.begin() as tables:
        await tables.turns.show_now(TEAM, question["blocks"][-1]["elements"][0]["value"])
    await usher.services.bus.tell("turns")
    closed = await usher.message_with(LAPSED)
    assert closed["ts"] == question["ts"] and "water" not in public(usher)


async def test_what_anybody_knows_is_shown_at_once(usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PUBLIC", frozenset({"custom"}))
    await connected(usher, notes)
    await asked(usher)
    await usher.message_with("water them.", GENERAL, MEMBER)
