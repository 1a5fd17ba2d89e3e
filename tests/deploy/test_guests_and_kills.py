"""Usher is killed while fifty guests follow their answers: each has its own answer once, and every word it was said."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.services.links import Draft, Links
from playground.gemini import Break, Reply, text
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from tests.deploy.operated import Around, usher
from tests.deploy.test_kills import Killed
from tests.support.audit import KEYS
from tests.support.evidence import never_in_a_log
from tests.support.slack import OWNER, TEAM
from tests.web.caller import Caller, frames, messages, until

LINKS, EACH = 5, 10


async def links_for_many(around: Around, database_url: str) -> list[str]:
    """As rows: Usher itself does not run yet."""
    database = Database(database_url, KEYS)
    try:
        async with open_bus(database) as bus:
            links = Links(database, bus, base_url=around.url, master_key=os.urandom(32))
            drafts = [Draft(f"Support {number}", max_sessions=EACH) for number in range(LINKS)]
            urls = [(await links.create(Member(TEAM, OWNER), draft)).url for draft in drafts]
    finally:
        await database.close()
    never_in_a_log(*(url.rpartition("/")[2] for url in urls))
    return urls


def question(body: dict[str, Any]) -> str:
    return re.findall(r"question \d+", json.dumps(body["contents"]))[-1]


@asynccontextmanager
async def following(guests: list[Caller]) -> AsyncIterator[list[AsyncIterator[dict[str, Any]]]]:
    """Their streams, open; a killed server breaks them off."""
    async with AsyncExitStack() as stack:
        answers = [await stack.enter_async_context(guest.asking("GET", guest.chat + "events")) for guest in guests]
        yield [frames(answer) for answer in answers]


async def all_say(guests: list[Caller]) -> None:
    sent = [guest.say(f"question {number}", f"client-{number:03}") for number, guest in enumerate(guests)]
    assert {each.status for each in await asyncio.gather(*sent)} == {202}


@pytest.mark.timeout(200)
async def test_each_is_answered_once_and_whole_by_the_next(around: Around, database_url: str, tmp_path: Path) -> None:
    env = around.env(database_url)
    assert (await usher(env, tmp_path, "migrate"))[0] == 0
    urls, killed = await links_for_many(around, database_url), Killed(around, env, tmp_path)
    around.model.answering = lambda body, sign: Reply([[text("It begins ")], Break.HOLD])
    try:
        await killed.start()
        guests = [Caller(around.url) for _ in range(LINKS * EACH)]
        starts = [guest.start(urls[number % LINKS]) for number, guest in enumerate(guests)]
        assert {each.status for each in await asyncio.gather(*starts)} == {201}
        async with following(guests) as streams:
            await all_say(guests)
            begun = [asyncio.create_task(until(stream, "delta")) for stream in streams]
            await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
            killed.kill()
            await asyncio.wait(begun)  # those that wait for their turn hear the silence too
            assert any(each.exception() is None for each in begun)
        await killed.over()
        around.model.answering = lambda body, sign: Reply([[text("Answer to ")], [text(question(body))]])
        await killed.start()
        await all_say(guests)  # sent again, as by pages that did not hear the answer, and taken once
        for number, guest in enumerate(guests):
            events = await guest.told(lambda told: len(messages(told)) > 1)
            seqs = [int(each["id"].rpartition("-")[2]) for each in events]
            assert seqs == sorted(set(seqs))
            assert messages(events) == [("guest", f"question {number}"), ("agent", f"Answer to question {number}")]
    finally:
        await killed.over()
