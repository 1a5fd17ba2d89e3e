"""Usher's own tools ask in words: what was left out is filled in, and nothing of the call goes unseen."""

from typing import Any

import pytest

from bot.services.links import Draft
from bot.slack.screens import approvals
from tests.slack.test_shown_calls import words
from tests.support.slack import DM, GENERAL, OWNER, Usher, said


async def asked(usher: Usher, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    usher.gemini.will_call((f"usher__{tool}", arguments))
    await usher.slack.person_says(OWNER, DM, "Make a chat link")
    return await usher.message_with("May I?")


async def test_a_link_that_was_only_named_shows_how_long_it_lives_for_whom_and_with_what(usher: Usher) -> None:
    told = words((await asked(usher, "create_temporary_chat_link", {"title": "Survey"}))["blocks"])
    assert "*Make a temporary chat link*\n*Title*: `Survey`" in told
    assert "*Purpose*: none" in told
    assert "*Lives*: 24 hours from your yes, so until about <!date^" in told
    assert (
        "*Guests*: 1 at most\n*Messages of each guest*: 30 at most\n" in told
        and told.count("*Tools for guests*: none") == 1
    )
    assert "create_temporary_chat_link" not in told and "Always" not in told


async def test_all_that_was_chosen_is_shown_whole_and_in_words(usher: Usher) -> None:
    notes = "Be kind.\n" * 400
    given = {"title": "Survey", "description": "Your order", "instructions": notes, "expires_in_hours": 72}
    given |= {"max_sessions": 3, "questions_to_cover": ["How was it?", "What next?"]}
    shown = await asked(usher, "create_temporary_chat_link", given)
    told = words(shown["blocks"])
    assert "*Purpose*: `Your order`" in told and "*Lives*: 3 days" in told and "*Guests*: 3 at most" in told
    assert told.replace("```\n```", "").count("Be kind.") == 400
    assert "*What I ask the guests*" in told and "How was it?" in told and "What next?" in told
    assert "hours" not in told.replace("3 days", "") and approvals.APPROVE in str(shown)


async def test_the_tools_that_guests_get_are_named_as_the_member_knows_them(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    given = {"title": "Survey", "tools": ["notes__add_note"], "max_tokens": 50_000, "keep_hours": 24, "summary": False}
    told = words((await asked(usher, "create_temporary_chat_link", given))["blocks"])
    assert "*A tool for guests*: Notes: Add a note, by its own name add" in told and "(asks you each time)" in told
    assert "notes__" not in told
    assert (
        "*May use*: 50,000 tokens at most" in told and "*What is said is deleted*: 24 hours after a chat's end" in told
    )
    assert "*When a chat ends*: you get no summary" in told


async def test_the_agent_has_chats_followed_nowhere_but_in_the_channel_it_is_asked_in(usher: Usher) -> None:
    given = {"title": "Survey", "follow_here": True}
    told = words((await asked(usher, "create_temporary_chat_link", given))["blocks"])
    assert "*You follow the chats*: in our direct message" in told
    usher.gemini.will_call(("usher__create_temporary_chat_link", given))
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> make a chat link that we all can follow")
    shown = await usher.message_with("May I?", GENERAL)
    assert "*You follow the chats*: in this channel: everyone in it can read along" in words(shown["blocks"])
    usher.gemini.will_say("Made.")
    await usher.press(shown, approvals.APPROVE)
    await usher.message_with("Made.", GENERAL)
    [link] = await usher.services.links.of(usher.member)
    assert link.follow_channel == GENERAL


async def test_what_no_line_accounts_for_is_shown_as_it_came(usher: Usher) -> None:
    given = {"title": "Survey", "hidden": "rm -rf /", "": "nothing"}
    told = words((await asked(usher, "create_temporary_chat_link", given))["blocks"])
    assert "hidden: `rm -rf /`" in told and "`⟨no name⟩`: `nothing`" in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_in_hours": "soon"},
        {"expires_in_hours": 10_000},
        {"max_sessions": 0},
        {"expires_in_hours": [1]},
        {"questions_to_cover": "How?"},
        {"max_messages": 31},
        {"tools": ["nothing of the kind"]},
        {"max_tokens": 1},
    ],
)
async def test_what_cannot_be_put_in_words_is_shown_as_it_came(usher: Usher, wrong: dict[str, Any]) -> None:
    told = words((await asked(usher, "create_temporary_chat_link", {"title": "Survey", **wrong}))["blocks"])
    assert "*Usher: Create chat link*" in told and f"{next(iter(wrong))}: `" in told


async def test_what_was_approved_is_what_is_made_and_its_address_stays_with_its_maker(usher: Usher) -> None:
    shown = await asked(usher, "create_temporary_chat_link", {"title": "Survey", "max_sessions": 2})
    usher.gemini.will_say("It is ready.")
    await usher.press(shown, approvals.APPROVE)
    handed = await usher.message_with("/temp-chat/tc_")
    assert handed["ephemeral"] and "2 guests" in said(handed)
    await usher.message_with("It is ready.")
    heard = str([call.body for call in usher.gemini.asked])
    assert "only its maker can see" in heard and "tc_" not in heard and "You do not know" not in heard


async def test_revoking_says_who_is_in_it_and_that_it_is_for_good(usher: Usher) -> None:
    made = await usher.services.links.create(usher.member, Draft("Survey", max_sessions=3))
    await usher.services.links.start(made.url.rsplit("/", 1)[1], "k" * 20, "Visitor", True)
    shown = await asked(usher, "revoke_temporary_chat_link", {"title": "survey"})
    told = words(shown["blocks"])
    assert "*Link*: Survey\n*Title*: `survey`" in told
    assert "*In it now*: 1 guest, whose chat ends at once" in told and "1 of 3 guests" in told and "for good" in told
    usher.gemini.will_say("Done.")
    await usher.press(shown, approvals.APPROVE)
    await usher.message_with("Done.")
    assert await usher.services.links.of(usher.member) == []
    assert "1 open chat ended with it" in str([call.body for call in usher.gemini.asked])


async def test_a_link_that_is_not_there_is_asked_about_as_it_came(usher: Usher) -> None:
    told = words((await asked(usher, "revoke_temporary_chat_link", {"title": "Nothing"}))["blocks"])
    assert "title: `Nothing`" in told


@pytest.mark.parametrize(
    ("tool", "given", "words_of_it"),
    [
        (
            "extend",
            {"hours": 24},
            ("*Give a chat link more time*", "*Ends without this*", "*Ends then*: 24 hours later:"),
        ),
        ("pause", {}, ("*Pause a chat link*", "nobody new can start; who is chatting goes on")),
        ("pause", {"paused": False}, ("*Let guests start on a chat link again*", "guests can start again")),
        ("rotate", {}, ("*Give a chat link a new address*", "opens nothing any more, at once", "I never see it")),
    ],
)
async def test_each_change_of_a_link_says_what_a_yes_does(
    usher: Usher, tool: str, given: dict[str, Any], words_of_it: tuple[str, ...]
) -> None:
    await usher.services.links.create(usher.member, Draft("Survey"))
    told = words((await asked(usher, f"{tool}_temporary_chat_link", {"title": "Survey", **given}))["blocks"])
    assert all(each in told for each in ("*Title*: `Survey`", *words_of_it))
    assert "temporary_chat_link" not in told
