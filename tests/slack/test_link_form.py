"""The form that a link is made from: templates fill it, the preview shows it, and nothing that was typed is lost."""

import re
from typing import Any

import pytest

from bot.services.links import Draft, Terms
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import Caller, NotSent
from bot.services.links.making.templates import TEMPLATES
from bot.slack.screens.links import form as screens
from tests.slack.test_links import agree, token_of
from tests.support.slack import DM, MEMBER, MEMBERS_DM, OWNER, Usher, said


async def form(usher: Usher, line: str = "/tempchat create") -> dict[str, Any]:
    await usher.slack.command(OWNER, DM, line)
    return await usher.modal_with("Template")


def initial(shown: dict[str, Any]) -> dict[str, Any]:
    """What stands in the fields, by their own names."""
    found = {}
    for block in shown["blocks"]:
        element = block.get("element", {})
        option = element.get("initial_option") or {}
        found[block["block_id"].partition("@")[0]] = element.get("initial_value") or option.get("value")
    return found


async def begin_with(usher: Usher, shown: dict[str, Any], template: str) -> dict[str, Any]:
    where = {"container": {"type": "view", "view_id": shown["id"]}, "block_id": "template"}
    await usher.slack.press(OWNER, {**where, "action_id": screens.TEMPLATE, "value": template})
    return await usher.modal_with(TEMPLATES[template].purpose)


async def test_a_template_fills_the_form_and_what_it_says_is_made(usher: Usher) -> None:
    shown = await begin_with(usher, await form(usher), "survey")
    survey = TEMPLATES["survey"]
    given = initial(shown)
    assert (given["title"], given["hours"], given["max_sessions"], given["messages"]) == (
        survey.title,
        "168",
        "25",
        "20",
    )
    await usher.submit(shown)
    preview = said(await usher.modal_with("What you decided"))
    assert all(each in preview for each in (survey.title, *survey.starters, *survey.covers))
    assert "25 guests" in preview and "20 messages for each guest" in preview
    await agree(usher)
    link = await usher.services.links.look(token_of(await usher.message_with("/temp-chat/tc_")))
    assert link and (link.title, tuple(link.starters), tuple(link.covers)) == (
        survey.title,
        survey.starters,
        survey.covers,
    )
    assert link.frozen[:12] in preview


async def test_a_title_that_was_typed_stays_whatever_template_is_chosen(usher: Usher) -> None:
    shown = await form(usher, "/tempchat create Acme kick-off")
    for template in ("support", "onboarding"):
        shown = await begin_with(usher, shown, template)
        assert initial(shown)["title"] == "Acme kick-off"
        assert initial(shown)["purpose"] == TEMPLATES[template].purpose


def test_what_was_typed_goes_along_and_what_a_template_had_put_there_does_not() -> None:
    terms = Terms()
    before = screens.filled(TEMPLATES["support"], terms)
    values = {**before, "purpose": "My own words", "hours": "1", "tools": ["k"]}
    typed = screens.typed(values, "support", "", terms)
    assert typed == {"purpose": "My own words", "hours": "1", "tools": ["k"]}
    anew = screens.create_form([], terms, screens.Filling(template="survey", typed=typed))
    given = initial(anew)
    assert (given["title"], given["purpose"], given["hours"]) == (TEMPLATES["survey"].title, "My own words", "1")


async def test_back_from_the_preview_leads_to_the_form_and_makes_nothing(usher: Usher) -> None:
    await usher.submit(await form(usher), title="Survey")
    preview = await usher.modal_with("What you decided")
    await usher.slack.close_view(OWNER, preview["id"])
    assert await usher.modal_with("Template")
    assert await usher.services.links.of(usher.member) == []


async def test_too_many_lines_are_complained_about_under_their_field(usher: Usher) -> None:
    shown = await begin_with(usher, await form(usher), "survey")
    answer = await usher.submit(shown, **{"starters@survey": "\n".join("abcde")})
    assert "starters@survey" in str(answer) and "At most 4 lines" in str(answer)
    await usher.submit(shown, **{"starters@survey": "- One\n\n • Two "})
    preview = said(await usher.modal_with("What you decided"))
    assert "• One" in preview and "• Two" in preview


async def test_a_passcode_is_chosen_made_and_shown_once_beside_the_invitation(usher: Usher) -> None:
    shown = await begin_with(usher, await form(usher, "/tempchat create Acme kick-off"), "support")
    where = {"container": {"type": "view", "view_id": shown["id"]}, "block_id": "access@support"}
    await usher.slack.press(OWNER, {**where, "action_id": "link.access", "value": "passcode"})
    shown = await usher.modal_with("I make one of four words")
    assert (initial(shown)["title"], initial(shown)["access"]) == ("Acme kick-off", "passcode")
    await usher.submit(shown)
    assert "anyone with the link and its passcode" in said(await usher.modal_with("What you decided"))
    await agree(usher)
    card = await usher.message_with("/temp-chat/tc_")
    sections = [block["text"]["text"] for block in card["blocks"] if block["type"] == "section"]
    passcode = re.search(r"\*Its passcode\* ```([a-z-]+)```", said(card))
    assert passcode and passcode[1].count("-") == 3
    assert [passcode[1] in each for each in sections if "/temp-chat/" in each] == [False, False]
    assert "You need a passcode too" in said(card)
    link = await usher.services.links.look(token_of(card))
    assert link and await Passcodes().matches(passcode[1], link.passcode_hash or b"")


