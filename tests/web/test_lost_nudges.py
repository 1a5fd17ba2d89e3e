"""A row is stored and nobody told, as by a process that died after its commit: open pages show it all the same."""

import asyncio

from bot.services.log_entries import message
from bot.web import Pace
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.caller import Caller, frames, until
from tests.web.sidecar import OWNER, House, running

BEAT = Pace(heartbeat=0.02)


async def silently(house: House, guest: Caller, text: str) -> None:
    async with house.db.begin() as tables:
        [session] = await tables.sessions.of(OWNER.workspace, guest.chat.split("/")[3])
        entry = message("agent", "Usher", text, None)
        await tables.events.add(OWNER.workspace, session.conversation_id, None, entry.kind, entry.body)


async def test_a_stream_and_a_waiting_poll_show_it_with_the_next_beat(db: Database, gemini: Scripted) -> None:
    async with running(db, gemini, BEAT) as house:
        guest, other = await house.guest(), await house.guest(title="Another")
        last = (await other.ask("GET", other.chat + "state", params={"after": ""})).json["last"]
        polling = asyncio.create_task(other.ask("GET", other.chat + "state", params={"after": last, "wait": 20}))
        async with guest.asking("GET", guest.chat + "events") as response:
            stream = frames(response)
            await until(stream, "beat")
            await silently(house, guest, "The answer")
            await silently(house, other, "The other answer")
            seen = await until(stream, "message", text="The answer")
            assert sum(each["event"] == "message" for each in seen) == 1
        told = (await polling).json["events"]
        assert [each["data"]["text"] for each in told if each["event"] == "message"] == ["The other answer"]
