"""What is set of guests' pages reaches them: their colour, and work before a chat starts."""

import os
from pathlib import Path

from bot.services.links import Draft, Links
from bot.web.edge.accents import stylesheet
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from tests.house.process import running
from tests.support.audit import KEYS
from tests.support.ports import free_port
from tests.web.caller import PAGE, Caller


async def test_a_process_gives_its_pages_the_colour_and_asks_for_the_work_that_its_settings_name(
    tmp_path: Path,
) -> None:
    port, database = free_port(), f"sqlite+aiosqlite:///{tmp_path}/usher.db"
    env = {"DATABASE_URL": database, "PORT": str(port), "TEMPCHAT_ACCENT": "c02b6e", "TEMPCHAT_PROOF_OF_WORK": "always"}
    async with running(env, tmp_path) as (url, _):
        db = Database(database, KEYS)
        async with open_bus(db) as bus:
            links = Links(db, bus, base_url=url, master_key=os.urandom(32))
            made = await links.create(Member("T0LOCAL", "U0OWNER"), Draft("Open day"))
        await db.close()
        caller = Caller(url)
        page = await caller.ask("GET", made.url, headers=PAGE)
        name = page.text.partition('href="/assets/accent')[2].partition('"')[0]
        assert (await caller.ask("GET", f"/assets/accent{name}")).text == stylesheet("#c02b6e")
        asked = await caller.start(made.url)
        assert (asked.status, asked.json["code"]) == (403, "work_needed")
