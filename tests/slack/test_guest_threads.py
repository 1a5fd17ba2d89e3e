"""A link's creator follows a guest in a thread, speaks to them there, whispers to the agent, and hands back."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta

import pytest
import sqlalchemy as sa
from slack_sdk.errors import SlackApiError

from bot.services.limits import rates
from bot.services.links import Draft, Guest
from bot.services.links.hosting import mirroring
from bot.slack.acts.guests import channels, guest_threads
from bot.slack.acts.guests.guest_threads import Pace
from playground.gemini import Break, Reply, text
from storage.tables import Event, Session
from tests.support.slack import DM, OWNER, Usher, said


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here counts Slack's messages a second, nor a guest's."""
    monkeypatch.setattr(guest_threads, "APART", 0.02)
    monkeypatch.setattr(mirroring, "TOGETHER", timedelta(0))
    monkeypatch.setitem(rates.MESSAGES, "session:second", rates.MESSAGES["session:minute"])


async def arrived(usher: Usher, name: str = "Visitor", link: str = "") -> Guest:
    link = link or (await usher.services.links.create(usher.member, Draft("Support", max_sessions=9))).url
    started = await usher.services.links.start(link.rsplit("/", 1)[1], name.ljust(20, "k"), name, True)
    assert started
    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    return guest


async def says(usher: Usher, guest: Guest, words: str, number: int = 1) -> None:
    async with usher.services.db.read() as tables:
        session = await tables.sessions.get(guest.workspace, guest.session.id)
    assert session
    await usher.services.chats.say_as_guest(Guest(guest.link, session), words, f"client-{number}")


async def log_with(usher: Usher, guest: Guest, words: str) -> list[Event]:
    with usher.services.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        while True:
            log = await usher.services.links.log(guest)
            if any(words in str(each.body) for each in log):
                return log
            assert await bell.wait(15), f"nobody said {words}"


async def followed(usher: Usher, guest: Guest) -> dict:
    """The message that the thread hangs on, once the guest has said hello and was answered."""
    usher.gemini.will_say("Good morning!")
    await says(usher, guest, "Hello")
    return await rooted(usher, await usher.message_with("Good morning!"))


async def rooted(usher: Usher, shown: dict) -> dict:
    return next(each for each in usher.slack.messages(DM) if each["ts"] == shown["thread_ts"])


async def test_what_is_said_stands_in_the_thread_as_words_alone(usher: Usher) -> None:
    guest = await arrived(usher, "Visitor <!here>")
    usher.gemini.will_say("*Bold* claims <https://bad.example|good.example>.")
    await says(usher, guest, "<!channel> *May I?* :rotating_light:")
    shown = await usher.message_with("claims")
    root = await rooted(usher, shown)
    assert "opened your link" in said(root) and "guest.take_over" in said(root)
    thread = said({"blocks": [each["blocks"] for each in usher.slack.messages(DM) if each["thread_ts"]]})
    assert "<!channel> *May I?*" in thread  # in plain text it is neither a call nor bold
    assert all(b["text"]["type"] == "plain_text" for b in shown["blocks"] if b["type"] == "section")
    assert "<!here>" not in said(root) and usher.slack.refusals == []


