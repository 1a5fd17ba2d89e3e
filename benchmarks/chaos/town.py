"""Two processes of Usher and all that they stand on: PostgreSQL, Slack, the model, a member's server; each can fail."""

import asyncio
import base64
import os
import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.chaos.pages import Page
from benchmarks.chaos.ushers import Usher
from benchmarks.mcp_members import echo
from benchmarks.mcp_members.connecting import connected
from benchmarks.parts.house import MANIFEST
from benchmarks.processes import answering
from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.sessions.pool import Pool
from playground.children import Child, die_with_parent
from playground.gemini import Break, Failure, LocalGemini, Reply, call, text
from playground.ports import free_port
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.engines.address import Address
from storage.members import Member
from storage.schema import now
from storage.tables import Turn
from tests.support.postgres import Postgres
from tests.support.way import PostgresWay, Way, opened

TEAM, PEOPLE = "T0LOCAL", ("U0OWNER", "U0MEMBER")
KEY = bytes(range(32))
WORDS = 10
"""Of each answer, every one a chunk of the model's stream."""
CHUNKS_A_SECOND = 20.0
ASKED = re.compile(r"ask-(\d+)")
WITH_TOOL = "Look it up."
AWAY = Failure(503, "UNAVAILABLE", "The model is overloaded.")


def words_of(number: int) -> list[str]:
    """What the answer to a question is made of: no two are alike in the whole run."""
    return [f"n{number}w{place}." for place in range(WORDS)]


@dataclass
class Mind:
    """What the model says, from what it is sent alone: it says the same again to whoever asks again."""

    away: bool = False
    breaks_off: bool = False

    def answer(self, body: dict[str, Any], sign: Callable[[], bytes]) -> Reply | Failure:
        if self.away:
            return AWAY
        contents = [str(each) for each in body["contents"]]
        at = max((place for place, each in enumerate(contents) if ASKED.search(each)), default=-1)
        if at < 0:
            return Reply([[text("Nothing was asked.")]])
        number = int(ASKED.findall(contents[at])[-1])
        looked = any("functionResponse" in each for each in contents[at:])
        if WITH_TOOL in contents[at] and not looked and "echo__echo" in str(body.get("tools")):
            wish = call("echo__echo", {"text": f"of {number}"}, id=f"call-{number}", signature=sign())
            return Reply([[wish]])
        steps = [[text(f"{word} ")] for word in words_of(number)]
        return Reply([*steps[: WORDS // 2], Break.CUT] if self.breaks_off else steps)


@dataclass
class Town:
    """``scale``: of all that lasts for a while, how much; ``hurries``: what a dead process held lapses at once."""

    folder: Path
    postgres: Postgres
    database_url: str
    db: Database
    slack: LocalSlack
    model: LocalGemini
    mind: Mind
    server: Child
    to_database: Way
    to_slack: Way
    ushers: Sequence[Usher]
    dice: random.Random
    scale: float = 1.0
    hurries: bool = False
    pages: list[Page] = field(default_factory=list)
    """Guests' pages that are open."""

    async def rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.scale)

    def one(self) -> Usher:
        return self.dice.choice(self.ushers)

    async def lapsed(self, dead: int) -> None:
        """The turns that this process held, as it would be a while later."""
        if not self.hurries:
            return
        async with self.db.begin() as tables:
            its = Turn.lease_owner.contains(f":{dead}:")
            await tables.session.execute(sa.update(Turn).where(its).values(lease_until=now()))


@asynccontextmanager
async def open_town(
    folder: Path,
    postgres: Postgres,
    database_url: str,
    dice: random.Random,
    *,
    processes: int = 2,
    before: Callable[[], None] | None = die_with_parent,
    counts: bool = False,
    **how: Any,
) -> AsyncIterator[Town]:
    """``database_url`` names a migrated database of that PostgreSQL; ``counts``: what the processes ask it."""
    mind, name = Mind(), Address.of(database_url).database
    # What it has confirmed has to outlive its own end here, unlike in tests.
    postgres.psql(f"ALTER DATABASE {name} SET synchronous_commit TO on")
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        slack = await enter(LocalSlack(folder / "slack", manifest=MANIFEST, generosity=None))
        model = await enter(LocalGemini(mind.answer, pace=CHUNKS_A_SECOND))  # type: ignore[arg-type]
        db = Database(database_url)
        stack.push_async_callback(db.close)
        to_database = await enter(opened(PostgresWay(database_url)))
        to_slack = await enter(opened(Way(lambda: asyncio.open_connection("127.0.0.1", slack.port))))
        server, server_url = await enter(_server(folder))
        await _members_connected(db, server_url)
        env = _settings(slack, model, to_slack, to_database.url)
        ushers = [Usher(f"usher-{number}", env, folder, before) for number in range(processes)]
        for each in ushers if counts else ():
            each.counts = folder / f"{each.name}.statements"
        for each in ushers:
            stack.push_async_callback(each.stop)
        for each in ushers:
            await each.start()
        await slack.when(lambda: len(slack.workspace.sockets.open) == processes)
        around = (slack, model, mind, server, to_database, to_slack)
        yield Town(folder, postgres, database_url, db, *around, ushers, dice, **how)


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[tuple[Child, str]]:
    """A member's, in a process that is started again when it dies."""
    port = free_port()
    child = echo.process(folder, port)
    await child.start()
    try:
        await answering(child, f"http://127.0.0.1:{port}", 404)
        child.came_up()
        yield child, f"http://127.0.0.1:{port}{echo.PATHS['http_json']}"
    finally:
        await child.stop()


async def _members_connected(db: Database, url: str) -> None:
    secrets = SecretStore(Vault([MasterKey(KEY)]))
    pool = Pool(db, secrets, reach=Reach.allowing("127.0.0.1"), sandbox=Sandbox(enabled=False))
    try:
        for person in PEOPLE:
            await connected(db, pool, Member(TEAM, person), url, title="Echo", tool="echo")
    finally:
        await pool.close()


def _settings(slack: LocalSlack, model: LocalGemini, to_slack: Way, database_url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "NO_PROXY": "127.0.0.1",
        "SLACK_API_URL": f"http://127.0.0.1:{to_slack.port}/api/",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "GEMINI_API_KEY": "offline",
        "GOOGLE_GEMINI_BASE_URL": model.url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": base64.urlsafe_b64encode(KEY).decode(),
        "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1",
        "MCP_TOOL_TIMEOUT_SECONDS": "5",
    }
