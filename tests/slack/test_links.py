"""Temporary chat links, made and ended from Slack, and what their creator hears."""

import json

import pytest
import sqlalchemy as sa
from slack_sdk.errors import SlackApiError

from bot.services.limits import rates
from bot.services.links import Draft, Guest, Terms
from bot.services.links.host_notes import AWAY, KIND
from bot.web.chat import wire
from bot.words import of
from playground.gemini import Break, Failure, Reply, text
from storage.schema import now
from storage.tables import RateLimit
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, Usher, said


async def agree(usher: Usher) -> None:
    """To what the preview shows."""
    await usher.submit(await usher.modal_with("What you decided"))


async def make(usher: Usher, channel: str = DM, **more: str) -> dict:
    await usher.slack.command(OWNER, channel, "/tempchat create Support")
    form = await usher.modal_with("How many guests")
    assert "Support" in said(form)
    await usher.submit(form, **more)
    await agree(usher)
    return await usher.message_with("/temp-chat/tc_", channel)


def token_of(shown: dict) -> str:
    return said(shown).split("/temp-chat/")[1][:52]


async def test_a_link_is_shown_once_to_its_creator_alone(usher: Usher) -> None:
    shown = await make(usher, GENERAL, purpose="Ask about your order")
    assert shown["ephemeral"]
    assert usher.slack.messages(GENERAL, MEMBER) == []
    link = await usher.services.links.look(token_of(shown))
    assert link and (link.title, link.purpose, link.tools) == ("Support", "Ask about your order", [])


async def test_from_the_home_tab_it_is_shown_in_the_modal(usher: Usher) -> None:
    await usher.press(await usher.home(), "link.create")
    await usher.submit(await usher.modal_with("How many guests"), title="Support")
    await agree(usher)
    assert token_of(await usher.modal_with("/temp-chat/tc_"))


async def test_revoking_asks_first_and_then_the_link_is_dead(usher: Usher) -> None:
    token = token_of(await make(usher))
    await usher.slack.command(OWNER, DM, "/tempchat revoke support")
    question = await usher.message_with("Revoke *Support*?")
    assert await usher.services.links.look(token)
    await usher.press(question, "link.revoke")
    await usher.message_with("is revoked")
    assert await usher.services.links.look(token) is None


async def choose(usher: Usher, shown: dict, verb: str, action_id: str = "link.menu") -> None:
    """Of the first link's menu."""
    menus = [block.get("accessory", {}) for block in shown["blocks"]]
    menus += [element for block in shown["blocks"] for element in block.get("elements", [])]
    options = [option for menu in menus if menu.get("action_id") == action_id for option in menu["options"]]
    value = next(option["value"] for option in options if option["value"].startswith(f"{verb}:"))
    await usher.press(shown, action_id, value=value)


async def test_the_list_has_each_link_with_its_button(usher: Usher) -> None:
    await make(usher)
    await usher.slack.command(OWNER, DM, "/tempchat list")
    listed = await usher.message_with("0 of 1 guest")
    await choose(usher, listed, "revoke")
    await usher.submit(await usher.modal_with("It is over for good"))
    assert await usher.modal_with("is revoked")
    assert await usher.message_with("You have no links")


async def test_nobody_revokes_somebody_elses_link(usher: Usher) -> None:
    shown = await make(usher)
    await usher.slack.command(MEMBER, GENERAL, "/tempchat revoke Support")
    assert await usher.message_with("no link", GENERAL, MEMBER)
    assert await usher.services.links.look(token_of(shown))


async def arrived(usher: Usher, **more: str) -> Guest:
    token = token_of(await make(usher, **more))
    started = await usher.services.links.start(token, "k" * 20, "Visitor", True)
    assert started
    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    return guest


def the_file(usher: Usher) -> str:
    (found,) = [file for each in usher.slack.messages(DM) for file in each.get("files") or []]
    return str(found["text"])


