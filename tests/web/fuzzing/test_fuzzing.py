"""The description of the public routes is of those that there are, and what is made from it breaks and opens nothing.

``FUZZ=10000`` throws so many requests instead of a few at each route.
"""

import asyncio
import json
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from bot.web import Pace
from bot.web.api.describing import description
from bot.web.api.routes import OPERATIONS
from bot.web.server import _routes
from playground.gemini import Reply, text
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.caller import Caller
from tests.web.fuzzing.throwing import DESCRIPTION, Target, operations
from tests.web.sidecar import OWNER, House, running
from tests.web.test_api import program
from tests.web.test_first_looks import stored

ROOT = Path(__file__).parents[3]
HOW_MANY = int(os.environ.get("FUZZ", "360"))
PRIVATE = "what the third guest keeps to themselves"


def test_every_route_is_described_and_every_description_is_of_a_route() -> None:
    described = yaml.safe_load(DESCRIPTION.read_text())["paths"]
    told = {(method.upper(), path) for path, item in described.items() for method in item if method != "parameters"}
    there = {(route.method, re.sub(r":[^}]+}", "}", route.path)) for route in _routes()}
    assert told == there


async def target_of(house: House, links: int = 2) -> Target:
    """Links that are open and dead, guests of their own, and one more whose words are nobody's business."""
    opened = [await house.link(f"Open {number}", max_sessions=50) for number in range(links)]
    dead = [await house.link(f"Dead {number}") for number in range(links)]
    for each in dead:
        await house.links.revoke(OWNER, each.link.id)
    guests = [await house.guest(title=f"Chat {number}") for number in range(3)]
    assert (await guests[-1].say(PRIVATE)).status == 202
    held = [(guest.chat.split("/")[3], *next(iter(guest.cookies.items()))) for guest in guests]
    tokens = [each.url.rpartition("/")[2] for each in opened]
    secrets = [secret for _, _, secret in held]
    dead_tokens = [each.url.rpartition("/")[2] for each in dead]
    programs = [(await program(house)).token for _ in range(4)]
    api, never = description(OPERATIONS, house.url), [*secrets, PRIVATE]
    return Target(house.url, tokens, dead_tokens, held[:2], never, api, programs, opened[0].link.id)


async def thrown_at(target: Target) -> dict[str, int]:
    """How many requests went to each route."""
    command = [sys.executable, "-m", "tests.web.fuzzing.throwing", str(HOW_MANY)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=-1, stdout=-1, stderr=-1)
    told, complaint = await process.communicate(json.dumps(asdict(target)).encode())
    assert process.returncode == 0, complaint.decode()[-5000:]
    counts: dict[str, int] = json.loads(told)
    return counts


@pytest.mark.timeout(120 + HOW_MANY // 5)
async def test_nothing_made_from_the_description_breaks_tells_or_opens_anything(
    sqlite_db: Database, gemini: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    gemini.server.answering = lambda body, sign: Reply([[text("Yes.")]])
    quick = Pace(life=0.05, jitter=0, poll=0.05, readings=100_000)
    async with running(sqlite_db, gemini, quick) as house:
        target = await target_of(house)
        before = await stored(house)
        thrown = await thrown_at(target)
        *links, chats = await stored(house)
        assert chats == before[-1] and set(before[:-1]) <= set(links), "no session was used and no chat begun"
        assert (await Caller(house.url).ask("GET", "/healthz")).status == 200
    assert thrown.keys() == {each.definition.raw["operationId"] for each in operations(target.api)}
    assert sum(thrown.values()) > HOW_MANY // 2
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
