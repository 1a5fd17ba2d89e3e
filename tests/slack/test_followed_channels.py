"""A creator follows their guests in a channel: everyone in it reads along, and they alone speak there."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import FormError
from bot.services.links import Draft, Guest
from bot.services.links.hosting import counting
from bot.slack.acts.guests import counted
from bot.slack.acts.guests.channels import ChannelsBySlack
from storage.rules.outside import Kind, Rule
from storage.tables import AuditEntry
from tests.slack.outside import let
from tests.slack.test_guest_threads import arrived, at_once, log_with, says
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, Usher, said

__all__ = ["at_once"]

BOT = "U0USHER"


@pytest.fixture(autouse=True)
def counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "APART", 0.02)
    monkeypatch.setattr(counting, "TOGETHER", timedelta(0))


async def made(usher: Usher, guests: int = 1) -> str:
    draft = Draft("Support", max_sessions=guests, follow_channel=GENERAL)
    return (await usher.services.links.create(usher.member, draft)).url


async def greeted(usher: Usher, guest: Guest) -> dict[str, Any]:
    """What was said, as it stands in the channel."""
    usher.gemini.will_say("Good morning!")
    await says(usher, guest, "Hello")
    return await usher.message_with("Good morning!", GENERAL)


async def test_another_app_that_mentions_us_in_a_guests_thread_asks_nothing(usher: Usher) -> None:
    """As nobody else's words there are a question to the agent."""
    await let(usher, Kind.BOTS, Rule.READ_ONLY)
    shown = await greeted(usher, await arrived(usher, link=await made(usher)))
    asked = len(usher.gemini.asked)
    thread = shown.get("thread_ts") or shown["ts"]
    usher.slack.workspace.saying.bot_says(GENERAL, f"<@{BOT}> what did they say?", thread)
    await usher.slack.when(lambda: not usher.slack.unheard)
    await usher.tasks.drain(5)
    usher.gemini.will_say("Nothing.")
    usher.slack.workspace.saying.bot_says(GENERAL, f"<@{BOT}> and what is new?")
    await usher.message_with("Nothing.", GENERAL)
    assert len(usher.gemini.asked) == asked + 1


async def test_it_is_chosen_in_the_form_and_shown_before_the_link_is_made(usher: Usher) -> None:
    await usher.slack.command(OWNER, DM, "/tempchat create Support")
    form = await usher.modal_with("Follow the chats in")
    await usher.submit(form, follow_channel=GENERAL)
    preview = await usher.modal_with("What you decided")
    assert f"Followed in <#{GENERAL}>" in said(preview) and "also shown to others" in said(preview)
    await usher.submit(preview)
    await usher.message_with("/temp-chat/tc_")
    [link] = await usher.services.links.of(usher.member)
    assert link.follow_channel == GENERAL


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"is_member": False}, "invite @Usher"),
        ({"is_archived": True}, "archived"),
        ({"is_ext_shared": True}, "another organisation"),
        ({"is_shared": True}, "another organisation"),
        ({"is_pending_ext_shared": True}, "another organisation"),
        ({"is_mpim": True}, "choose one of these"),
        ({"is_im": True}, "choose one of these"),
        ({"is_private": True}, "not in that channel yourself"),
        ({}, ""),
    ],
)
async def test_a_channel_in_which_nobody_may_be_followed_is_refused_with_the_cure(
    about: dict[str, bool], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = AsyncWebClient()

    async def info(channel: str) -> dict[str, Any]:
        return {"channel": {"id": channel, "is_member": True, "is_private": False} | about}

    async def members(**asked: Any) -> dict[str, Any]:
        return {"members": ["U2"], "response_metadata": {"next_cursor": "" if asked["cursor"] else "more"}}

    monkeypatch.setattr(client, "conversations_info", info)
    monkeypatch.setattr(client, "conversations_members", members)
    found = await ChannelsBySlack(client).about(Usher.member, "C1")
    assert (told in found.complaint) if told else found.complaint == ""
    assert found.known


async def test_what_slack_refuses_stands_under_the_field(usher: Usher) -> None:
    await usher.slack.command(OWNER, DM, "/tempchat create Support")
    for error, told in (("missing_scope", "install me anew"), ("channel_not_found", "invite @Usher")):
        usher.slack.will_refuse("conversations.info", error)
        form = await usher.modal_with("Follow the chats in")
        answer = await usher.submit(form, follow_channel=GENERAL)
        assert told in str(answer["errors"]["follow_channel"])
    usher.slack.will_refuse("conversations.info", "internal_error")
    with pytest.raises(FormError):
        await made(usher)


async def test_guests_are_followed_there_and_only_the_creator_speaks_to_them(usher: Usher) -> None:
    url = await made(usher, 3)
    guest = await arrived(usher, "Visitor", url)
    shown = await greeted(usher, guest)
    root = next(each for each in usher.slack.messages(GENERAL) if each["ts"] == shown["thread_ts"])
    assert f"opened <@{OWNER}>" in said(root) and "What others write here stays here" in said(root)
    await usher.message_with("1 of 3 guests so far", GENERAL)
    assert not any("Visitor" in said(each) for each in usher.slack.messages(DM))
    await usher.slack.person_says(MEMBER, GENERAL, "Who is this?", thread_ts=root["ts"])
    told = await usher.message_with("stays here: only", GENERAL, MEMBER)
    assert told["ephemeral"]
    await usher.slack.person_says(MEMBER, GENERAL, f"<@{BOT}> what do they want?", thread_ts=root["ts"])
    await usher.slack.person_says(OWNER, GENERAL, "I am here myself", thread_ts=root["ts"])
    log = await log_with(usher, guest, "I am here myself")
    assert "Who is this" not in str([each.body for each in log]) and "do they want" not in str([e.body for e in log])
    assert f"<@{OWNER}> answers" in said(await usher.message_with("guest.hand_back", GENERAL))
    await usher.press(await usher.message_with("guest.end", GENERAL), "guest.end", MEMBER)
    await usher.message_with("Only the person who made the link", GENERAL, MEMBER)
    await usher.services.hosting.end(usher.member, guest.session.id)
    ended = await usher.message_with("The chat with Visitor", GENERAL)
    assert ended["thread_ts"] == root["ts"] and "has ended: its host ended it" in said(ended)
    assert len(usher.gemini.asked) <= 2


@pytest.mark.parametrize("error", ["is_archived", "not_in_channel", "channel_not_found"])
async def test_a_channel_that_is_lost_gives_way_to_the_direct_message_and_nothing_is(usher: Usher, error: str) -> None:
    guest = await arrived(usher, "Visitor", await made(usher, 3))
    await greeted(usher, guest)
    await usher.message_with("1 of 3 guests so far", GENERAL)
    lose(usher, error)
    usher.gemini.will_say("Of course.")
    await says(usher, guest, "Do you hear me?", 2)
    shown = await usher.message_with("Do you hear me?")
    root = next(each for each in usher.slack.messages(DM) if each["ts"] == shown["thread_ts"])
    assert "guest.take_over" in said(root) and f"Its beginning stands in <#{GENERAL}>" in said(root)
    await usher.message_with("takes no more messages of mine")
    await usher.message_with("1 of 3 guests so far")
    await usher.message_with("Of course.")
    await usher.slack.person_says(OWNER, DM, "I am here myself", thread_ts=root["ts"])
    await log_with(usher, guest, "I am here myself")
    other = await arrived(usher, "Another", (await the_url(usher, guest)))
    usher.gemini.will_say("Hello, other.")
    await says(usher, other, "Hi")
    await usher.message_with("Hello, other.")
    told = [each for each in usher.slack.messages(DM) if "takes no more messages of mine" in said(each)]
    assert len(told) == 1
    async with usher.services.db.read() as tables:
        lost_ones = await tables.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "link.channel_lost"))
        assert len(list(lost_ones)) == 1


