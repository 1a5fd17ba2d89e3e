"""What bounds a stream: its age, how many there are, a reader that never reads, the server's stop."""

import asyncio
import logging
import socket
from contextlib import AsyncExitStack, ExitStack

import pytest

from bot.web import Pace
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.caller import Caller, frames, kinds, until
from tests.web.sidecar import OWNER, House, running


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


async def test_silence_is_filled_with_beats(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, Pace(heartbeat=0.02)) as house:
        guest = await house.guest()
        async with guest.asking("GET", guest.chat + "events") as response:
            stream = frames(response)
            assert kinds([await anext(stream) for _ in range(3)]) == ["hello", "beat", "beat"]


async def test_a_long_life_ends_in_a_rotation(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, Pace(life=0.2, jitter=0)) as house:
        guest = await house.guest()
        async with guest.asking("GET", guest.chat + "events") as response:
            seen = [frame async for frame in frames(response)]
    assert seen[-1]["data"] == {"reason": "rotate"}
    assert 1000 <= int(seen[-1]["retry"]) <= 5000


async def test_a_process_that_is_full_refuses_streams_and_still_answers_polls(
    sqlite_db: Database, gemini: Scripted
) -> None:
    async with running(sqlite_db, gemini, Pace(streams=1)) as house:
        guest = await house.guest()
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
        async with asyncio.timeout(60):
            house.stop.set()
            endings = [[frame async for frame in stream][-1] for stream in streams]
    assert {frame["event"] for frame in endings} == {"bye"}
    assert endings[0]["data"] == {"reason": "restart"}


async def fill(house: House, guest: Caller) -> None:
    """More to read than any buffer on the way can take."""
    async with house.db.begin() as tables:
        (session,) = await tables.sessions.of(OWNER.workspace, guest.chat.split("/")[3])
        for _ in range(300):
            body = {"author": "agent", "name": "Usher", "text": "x" * 20_000, "turn": None}
            await tables.events.add(OWNER.workspace, session.conversation_id, None, "message", body)


def deaf(house: House, guest: Caller) -> socket.socket:
    """A stream is asked for and nothing of it is read."""
    host, port = house.url.removeprefix("http://").split(":")
    (cookie,) = (f"{name}={value}" for name, value in guest.cookies.items())
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"GET {guest.chat}events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    return connection


async def test_readers_that_never_read_do_not_gather_by_replacing_each_other(
    sqlite_db: Database, gemini: Scripted
) -> None:
    # However long it takes here until the last of them sits, the first is not dropped meanwhile.
    async with running(sqlite_db, gemini, Pace(write=600)) as house:
        guest = await house.guest()
        await fill(house, guest)
        with ExitStack() as stack:
            for sitting in range(6):
                stack.enter_context(deaf(house, guest))
                await seated(guest, sitting + 1)
            refused = await guest.ask("GET", guest.chat + "events")
            assert (refused.status, refused.json["code"]) == (429, "streams")


async def test_a_guest_who_asks_for_the_whole_chat_again_and_again_has_to_wait(
    sqlite_db: Database, gemini: Scripted
) -> None:
    async with running(sqlite_db, gemini, Pace(readings=2)) as house:
        guest, other = await house.guest(), await house.guest(title="another")
        asked = [await guest.ask("GET", guest.chat + path) for path in ("state", "transcript", "", "state")]
        assert [answer.status for answer in asked] == [200, 200, 429, 429]
        assert (await other.ask("GET", other.chat)).status == 200


async def test_a_reader_that_never_reads_is_dropped_and_frees_its_place(
    sqlite_db: Database, gemini: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with running(sqlite_db, gemini, Pace(write=0.2)) as house:
        guest = await house.guest()
        await fill(house, guest)
        with deaf(house, guest):
            async with asyncio.timeout(60):
                # That it sits there is not to be seen for long: that it was served, and is no more, is.
                while "/events 200 " not in caplog.text:
                    await asyncio.sleep(0.01)
                await seated(guest, 0)


async def seated(guest: Caller, number: int) -> None:
    while f"usher_streams_open {number}\n" not in (await guest.ask("GET", "/metrics")).text:
        pass
