"""What a link's creator gets, and does with it from Slack: the card, the invitation, the menu."""

import base64
import io
import json
from typing import Any

import segno

from bot.services.links import Draft
from bot.slack.screens.links import card, menu
from tests.slack.test_links import agree, choose, make, token_of
from tests.support.slack import BASE, DM, GENERAL, MEMBER, OWNER, Usher, said


async def my_list(usher: Usher, text: str = "0 of 1 guest") -> dict[str, Any]:
    await usher.slack.command(OWNER, DM, "/tempchat list")
    return await usher.message_with(text)


async def test_the_card_has_the_address_an_invitation_the_limits_and_what_can_be_done(usher: Usher) -> None:
    shown = await make(usher, purpose="Ask about ```your``` order & <!channel>")
    words = said(shown)
    in_blocks = json.dumps(shown["blocks"]).count("/temp-chat/" + token_of(shown))
    assert in_blocks == 3  # to copy, within the invitation, and behind Open
    assert "30 messages for each guest" in words and "Tools: none" in words
    invitation = next(each for each in words.split("```") if "Press Start".lower() in each.lower())
    assert "Owner invites you to a chat: Support" in invitation
    assert "'''your''' order &amp; &lt;!channel&gt;" in invitation
    assert "An AI assistant answers on behalf of Owner. Owner can read what is written there" in invitation
    assert "for you alone" in invitation and "It works until" in invitation and "(UTC)" in invitation
    assert not usher.slack.refusals


async def test_the_tools_of_a_link_are_named_with_those_that_ask(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/tempchat create Support")
    form = await usher.modal_with("Tools it may use")
    element = next(block["element"] for block in form["blocks"] if block["block_id"] == "tools")
    await usher.submit(form, tools=[each["value"] for each in element["options"]])
    await agree(usher)
    words = said(await usher.message_with("/temp-chat/tc_"))
    assert "Tools: Notes: " in words and "(asks you each time)" in words


async def test_a_lost_address_is_replaced_and_its_card_says_that_it_is_dead(usher: Usher) -> None:
    shown = await make(usher)
    await choose(usher, shown, menu.ROTATE, menu.CARD)
    await usher.submit(await usher.modal_with("A new address for"))
    renewed = await usher.modal_with("has a new address")
    assert token_of(renewed) != token_of(shown)
    assert await usher.services.links.look(token_of(renewed))
    assert await usher.services.links.look(token_of(shown)) is None
    dead = await usher.message_with("opens nothing any more")
    assert dead["ts"] == shown["ts"] and "tc_" not in said(dead)


async def test_more_time_is_given_from_the_list_which_then_shows_it(usher: Usher) -> None:
    link = (await usher.services.links.create(usher.member, Draft("Survey", hours=1))).link
    listed = await my_list(usher)
    await choose(usher, listed, menu.EXTEND)
    await usher.submit(await usher.modal_with("How much longer"), hours="72")
    assert await usher.modal_with("ends <!date^")
    anew = await usher.message_with(":hourglass_flowing_sand:")
    assert anew["ts"] == listed["ts"]
    lives = (await usher.services.links.own(usher.member, link.id)).expires_at - link.expires_at
    assert lives.total_seconds() == 72 * 3600


async def test_more_time_than_any_link_may_have_is_refused_in_the_form(usher: Usher) -> None:
    await usher.services.links.create(usher.member, Draft("Survey", hours=29 * 24))
    await choose(usher, await my_list(usher), menu.EXTEND)
    answer = await usher.submit(await usher.modal_with("How much longer"), hours="168")
    assert "at most 30 days" in str(answer)


async def test_a_pause_shows_in_the_list_and_is_lifted_there(usher: Usher) -> None:
    made = await usher.services.links.create(usher.member, Draft("Survey"))
    await choose(usher, await my_list(usher), menu.PAUSE)
    paused = await usher.message_with("nobody new can start")
    assert await usher.services.links.start(made.url.rsplit("/", 1)[1], "k" * 20, "Visitor", True) is None
    await choose(usher, paused, menu.RESUME)
    again = await usher.message_with("can start on *Survey* again")
    assert menu.PAUSE in said(again)
    assert await usher.services.links.start(made.url.rsplit("/", 1)[1], "k" * 20, "Visitor", True)


async def test_a_pause_from_the_card_leaves_its_address_in_sight(usher: Usher) -> None:
    shown = await make(usher)
    await choose(usher, shown, menu.PAUSE, menu.CARD)
    await usher.message_with("is paused")
    assert any("tc_" in said(each) for each in usher.slack.messages(DM, OWNER))


async def test_home_has_the_same_menu_and_follows_what_it_does(usher: Usher) -> None:
    await usher.services.links.create(usher.member, Draft("Survey"))
    await choose(usher, await usher.home(), menu.PAUSE)
    home = await usher.slack.when(lambda: (h := usher.slack.snapshot(OWNER)["home"]) and "Paused" in said(h) and h)
    await choose(usher, home, menu.REVOKE)
    await usher.submit(await usher.modal_with("It is over for good"))
    await usher.modal_with("is revoked")
    assert await usher.slack.when(lambda: "You have no links" in said(usher.slack.snapshot(OWNER)["home"]))


async def test_a_menu_that_outlived_its_link_says_so(usher: Usher) -> None:
    link = (await usher.services.links.create(usher.member, Draft("Survey"))).link
    listed = await my_list(usher)
    await usher.services.links.revoke(usher.member, link.id)
    for verb in (menu.PAUSE, menu.ROTATE):
        await choose(usher, listed, verb)
    assert await usher.message_with("Survey was revoked")


async def test_in_a_channel_the_card_is_for_its_creator_alone(usher: Usher) -> None:
    shown = await make(usher, GENERAL)
    assert shown["ephemeral"] and "An invitation to copy" in said(shown)


async def test_the_qr_code_goes_to_its_creators_direct_message_and_holds_the_address(usher: Usher) -> None:
    shown = await make(usher, GENERAL)
    await usher.press(shown, card.CODE)
    sent = await usher.message_with("The QR code of your link")
    assert sent["channel"] == DM and "tc_" not in said(sent)
    await usher.message_with("is in your direct message", GENERAL)
    [file] = sent["files"]
    assert (file["name"], file["mimetype"]) == ("chat-link.png", "image/png")
    picture = io.BytesIO()
    segno.make_qr(f"{BASE}/temp-chat/{token_of(shown)}", error="m").save(picture, kind="png", scale=12, border=4)
    assert base64.b64decode(file["picture"].partition(",")[2]) == picture.getvalue()
    assert usher.slack.messages(GENERAL, MEMBER) == []


async def test_nobody_else_and_no_old_address_gets_a_qr_code(usher: Usher) -> None:
    shown = await make(usher)
    await usher.services.links.rotate(usher.member, (await usher.services.links.of(usher.member))[0].id)
    await usher.press(shown, card.CODE)
    assert await usher.message_with("opens nothing any more")
    assert not usher.slack.of("files.completeUploadExternal")
