"""The stream against a real socket: replay, following, positions, caps, the end, the stop; and the poll beside it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.agent import model
from playground.gemini import Break, Reply, text
from tests.web.caller import Caller, frames, kinds, until
from tests.web.sidecar import OWNER, House


async def test_an_answer_streams_and_is_then_told_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, shown = house.model.model.reply, asyncio.Event()

    async def held(*asked: Any, **more: Any) -> AsyncIterator[Any]:
        """Its end waits until all of it was seen: what is still on its way then is not told beside the whole."""
        async for heard in answer(*asked, **more):
            if isinstance(heard, model.Reply):
                await shown.wait()
            yield heard

    monkeypatch.setattr(house.model.model, "reply", held)
    guest = await house.guest()
    house.model.will_say("One ", "two ", "three.")
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        assert (await anext(stream))["event"] == "hello"
        assert (await guest.say("Count.")).status == 202
        seen = []
        async for frame in stream:
            seen.append(frame)
            if frame["event"] == "delta" and frame["data"]["text"].endswith("three."):
                break
        shown.set()
        seen += await until(stream, "status", state="done")
    running_text = [frame["data"] for frame in seen if frame["event"] == "delta"]
    messages = [frame["data"] for frame in seen if frame["event"] == "message"]
    words = ""
    for piece in running_text:  # who was late to read the log is told once more what there is by then
        words = words[: piece["start"]] + piece["text"]
    assert words == "One two three."
    assert running_text[0]["start"] == 0
    assert [(each["author"], each["text"]) for each in messages] == [("guest", "Count."), ("agent", "One two three.")]


async def test_a_reader_that_comes_back_gets_what_it_missed_and_no_more(house: House) -> None:
    guest = await house.guest()
    house.model.will_say("Hello.")
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await guest.say("Hi.")
        first = await until(stream, "message", author="guest")
        missed = await until(stream, "status", state="done")
    headers = {"Last-Event-ID": first[-1]["id"]}
    async with guest.asking("GET", guest.chat + "events?after=stale-query", headers=headers) as response:
        again = await until(frames(response), "status", state="done")
    stored = [frame["id"] for frame in missed if "id" in frame]
    assert [frame["id"] for frame in again if "id" in frame] == stored


async def test_a_reload_in_the_middle_of_an_answer_finds_the_running_text(house: House) -> None:
    guest = await house.guest()
    house.model.script(Reply([[text("It begins ")], [text("here")], Break.HOLD]))
    async with guest.asking("GET", guest.chat + "events") as response:
        await guest.say("Go.")
        heard = ""
        async for frame in frames(response):
            heard += frame["data"]["text"] if frame["event"] == "delta" else ""
            if heard == "It begins here":
                break
    async with guest.asking("GET", guest.chat + "events") as response:
        seen = await until(frames(response), "delta")
    assert (seen[-1]["data"]["start"], seen[-1]["data"]["text"]) == (0, "It begins here")
    polled = await guest.ask("GET", guest.chat + "state")
    assert polled.json["running"]["text"] == "It begins here"
    await guest.ask("POST", guest.chat + "stop", json={})
    async with guest.asking("GET", guest.chat + "events") as response:
        seen = await until(frames(response), "status", state="stopped")
    assert [frame["data"]["text"] for frame in seen if frame["event"] == "message"] == ["Go.", "It begins here"]


@pytest.mark.parametrize("after", ["zz-1", "0123456789ab-1", "nonsense", "a1-1%0Aevent:x"])
async def test_an_unknown_position_asks_for_a_fresh_page(house: House, after: str) -> None:
    guest = await house.guest()
    async with guest.asking("GET", guest.chat + f"events?after={after}") as response:
        assert kinds([frame async for frame in frames(response)]) == ["hello", "resync"]
    polled = await guest.ask("GET", guest.chat + f"state?after={after}")
    assert polled.json["resync"]


async def test_the_poll_reads_the_same_log_and_wakes_on_news(house: House) -> None:
    guest = await house.guest()
    house.model.will_say("Hello.")
    last, events = "", []
    waiting = asyncio.create_task(guest.ask("GET", guest.chat + "state?after=&wait=20"))
    await guest.say("Hi.")
    async with asyncio.timeout(60):
        while not any(event["data"].get("state") == "done" for event in events):
            told = (await waiting).json
            last, events = told["last"], events + told["events"]
            waiting = asyncio.create_task(guest.ask("GET", guest.chat + f"state?after={last}&wait=20"))
    waiting.cancel()
    async with guest.asking("GET", guest.chat + "events") as response:
        streamed = await until(frames(response), "status", state="done")
    told = [(frame["id"], frame["event"]) for frame in streamed if "id" in frame]
    assert [(event["id"], event["event"]) for event in events] == told


async def test_revoking_ends_an_open_stream_at_once(house_on_each: House) -> None:
    created = await house_on_each.link()
    guest = Caller(house_on_each.url)
    await guest.start(created.url)
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await anext(stream)
        await house_on_each.links.revoke(OWNER, created.link.id)
        async with asyncio.timeout(60):
            seen = [frame async for frame in stream]
    assert seen[-1]["event"] == "end"
    assert seen[-1]["data"]["reason"] == "revoked"
    assert (await guest.say("Still there?")).status == 404
    assert (await guest.ask("GET", guest.chat + f"events?after={seen[-1]['id']}")).status == 204


async def test_a_head_request_opens_no_stream(house: House) -> None:
    guest = await house.guest()
    assert (await guest.ask("HEAD", guest.chat + "events")).status == 405


async def test_what_a_guest_is_told_of_a_tool_is_its_title_and_how_it_went(house: House) -> None:
    guest = await house.guest()
    async with house.db.begin() as tables:
        (session,) = await tables.sessions.of(OWNER.workspace, guest.chat.split("/")[3])
        body = {"call": "t:0:0", "title": "Notes: Add note", "server": "Notes", "state": "done", "summary": "PIN 1234"}
        await tables.events.add(OWNER.workspace, session.conversation_id, None, "tool", body)
        asked = {"id": "a", "state": "asked", "by": None, "calls": [{"arguments": {"text": "PIN 1234"}}]}
        await tables.events.add(OWNER.workspace, session.conversation_id, None, "approval", asked)
    page = await guest.ask("GET", guest.chat)
    polled = await guest.ask("GET", guest.chat + "state")
    assert [event["event"] for event in polled.json["events"]] == ["tool"]
    for answer in (page, polled):
        assert "Notes: Add note" in answer.text
        assert "PIN 1234" not in answer.text