async def test_an_archived_channel_gives_way_at_once_with_the_questions_that_wait_in_it(
    usher: Usher, notes: str
) -> None:
    await usher.connect_notes(notes)
    [tool] = [each for each in await usher.services.links.candidates(usher.member) if each.name == "list_notes"]
    draft = Draft("Support", follow_channel=GENERAL, tools=((tool.connection_id, tool.name),))
    guest = await arrived(usher, "Visitor", (await usher.services.links.create(usher.member, draft)).url)
    usher.gemini.will_call(("notes__list_notes", {}))
    await says(usher, guest, "Which notes are there?")
    await usher.message_with("May I?", GENERAL)
    await usher.slack.channel_is_archived(GENERAL)
    asked = await usher.message_with("May I?")
    root = next(each for each in usher.slack.messages(DM) if each["ts"] == asked["thread_ts"])
    assert f"Its beginning stands in <#{GENERAL}>" in said(root) and "Which notes are there?" in said(asked)
    await usher.message_with("takes no more messages of mine")
    usher.gemini.will_say("None at all.")
    await usher.press(asked, "approval.approve")
    await usher.message_with("None at all.")


async def test_what_stands_in_a_lost_channel_is_told_when_the_chat_is_deleted(usher: Usher) -> None:
    guest = await arrived(usher, "Zebulon", await made(usher))
    await greeted(usher, guest)
    lose(usher, "not_in_channel")
    usher.gemini.will_say("Of course.")
    await says(usher, guest, "Do you hear me?", 2)
    await usher.message_with("Of course.")
    await usher.services.links.erasing.by_host(usher.member, guest.session.id)
    told = await usher.message_with("Its beginning stands in <#C0GENERAL>, which I cannot reach")
    assert "Good morning!" in str(usher.slack.messages(GENERAL)) and GENERAL in said(told)
    await usher.slack.when(lambda: not any("Zebulon" in said(each) for each in usher.slack.messages(DM)))


async def test_a_slack_that_only_stumbles_moves_nothing(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = await arrived(usher, "Visitor", await made(usher))
    await greeted(usher, guest)
    usher.slack.will_refuse("chat.postMessage", "not_in_channel")  # once, and conversations.info says otherwise
    usher.gemini.will_say("Of course.")
    await says(usher, guest, "Do you hear me?", 2)
    await again(usher)
    assert not any("Do you hear me?" in said(each) for each in usher.slack.messages(DM))


async def again(usher: Usher) -> None:
    """A failed job comes back at once."""
    async with asyncio.timeout(60):
        while not any("Of course." in said(each) for each in usher.slack.messages(GENERAL)):
            async with usher.services.db.begin() as tables:
                await tables.jobs.release_all()
            await usher.services.bus.tell("jobs")
            await asyncio.sleep(0.1)


async def the_url(usher: Usher, guest: Guest) -> str:
    return (await usher.services.links.rotate(usher.member, guest.link.id)).url


def lose(usher: Usher, error: str) -> None:
    """The channel takes nothing more, as Slack says it."""
    there = usher.slack.workspace.directory.channels
    match error:
        case "is_archived":
            there[GENERAL].archived = True
        case "not_in_channel":
            there[GENERAL].members.remove(BOT)
        case _:
            del there[GENERAL]