async def test_a_reply_in_the_thread_reaches_the_guest_and_silences_the_agent(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    await usher.slack.person_says(OWNER, DM, "I am here myself <3", thread_ts=root["ts"])
    log = await log_with(usher, guest, "I am here myself")
    assert (log[-1].body["author"], log[-1].body["text"]) == ("host", "I am here myself <3")
    await says(usher, guest, "Wonderful!", 2)
    await usher.message_with("Wonderful!")
    redrawn = await usher.message_with("guest.hand_back")
    assert redrawn["ts"] == root["ts"] and len(usher.gemini.asked) == 1
    usher.gemini.will_say("At your service again.")
    await usher.press(redrawn, "guest.hand_back")
    await usher.message_with("At your service again.")
    told = str(usher.gemini.heard(1))
    assert "I am here myself" in told and "> Wonderful!" in told


async def test_what_a_host_edits_or_deletes_in_the_thread_the_guest_reads_so(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    first = await usher.slack.person_says(OWNER, DM, "It ships on Mnday", thread_ts=root["ts"])
    await log_with(usher, guest, "Mnday")
    await usher.slack.person_edits(OWNER, DM, first, "It ships on <!here> Monday")
    log = await log_with(usher, guest, "edited")
    assert log[-1].kind == "changed" and log[-1].body["text"].endswith("Monday")
    await usher.slack.person_edits(OWNER, DM, first, "whisper: be kind")
    await usher.message_with("Delete it to take it back")
    await usher.slack.person_deletes(OWNER, DM, first)
    log = await log_with(usher, guest, "taken_back")
    assert "ships" not in str([each.body for each in log])


async def test_a_whisper_is_for_the_agent_alone(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    usher.gemini.will_say("It ships on Monday.")
    await usher.slack.person_says(OWNER, DM, "Whisper: tell them it ships Monday", thread_ts=root["ts"])
    await log_with(usher, guest, "It ships on Monday.")
    assert "tell them" not in str([each.body for each in await usher.services.links.log(guest)])
    assert await usher.message_with("The assistant has been told")
    await usher.slack.person_says(OWNER, DM, "whisper:", thread_ts=root["ts"])
    assert await usher.message_with("There is nothing to whisper")


async def test_a_whisper_through_the_button(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    usher.gemini.will_say("It ships on Monday.")
    await usher.press(root, "guest.whisper")
    await usher.submit(await usher.modal_with("What should the assistant know"), text="it ships Monday")
    await log_with(usher, guest, "It ships on Monday.")
    assert "> it ships Monday" in str(usher.gemini.heard(1))


async def test_taking_over_by_the_button_cuts_a_running_answer(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    usher.gemini.script(Reply([[text("Let me think ")], Break.HOLD]))
    with usher.services.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        await says(usher, guest, "A hard question", 2)
        while not any("think" in each for each in bell.take()):
            assert await bell.wait(60)
    await usher.press(root, "guest.take_over")
    shown = await usher.message_with("(cut off here)")
    assert "Let me think" in said(shown)
    assert "You answer" in said(await usher.message_with("You answer"))


async def test_ending_from_the_thread_ends_it_for_the_guest(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    await usher.press(root, "guest.end")
    told = await usher.message_with("has ended: you ended it")
    assert told["thread_ts"] == root["ts"]
    assert (await usher.services.links.log(guest))[-1].body["reason"] == "host"
    over = await usher.message_with("This chat has ended.")
    assert over["ts"] == root["ts"] and "guest.take_over" not in said(over)
    await usher.slack.person_says(OWNER, DM, "Are you there?", thread_ts=root["ts"])
    assert await usher.message_with("nothing reaches the guest any more")


async def test_a_stop_in_the_thread_is_a_word_to_the_guest_like_any_other(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    await usher.slack.person_says(OWNER, DM, "stop", thread_ts=root["ts"])
    log = await log_with(usher, guest, "stop")
    assert [each.body["text"] for each in log if each.body.get("author") == "host"] == ["stop"]


async def test_who_wants_a_person_is_seen_in_the_message_list_itself(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    await usher.services.hosting.ask_for_person(guest)

    def posted() -> list[dict]:
        return [each for each in usher.slack.of("chat.postMessage") if "talk to a person" in str(each)]

    await usher.slack.when(posted)
    assert [(each["thread_ts"], each["reply_broadcast"]) for each in posted()] == [(root["ts"], True)]


async def test_several_guests_each_have_a_thread_of_their_own(usher: Usher) -> None:
    link = (await usher.services.links.create(usher.member, Draft("Support", max_sessions=9))).url
    both = [await arrived(usher, name, link) for name in ("Ben", "Cleo")]
    for guest in both:
        usher.gemini.will_say(f"Hello {guest.name}!")
        await says(usher, guest, f"I am {guest.name}")
        await usher.message_with(f"Hello {guest.name}!")
    roots = {(await usher.message_with(f"Hello {each.name}!"))["thread_ts"] for each in both}
    assert len(roots) == 2


async def test_a_part_that_slack_refused_is_told_later_and_once(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    usher.slack.will_refuse("chat.postMessage", "internal_error")
    usher.gemini.will_say("Second answer.")
    await says(usher, guest, "Second question", 2)
    await usher.message_with("Second answer.")
    shown = [said(each) for each in usher.slack.messages(DM) if each["thread_ts"] == root["ts"]]
    assert sum(each.count("Second question") for each in shown) <= 2  # once in its text, once in its blocks


def test_messages_in_one_conversation_are_a_second_apart() -> None:
    pace = Pace(apart=60)
    assert pace.take("D1") == 0
    assert 0 < pace.take("D1") <= 60
    assert pace.take("D2") == 0


def test_turns_come_in_the_order_in_which_they_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now_at = 100.0
    monkeypatch.setattr(guest_threads.time, "monotonic", lambda: now_at)
    pace = Pace(apart=10)
    assert [pace.take("D1", each) for each in "abcabc"] == [0, 10, 20, 30, 10, 20]
    now_at = 110.0
    assert [pace.take("D1", each) for each in "cdba"] == [10, 30, 0, 20]


async def test_guests_who_come_together_are_followed_without_asking_slack_again_and_again(usher: Usher) -> None:
    made = await usher.services.links.create(usher.member, Draft("Support", max_sessions=8))
    guests = [await arrived(usher, f"Visitor {number}", made.url) for number in range(8)]
    for guest in guests:
        usher.gemini.will_say("Good morning!")
        await says(usher, guest, f"I am {guest.session.guest_name}")
    for guest in guests:
        await usher.message_with(f"I am {guest.session.guest_name}")
    opened = usher.slack.of("conversations.open")
    assert len(opened) <= 3  # for all that is told of a link, not for each guest


async def test_who_has_no_account_any_more_is_not_asked_for_with_each_message(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = (await usher.services.links.create(usher.member, Draft("Support"))).link
    usher.slack.will_refuse("conversations.open", "user_not_found")
    for _ in range(3):
        with pytest.raises(SlackApiError, match="user_not_found"):
            await channels.home_of(usher.client, link)
    assert len(usher.slack.of("conversations.open")) == 1
    monkeypatch.setattr(channels, "ENDED_FOR", 0.0)
    assert await channels.home_of(usher.client, link) == DM


async def test_however_many_open_a_guests_thread_at_once_it_hangs_on_one_message(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await usher.services.links.create(usher.member, Draft("Support"))
    started = await usher.services.links.start(made.url.rsplit("/", 1)[1], "k" * 20, "Visitor", True)
    assert started

    def roots() -> list[str]:
        return [each["ts"] for each in usher.slack.messages(DM) if "opened your link" in said(each)]

    async def open_one() -> tuple[str, str]:
        guest = await usher.services.links.guest(started.link.id, started.secret)
        assert guest
        return await guest_threads.GuestThreads(usher.client, usher.services).opened(guest)

    places = set(await asyncio.gather(*(open_one() for _ in range(4))))
    assert len(places) == 1 and roots() == [next(iter(places))[1]]
    # As for another process, that knows nothing of this one's locks.
    async with usher.services.db.begin() as tables:
        await tables.session.execute(sa.update(Session).values(thread_channel="", thread_ts=""))
    monkeypatch.setattr(guest_threads._OPENING, "turn", lambda key: nullcontext())
    before = roots()
    places = set(await asyncio.gather(*(open_one() for _ in range(4))))
    assert len(places) == 1 and roots() == [*before, next(iter(places))[1]]