async def test_the_creator_hears_of_a_guest_and_gets_the_transcript(usher: Usher) -> None:
    token = token_of(await make(usher))
    started = await usher.services.links.start(token, "k" * 20, "Visitor <!here>", True)
    assert started
    assert "<!here>" not in said(await usher.message_with("opened your link"))

    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    usher.gemini.will_say("It is on its way.")
    await usher.services.chats.say_as_guest(guest, "Where is my order?", "1")
    await answered(usher, guest.conversation_id)
    await usher.services.links.end(guest)
    root = await usher.message_with("opened your link")
    told = await usher.message_with("has ended: the guest ended it")
    assert told["thread_ts"] == root["ts"] and "1 message of theirs" in said(told)
    await usher.slack.when(lambda: any(each.get("files") for each in usher.slack.messages(DM)))
    transcript = the_file(usher)
    assert "Where is my order?" in transcript and "It is on its way." in transcript


async def test_a_long_answer_is_cut_in_the_thread_and_whole_in_the_file(usher: Usher) -> None:
    guest = await arrived(usher)
    usher.gemini.will_say(" ".join(f"step{number}" for number in range(2_500)))
    await usher.services.chats.say_as_guest(guest, "How is it done?", "1")
    await answered(usher, guest.conversation_id)
    await usher.services.links.end(guest)
    shown = said(await usher.message_with("step0 "))
    assert "the transcript has all of it" in shown and "step2499" not in shown
    await usher.slack.when(lambda: any(each.get("files") for each in usher.slack.messages(DM)))
    assert "step2499" in the_file(usher)
    assert usher.slack.refusals == []


async def test_the_transcript_has_what_was_read_of_an_answer_that_the_end_cut_off(usher: Usher) -> None:
    guest = await arrived(usher)
    usher.gemini.script(Reply([[text("It is on ")], Break.HOLD]))
    with usher.services.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        await usher.services.chats.say_as_guest(guest, "Where is my order?", "1")
        while not any("It is on" in told for told in bell.take()):
            assert await bell.wait(60)
    await usher.services.links.end(guest)
    await usher.slack.when(lambda: any(each.get("files") for each in usher.slack.messages(DM)))
    assert "It is on (stopped here)" in the_file(usher)


async def answered(usher: Usher, conversation_id: str) -> None:
    with usher.services.bus.follow(f"conversation:{conversation_id}") as bell:
        while not await _done(usher, conversation_id):
            await bell.wait(60)


async def _done(usher: Usher, conversation_id: str) -> bool:
    async with usher.services.db.read() as tables:
        events = await tables.events.after(usher.member.workspace, conversation_id, 0)
    return any(event.kind == "status" and event.body["state"] == "done" for event in events)


async def test_each_thing_is_told_once_however_often_its_job_runs(usher: Usher) -> None:
    payload = {"workspace": usher.member.workspace, "creator": OWNER, "title": "Support", "what": "silent"}
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
    for _ in range(2):
        async with usher.services.db.begin() as tables:
            await tables.jobs.add(KIND, "host_note:1", payload, now())
        await usher.services.bus.tell("jobs")
        await finished(usher)
    told = [each for each in usher.slack.messages(DM) if "get no answers right now" in said(each)]
    assert len(told) == 1


async def finished(usher: Usher) -> None:
    await usher.slack.when(lambda: usher.slack.of("chat.postMessage"))
    import sqlalchemy as sa

    from storage.tables import Job

    while True:
        async with usher.services.db.read() as tables:
            if not await tables.session.scalar(sa.select(sa.func.count()).select_from(Job)):
                return
        with usher.services.bus.follow("jobs") as bell:
            await bell.wait(0.05)


async def test_guests_who_come_together_are_told_of_in_one_message_and_nobody_is_left_out(usher: Usher) -> None:
    link = (await usher.services.links.create(usher.member, Draft("Support", max_sessions=10))).url
    names = [f"Visitor {number}" for number in range(10)]
    for name in names:
        assert await usher.services.links.start(link.rsplit("/", 1)[1], name.ljust(20, "k"), name, True)
    await usher.message_with("10 guests opened your link")
    await finished(usher)
    [told] = [said(each) for each in usher.slack.messages(DM) if "opened your link" in said(each)]
    assert told.count("Visitor") == 5 and "5 more" in told

    assert await usher.services.links.start(await _another(usher), "k" * 20, "Late", True)
    assert await usher.message_with("Late opened your link")


async def failed(usher: Usher, guest: Guest, times: int) -> None:
    with usher.services.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        while [each.body.get("state") for each in await usher.services.links.log(guest)].count("failed") < times:
            await bell.wait(60)


async def _another(usher: Usher) -> str:
    return (await usher.services.links.create(usher.member, Draft("Support"))).url.rsplit("/", 1)[1]


