"""The stream against a real socket: replay, following, positions, caps, the end, the stop; and the poll beside it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.web import Pace
from playground.gemini import Break, Reply, text
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.sidecar import OWNER, Caller, House, frames, kinds, running, until


async def test_an_answer_streams_and_is_then_told_whole(house: House) -> None:
    guest = await house.guest()
    house.model.server.pace = 25
    house.model.will_say("One ", "two ", "three.")
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        assert (await anext(stream))["event"] == "hello"
        assert (await guest.say("Count.")).status == 202
        seen = await until(stream, "status", state="done")
    running_text = [frame["data"] for frame in seen if frame["event"] == "delta"]
    messages = [frame["data"] for frame in seen if frame["event"] == "message"]
    assert "".join(piece["text"] for piece in running_text) == "One two three."
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
    async with asyncio.timeout(10):
        while not any(event["data"].get("state") == "done" for event in events):
            told = (await waiting).json
            last, events = told["last"], events + told["events"]
            waiting = asyncio.create_task(guest.ask("GET", guest.chat + f"state?after={last}&wait=20"))
    waiting.cancel()
    async with guest.asking("GET", guest.chat + "events") as response:
        streamed = await until(frames(response), "status", state="done")
    told = [(frame["id"], frame["event"]) for frame in streamed if "id" in frame]
    assert [(event["id"], event["event"]) for event in events] == told


async def test_revoking_ends_an_open_stream_within_a_second(house_on_each: House) -> None:
    created = await house_on_each.link()
    guest = Caller(house_on_each.url)
    await guest.start(created.url)
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await anext(stream)
        await house_on_each.links.revoke(OWNER, created.link.id)
        async with asyncio.timeout(1):
            seen = [frame async for frame in stream]
    assert seen[-1]["event"] == "end"
    assert seen[-1]["data"]["reason"] == "revoked"
    assert (await guest.say("Still there?")).status == 404
    assert (await guest.ask("GET", guest.chat + f"events?after={seen[-1]['id']}")).status == 204


async def test_a_head_request_opens_no_stream(house: House) -> None:
    guest = await house.guest()
    assert (await guest.ask("HEAD", guest.chat + "events")).status == 405


async def test_a_fourth_stream_takes_the_place_of_the_oldest(house: House) -> None:
    guest = await house.guest()
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(4):
            response = await stack.enter_async_context(guest.asking("GET", guest.chat + "events"))
            opened.append(frames(response))
            assert (await anext(opened[-1]))["event"] == "hello"
        assert (await until(opened[0], "bye"))[-1]["data"] == {"reason": "replaced"}
        await guest.ask("POST", guest.chat + "end", json={})
        for stream in opened[1:]:
            await until(stream, "end", reason="guest")


@pytest.fixture
async def hasty(sqlite_db: Database, gemini: Scripted) -> AsyncIterator[House]:
    pace = Pace(heartbeat=0.02, life=0.5, jitter=0, streams=1)
    async with running(sqlite_db, gemini, pace) as house:
        yield house


async def test_silence_is_filled_with_beats_and_a_long_life_ends_in_a_rotation(hasty: House) -> None:
    guest = await hasty.guest()
    async with guest.asking("GET", guest.chat + "events") as response:
        seen = [frame async for frame in frames(response)]
    assert kinds(seen)[:3] == ["hello", "beat", "beat"]
    assert seen[-1]["data"] == {"reason": "rotate"}
    assert 1000 <= int(seen[-1]["retry"]) <= 5000


async def test_a_process_that_is_full_refuses_streams_and_still_answers_polls(hasty: House) -> None:
    guest = await hasty.guest()
    async with guest.asking("GET", guest.chat + "events") as response:
        await anext(frames(response))
        refused = await guest.ask("GET", guest.chat + "events")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
        assert (await guest.ask("GET", guest.chat + "state")).status == 200


async def test_the_stop_says_goodbye_to_many_streams_at_once(house: House) -> None:
    guests = [await house.guest(title=f"{number}") for number in range(20)]
    async with AsyncExitStack() as stack:
        streams = []
        for guest in guests * 3:
            response = await stack.enter_async_context(guest.asking("GET", guest.chat + "events"))
            streams.append(frames(response))
            await anext(streams[-1])
        async with asyncio.timeout(1):
            house.stop.set()
            endings = [[frame async for frame in stream][-1] for stream in streams]
    assert {frame["event"] for frame in endings} == {"bye"}
    assert endings[0]["data"] == {"reason": "restart"}


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


async def test_a_reader_that_never_reads_is_dropped_and_frees_its_place(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, Pace(write=0.2)) as house:
        guest = await house.guest()
        async with house.db.begin() as tables:
            (session,) = await tables.sessions.of(OWNER.workspace, guest.chat.split("/")[3])
            for _ in range(300):
                body = {"author": "agent", "name": "Usher", "text": "x" * 20_000, "turn": None}
                await tables.events.add(OWNER.workspace, session.conversation_id, None, "message", body)
        host, port = house.url.removeprefix("http://").split(":")
        (cookie,) = (f"{name}={value}" for name, value in guest.cookies.items())
        with socket.create_connection((host, int(port))) as deaf:
            deaf.sendall(f"GET {guest.chat}events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            async with asyncio.timeout(10):
                await seated(guest, 1)
                await seated(guest, 0)


async def seated(guest: Caller, number: int) -> None:
    while f"usher_streams_open {number}\n" not in (await guest.ask("GET", "/metrics")).text:
        pass
