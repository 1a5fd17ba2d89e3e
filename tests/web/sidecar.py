"""The whole sidecar with its real services on a real database, and what a guest's client does to it."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.test_utils import unused_port

from bot.chats import Chats, Told
from bot.connections import Connections
from bot.links import Links
from bot.links.values import Created, Draft
from bot.tickets import Tickets
from bot.web import Pace, WebServices, make_app, serving
from bot.worker import Worker
from mcp_runtime.addresses import Reach
from mcp_runtime.pool import Pool
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from storage.bus import Bus, open_bus
from storage.database import Database
from storage.members import Member
from storage.tables import Conversation, Turn
from tests.support.gemini import Scripted

OWNER = Member("T1", "U1")
OWN = {"Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html"}


@dataclass
class House:
    """A running sidecar; ``model`` says what a test scripts."""

    url: str
    db: Database
    bus: Bus
    links: Links
    connections: Connections
    model: Scripted
    parts: dict[str, str] = field(default_factory=lambda: {"database": "ok"})
    """What readiness is told of."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def ready(self) -> dict[str, str]:
        return dict(self.parts)

    async def link(self, title: str = "Trip planning", **draft: Any) -> Created:
        return await self.links.create(OWNER, Draft(title, **draft))

    async def guest(self, **draft: Any) -> "Caller":
        """A guest whose chat has begun."""
        caller = Caller(self.url)
        await caller.start((await self.link(**draft)).url)
        return caller


class Caller:
    """A browser without a browser: keeps cookies, says where its requests come from."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}
        self.chat = ""

    @asynccontextmanager
    async def asking(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        given = {**OWN, **options.pop("headers", {})}
        headers = {name: value for name, value in given.items() if value is not None}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        jar = aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(cookie_jar=jar) as session,
            session.request(method, self._full(path), headers=headers, allow_redirects=False, **options) as response,
        ):
            self._keep(response)
            yield response

    async def ask(self, method: str, path: str, **options: Any) -> "Answer":
        async with self.asking(method, path, **options) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def start(self, url: str, key: str = "", **more: Any) -> "Answer":
        body = {"key": key or os.urandom(16).hex(), "name": "Robin", "consent": True, **more}
        answer = await self.ask("POST", url + "/start", json=body)
        if answer.status == 201:
            self.chat = answer.json["chat"]
        return answer

    async def say(self, text: str, client_id: str = "") -> "Answer":
        body = {"text": text, "client_id": client_id or os.urandom(8).hex()}
        return await self.ask("POST", self.chat + "messages", json=body)

    def _full(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path

    def _keep(self, response: aiohttp.ClientResponse) -> None:
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, name
        return found[1]


async def frames(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """Parsed frames until the server closes the stream."""
    frame: dict[str, Any] = {}
    async for line in response.content:
        if line == b"\n":
            yield frame
            frame = {}
        else:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            frame[name] = json.loads(value) if name == "data" else value


async def until(stream: AsyncIterator[dict[str, Any]], kind: str, **body: Any) -> list[dict[str, Any]]:
    """Frames up to the first of this kind whose data has all of ``body``."""
    seen = []
    async for frame in stream:
        seen.append(frame)
        if frame["event"] == kind and body.items() <= frame["data"].items():
            return seen
    raise AssertionError(f"no {kind} among {[frame['event'] for frame in seen]}")


def kinds(seen: list[dict[str, Any]]) -> list[str]:
    return [frame["event"] for frame in seen]


async def _nothing_to_draw(turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
    async for _ in told:
        pass


@asynccontextmanager
async def running(
    db: Database, model: Scripted, pace: Pace | None = None, proxies: tuple[str, ...] = ()
) -> AsyncIterator[House]:
    key, port = os.urandom(32), unused_port()
    url = f"http://127.0.0.1:{port}"
    secrets = SecretStore(Vault([MasterKey(key)]))
    pool = Pool(db, secrets, reach=Reach.allowing("127.0.0.1"), sandbox=Sandbox(enabled=False))
    async with open_bus(db) as bus:
        links = Links(db, bus, base_url=url, master_key=key)
        chats = Chats(db, bus, pool, model.model, master_key=key)
        connections = Connections(db, bus, pool, secrets, Tickets(db, url))
        worker = Worker(db, bus, chats, {"link": _nothing_to_draw}, owner="test")
        house = House(url, db, bus, links, connections, model)
        services = WebServices(links, chats, connections, db, bus, house.ready)
        app = make_app(services, base_url=url, pace=pace, trusted_proxies=proxies)
        working = asyncio.create_task(worker.run())
        async with _served(app, port, house.stop):
            yield house
        await worker.close(1)
        await working
        await chats.close()
    await pool.close()


@asynccontextmanager
async def _served(app: Any, port: int, stop: asyncio.Event) -> AsyncIterator[None]:
    """Served until the block ends, or until a test asks it to stop."""
    ready = asyncio.Event()

    async def serve() -> None:
        async with serving(app, "127.0.0.1", port):
            ready.set()
            await stop.wait()

    task = asyncio.create_task(serve())
    await asyncio.wait([task, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        stop.set()
        await task