async def test_a_passcode_that_was_typed_is_shown_nowhere(usher: Usher) -> None:
    shown = await form(usher, "/tempchat create Acme kick-off")
    where = {"container": {"type": "view", "view_id": shown["id"]}, "block_id": "access"}
    await usher.slack.press(OWNER, {**where, "action_id": "link.access", "value": "passcode"})
    shown = await usher.modal_with("I make one of four words")
    answer = await usher.submit(shown, passcode="abc")
    assert "6 to 64 characters" in str(answer)
    await usher.submit(shown, passcode="our own words")
    await agree(usher)
    card = said(await usher.message_with("/temp-chat/tc_"))
    assert "the passcode that you chose" in card and "our own words" not in card


async def test_a_member_is_chosen_is_sent_the_code_and_alone_can_start(usher: Usher) -> None:
    shown = await form(usher, "/tempchat create Acme kick-off")
    where = {"container": {"type": "view", "view_id": shown["id"]}, "block_id": "access"}
    await usher.slack.press(OWNER, {**where, "action_id": "link.access", "value": "member"})
    shown = await usher.modal_with("nobody else can start")
    assert "How many guests" not in said(shown)
    await usher.slack.submit_view(OWNER, shown["id"], {"member": {"value": MEMBER}})
    assert MEMBER in said(await usher.modal_with("What you decided"))
    await agree(usher)
    card = await usher.message_with("/temp-chat/tc_")
    assert "a code that is sent to you in Slack" in said(card)
    links, token = usher.services.links, token_of(card)
    assert await links.send_code(token, "k" * 22)
    told = said(await usher.message_with("is your code", MEMBERS_DM, MEMBER))
    code = re.search(r"`([0-9]{6})`", told)
    assert code and "Acme kick-off" in told and f"<@{OWNER}>" in told
    started = await links.start(token, "k" * 22, "Robin", True, caller=Caller(code=code[1]))
    assert started and started.link.addressee == MEMBER


async def test_a_code_that_reaches_nobody_is_told_to_who_made_the_link(usher: Usher) -> None:
    made = await usher.services.links.create(usher.member, Draft("Support", access="member", addressee="U0NOBODY"))
    with pytest.raises(NotSent, match="they have been told too"):
        await usher.services.links.send_code(made.url.rsplit("/", 1)[1], "k" * 22)
    await usher.message_with("does not reach the person it is for")


async def test_mail_is_no_choice_where_none_can_be_sent(usher: Usher) -> None:
    shown = said(await form(usher))
    assert "no mail can be sent yet" in shown and "proven by a code in Slack" in shown
    assert "One mail address, proven" not in shown
    with_mail = screens.create_form([], Terms(mail=True), screens.Filling(typed={"access": "mail", "mail": "a@b.com"}))
    given = initial(with_mail)
    assert (given["access"], given["mail"]) == ("mail", "a@b.com")
    assert "no mail can be sent" not in str(with_mail)


async def test_the_form_offers_only_what_the_installation_allows(usher: Usher) -> None:
    shown = screens.create_form([], Terms(3, 6), screens.Filling(template="survey"))
    element = next(block["element"] for block in shown["blocks"] if block["block_id"].startswith("hours"))
    assert [each["value"] for each in element["options"]] == ["1", "3", "4", "6"]
    assert element["initial_option"]["value"] == "6"


async def test_a_language_chosen_is_shown_made_and_spoken_by_the_invitation(usher: Usher) -> None:
    await usher.submit(await form(usher), title="Support", language="ja")
    assert "in Japanese" in said(await usher.modal_with("What you decided"))
    await agree(usher)
    card = await usher.message_with("/temp-chat/tc_")
    link = await usher.services.links.look(token_of(card))
    assert link and link.language == "ja"
    assert "Owner さんからチャットへの招待です：Support" in said(card)
    assert "in Japanese" in said(card)


async def test_without_a_choice_the_browsers_language_is_spoken_and_the_invitation_is_in_english(usher: Usher) -> None:
    await usher.submit(await form(usher), title="Support")
    await agree(usher)
    card = await usher.message_with("/temp-chat/tc_")
    link = await usher.services.links.look(token_of(card))
    assert link and link.language == ""
    assert "Owner invites you to a chat: Support" in said(card)