async def test_the_creator_hears_in_plain_words_that_guests_get_no_answers_once(usher: Usher) -> None:
    started = await usher.services.links.start(await _another(usher), "k" * 20, "Visitor", True)
    assert started
    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    for number in range(2):
        usher.gemini.script(Failure(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."))
        async with usher.services.db.begin() as tables:
            await tables.session.execute(sa.delete(RateLimit))
        await usher.services.chats.say_as_guest(guest, "Hello?", f"c{number}")
        await failed(usher, guest, number + 1)
    await usher.message_with("get no answers right now")
    await finished(usher)
    told = [said(each) for each in usher.slack.messages(DM) if "get no answers right now" in said(each)]
    assert len(told) == 1 and "GEMINI" not in told[0] and "key" not in told[0]
    log = await usher.services.links.log(guest)
    shown = [each.body["code"] for each in log if each.kind == "status" and each.body["state"] == "failed"]
    assert shown == [AWAY, AWAY]
    assert "GEMINI" not in str([wire.public(each, of("en")) for each in log])


async def test_what_could_not_be_told_is_told_later(usher: Usher) -> None:
    started = await usher.services.links.start(await _another(usher), "k" * 20, "Visitor", True)
    assert started
    handler = usher.notices.handlers()["guest_started"]
    async with usher.services.db.begin() as tables:  # before anybody else can take it
        [job] = await tables.jobs.all(usher.member.workspace)
        await tables.session.delete(await tables.session.merge(job))
    usher.slack.will_refuse("chat.postMessage", "internal_error")
    with pytest.raises(SlackApiError, match="internal_error"):
        await handler(job)
    await handler(job)
    assert await usher.message_with("opened your link")


async def asking_guest(usher: Usher, notes: str) -> Guest:
    """One whose question has led to a call that waits for the creator."""
    await usher.connect_notes(notes)
    await usher.slack.command(OWNER, DM, "/tempchat create Support")
    form = await usher.modal_with("Tools it may use")
    element = next(block["element"] for block in form["blocks"] if block["block_id"] == "tools")
    assert [each["text"]["text"] for each in element["options"][:2]] == ["Notes: List notes", "Notes: Read a note"]
    await usher.submit(form, tools=[each["value"] for each in element["options"][:2]])
    await agree(usher)
    token = token_of(await usher.message_with("/temp-chat/tc_"))
    started = await usher.services.links.start(token, "k" * 20, "Visitor", True)
    assert started
    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    usher.gemini.will_call(("notes__list_notes", {}))
    await usher.services.chats.say_as_guest(guest, "Which notes are there?", "1")
    return guest


async def test_a_guests_question_goes_to_the_creator(usher: Usher, notes: str) -> None:
    guest = await asking_guest(usher, notes)
    question = await usher.message_with("a guest on your link")
    assert "Visitor, a guest" in said(question) and "They wrote: “Which notes are there?”" in said(question)
    root = await usher.message_with("opened your link")
    assert question["thread_ts"] == root["ts"]
    usher.gemini.will_say("None yet.")
    await usher.press(question, "approval.approve")
    await answered(usher, guest.conversation_id)
    assert await usher.message_with("Approved by")


async def test_a_guest_who_goes_on_takes_the_question_back(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MESSAGES, "session:second", rates.MESSAGES["session:minute"])
    guest = await asking_guest(usher, notes)
    question = await usher.message_with("a guest on your link")
    usher.gemini.will_say("As you like.")
    await usher.services.chats.say_as_guest(guest, "Never mind.", "2")
    closed = await usher.message_with("Not answered")
    assert closed["ts"] == question["ts"] and "approval.approve" not in said(closed)


async def test_the_end_of_the_chat_takes_the_question_back(usher: Usher, notes: str) -> None:
    guest = await asking_guest(usher, notes)
    await usher.message_with("a guest on your link")
    await usher.services.links.end(guest)
    assert "approval.approve" not in said(await usher.message_with("Not answered"))


def test_nothing_of_the_link_is_kept_in_the_forms_metadata() -> None:
    from bot.slack.screens.links.form import Filling, create_form

    kept = json.loads(create_form([], Terms(), Filling("C1", "x"))["private_metadata"])
    assert kept == {"channel": "C1", "title": "x", "template": "blank"}
