"""Slack does not answer for a while: nothing is lost, nothing is said twice, and nothing is held up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientConnectionError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.approvals.deciding import Deciding
from bot.services.chats import Delta, Told
from bot.slack.acts import approvals
from bot.slack.replies.chunks import markdown
from bot.slack.replies.rendering import SlackRendering
from playground.slack.server import LocalSlack
from storage.schema import now
from storage.tables import Event, Job, Turn
from tests.slack.test_mending import Shown, conversation, dying, final, reply, telling, texts, thread
from tests.support.clock import Clock
from tests.support.slack import DM, OWNER, PATIENCE, Usher, said

__all__ = ["thread"]
WORKING = Event(kind="status", body={"state": "working", "text": ""})


class Away:
    """In the place of a method of the client: no answer the first times, then Slack is back."""

    def __init__(self, patch: pytest.MonkeyPatch, client: AsyncWebClient, method: str, times: int = 1) -> None:
        self._answered = getattr(client, method)
        self._times = times
        self.asked = asyncio.Event()
        patch.setattr(client, method, self)

    async def __call__(self, **arguments: Any) -> Any:
        self.asked.set()
        self._times -= 1
        if self._times >= 0:
            raise ClientConnectionError("away")
        return await self._answered(**arguments)


@pytest.mark.parametrize("method", ["chat_startStream", "chat_appendStream"])
async def test_an_answer_goes_on_where_slack_stopped_listening(
    slack: LocalSlack, client: AsyncWebClient, thread: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(1_000.0)
    streamed = reply(client, thread, clock)
    Away(monkeypatch, client, method)
    for words in ("One ", "two ", "three ", "four"):
        await streamed.append(markdown(words))
        await streamed.flush()
        clock.now += 1.1
    await streamed.stop()
    assert texts(slack) == ["One two three four"]


async def test_a_face_that_fails_leaves_nothing_running(
    slack: LocalSlack, client: AsyncWebClient, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Away(monkeypatch, client, "assistant_threads_setStatus")
    before = asyncio.all_tasks()
    with pytest.raises(ConnectionError):
        await SlackRendering(client, Shown())(Turn(id="t", shown={}, attempts=1), conversation(thread), dying(WORKING))  # type: ignore[arg-type]
    assert asyncio.all_tasks() <= before


async def test_a_slack_that_hangs_holds_up_no_end(
    slack: LocalSlack, client: AsyncWebClient, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, never = asyncio.Event(), asyncio.Event()

    async def hang(**_: Any) -> None:
        hanging.set()
        await never.wait()

    async def unending() -> AsyncIterator[Told]:
        yield WORKING
        await never.wait()

    monkeypatch.setattr(client, "assistant_threads_setStatus", hang)
    face = SlackRendering(client, Shown())  # type: ignore[arg-type]
    showing = asyncio.create_task(face(Turn(id="t", shown={}, attempts=1), conversation(thread), unending()))  # type: ignore[arg-type]
    await hanging.wait()
    showing.cancel()
    await asyncio.wait({showing}, timeout=60)
    assert showing.cancelled()


async def test_a_status_that_cannot_be_set_does_not_keep_the_answer_away(
    slack: LocalSlack, client: AsyncWebClient, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Away(monkeypatch, client, "assistant_threads_setStatus")
    face = SlackRendering(client, Shown())  # type: ignore[arg-type]
    await face(Turn(id="t", shown={}, attempts=1), conversation(thread), telling(WORKING, final("Here.")))
    assert texts(slack) == ["Here."]


WAITS = Event(kind="status", body={"state": "working", "text": "The model is overloaded. Trying again in 5 s."})


async def test_why_it_takes_longer_is_a_status_that_goes_away_with_the_next_words(
    slack: LocalSlack, client: AsyncWebClient, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[str] = []
    set_status = client.assistant_threads_setStatus

    async def seen(**arguments: Any) -> Any:
        statuses.append(arguments["status"])
        return await set_status(**arguments)

    monkeypatch.setattr(client, "assistant_threads_setStatus", seen)
    face = SlackRendering(client, Shown())  # type: ignore[arg-type]
    told = telling(WORKING, WAITS, WORKING, Delta("t", "One. ", 0, 1), WAITS, WORKING, final("One. Two."))
    await face(Turn(id="t", shown={}, attempts=1), conversation(thread), told)
    assert statuses == ["is thinking…", f"is waiting. {WAITS.body['text']}", "is thinking…", statuses[1], ""]
    assert texts(slack) == ["One. Two."]


async def job(usher: Usher) -> Job:
    payload = {"workspace": usher.member.workspace, "creator": OWNER, "title": "Support", "what": "silent"}
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
        await tables.jobs.add("later", "host_note:1", payload, now())
        [claimed] = await tables.jobs.claim(now(), 1, 60)
    return claimed


async def test_what_was_told_is_not_told_again_because_the_home_tab_failed(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    Away(monkeypatch, usher.client, "views_publish")
    claimed = await job(usher)
    for _ in range(2):
        await usher.notices.handlers()["host_note"](claimed)
    assert len([each for each in usher.slack.messages(DM) if "get no answers right now" in said(each)]) == 1


async def test_what_was_cut_off_by_the_end_of_the_process_is_told_at_the_next_start(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling_now, never = asyncio.Event(), asyncio.Event()

    async def hang(**_: Any) -> None:
        telling_now.set()
        await never.wait()

    claimed = await job(usher)
    with monkeypatch.context() as patched:
        patched.setattr(usher.client, "chat_postMessage", hang)
        cut_off = asyncio.create_task(usher.notices.handlers()["host_note"](claimed))
        await telling_now.wait()
        cut_off.cancel()
        await asyncio.wait({cut_off})
    await usher.notices.handlers()["host_note"](claimed)
    assert await usher.message_with("get no answers right now")


async def test_a_click_counts_though_its_buttons_could_not_be_taken_away(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "water the plants"}))
    usher.gemini.will_say("Added.")
    await usher.slack.person_says(OWNER, DM, "add a note")
    question = await usher.message_with("May I?")

    async def away(*_: Any, **__: Any) -> None:
        raise ClientConnectionError("away")

    with monkeypatch.context() as patched:
        patched.setattr(approvals, "close", away)
        await usher.press(question, "approval.approve")
        await usher.message_with("Added.")
    assert not [each for each in usher.slack.messages(DM) if "went wrong" in said(each)]
    await usher.press(question, "approval.approve")
    assert "approval.approve" not in said(await usher.message_with("Approved by"))


async def test_a_click_that_could_not_be_stored_is_not_acknowledged_as_done(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "water the plants"}))
    await usher.slack.person_says(OWNER, DM, "add a note")
    question = await usher.message_with("May I?")
    storing, never = asyncio.Event(), asyncio.Event()

    async def dying(*_: Any, **__: Any) -> None:
        storing.set()
        await never.wait()

    with monkeypatch.context() as patched:
        patched.setattr(Deciding, "decide", dying)
        usher.slack.workspace.sockets.ack_seconds = 0.2
        pressed = asyncio.create_task(usher.press(question, "approval.approve"))
        await storing.wait()
        assert "error" in await pressed
    usher.slack.workspace.sockets.ack_seconds = PATIENCE
    usher.gemini.will_say("Added.")
    await usher.press(question, "approval.approve")
    assert "approval.approve" not in said(await usher.message_with("Approved by"))


async def test_every_copy_of_a_question_loses_its_buttons(usher: Usher, notes: str) -> None:
    """Of two copies, one was put up by a process that died before it could note where."""
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "water the plants"}))
    await usher.slack.person_says(OWNER, DM, "add a note")
    question = await usher.message_with("May I?")
    copy = await usher.client.chat_postMessage(channel=DM, text=question["text"], blocks=question["blocks"])
    second = next(each for each in usher.slack.messages(DM) if each["ts"] == copy["ts"])
    usher.gemini.will_say("Added.")
    await usher.press(second, "approval.approve")
    closed = await usher.slack.when(
        lambda: [each for each in usher.slack.messages(DM) if "Approved by" in said(each)][1:], PATIENCE
    )
    assert closed and "approval.approve" not in said({"blocks": usher.slack.messages(DM)})
