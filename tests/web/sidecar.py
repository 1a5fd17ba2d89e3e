"""The whole sidecar with its real services on a real database; only the model is scripted."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.running.turns.worker import Worker
from bot.services.chats import Chats, Told
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.links.hosting import Hosting
from bot.services.links.hosting.values import Pictures
from bot.services.links.values import Created, Draft, Terms
from bot.services.memory import Memory
from bot.services.tickets import KEY, Issued, Tickets
from bot.services.tickets.new_tokens import NewTokens
from bot.services.tokens import server_key
from bot.services.tokens.access import AccessTokens, Standing
from bot.services.tokens.internal import InternalTokens
from bot.web import Pace, WebServices, inside, make_app, serving
from bot.web.edge.context import CROWD, Inner, LoopSeen, Monitoring, SlackbotDoor
from bot.web.edge.crowd import Crowd
from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from mcp_runtime.sessions.pool import Pool
from run_cards import CARDS, RunCard
from storage.bus.bus import Bus, open_bus
from storage.database import Database
from storage.members import Member
from storage.tables import Conversation, Link, Turn
from tests.support.gemini import Scripted
from tests.support.ports import free_port
from tests.web.caller import SHOWN, Caller

OWNER = Member("T1", "U1")
NAME = "Anna"
SIGNING = "slack-signs-with-this-in-tests"


@dataclass(frozen=True)
class Called:
    """Everybody's profile."""

    name: str = NAME
    picture: str = ""

    async def about(self, member: Member) -> "Called":
        return self


@dataclass
class Standings:
    """What Slack would say of everybody."""

    standing_is: Standing = Standing.MEMBER
    admins: bool = False
    asked: int = 0

    async def standing(self, member: Member) -> Standing:
        self.asked += 1
        return self.standing_is

    async def is_admin(self, member: Member) -> bool:
        return self.admins


@dataclass
class House:
    """A running sidecar; ``model`` says what a test scripts."""

    url: str
    db: Database
    bus: Bus
    links: Links
    hosting: Hosting
    connections: Connections
    model: Scripted
    parts: dict[str, str] = field(default_factory=lambda: {"database": "ok"})
    """What readiness is told of."""
    codes: list[str] = field(default_factory=list)
    """What was sent to those for whom links are."""
    inside: web.Application = field(default_factory=web.Application)
    """For those who run it, where that is apart; not served."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    crowd: Crowd = field(default_factory=lambda: Crowd(()))
    standings: Standings = field(default_factory=Standings)
    asked: list[tuple[Member, str, str]] = field(default_factory=list)
    """What Slackbot passed on: for whom, from which workspace, and the request."""

    @property
    def tokens(self) -> AccessTokens:
        return AccessTokens(self.db, self.standings)

    async def passed_on(self, member: Member, team: str, request: str) -> str:
        self.asked.append((member, team, request))
        return "It is done."

    async def ready(self) -> dict[str, str]:
        return dict(self.parts)

    async def link(self, title: str = "Trip planning", **draft: Any) -> Created:
        return await self.links.create(OWNER, Draft(title, **draft))

    async def all_told(self) -> None:
        """Waits until no turn is at work: the last words of an answer are seen before its turn is over."""
        at_work = sa.select(Turn.id).where(Turn.status.in_(["queued", "running"]))
        async with asyncio.timeout(60):
            while await self._any(at_work):
                await asyncio.sleep(0.02)

    async def _any(self, query: sa.Select[Any]) -> bool:
        async with self.db.read() as tables:
            return await tables.session.scalar(query.limit(1)) is not None

    async def member(self, url: str) -> Caller:
        """The browser of who may see the code of this page."""
        caller = Caller(self.url)
        await caller.prove(url)
        return caller

    async def guest(self, **draft: Any) -> Caller:
        """A guest whose chat has begun."""
        caller = Caller(self.url)
        await caller.start((await self.link(**draft)).url)
        return caller


class Telling(Tickets):
    """What Slack would show is kept for the tests."""

    async def issue(self, *about: Any, **more: Any) -> Issued:
        issued = await super().issue(*about, **more)
        SHOWN[issued.url] = issued.code
        return issued


async def _nothing_to_draw(turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
    async for _ in told:
        pass


@asynccontextmanager
async def running(
    db: Database,
    model: Scripted,
    pace: Pace | None = None,
    proxies: tuple[str, ...] = (),
    public_url: str = "",
    pictures: Pictures | None = None,
    monitoring: Monitoring | None = None,
    accent: str = "",
    loop: LoopSeen | None = None,
    signed: bool = True,
) -> AsyncIterator[House]:
    """``public_url`` is where guests reach it when something stands before it; ``signed``: Slackbot can be told."""
    key, port = os.urandom(32), free_port()
    url = f"http://127.0.0.1:{port}"
    secrets = SecretStore(Vault([MasterKey(key)]))
    pool = Pool(db, secrets, reach=Reach.allowing("127.0.0.1"), sandbox=Sandbox(enabled=False))
    async with open_bus(db) as bus:
        codes: list[str] = []

        async def bring(link: Link, code: str, language: str) -> None:
            codes.append(code)

        couriers = {"member": bring, "mail": bring}
        terms, base = Terms(mail=True), public_url or url
        links = Links(db, bus, base_url=base, master_key=key, terms=terms, couriers=couriers)
        chats = Chats(db, bus, pool, model.model, master_key=key)
        called = Called(picture="its address" if pictures else "")
        tickets = Telling(db, url, key=server_key(key, KEY))
        connections = Connections(db, bus, pool, secrets, tickets, CARDS, model.model, people=called, pictures=pictures)
        worker = Worker(db, bus, chats, {"link": _nothing_to_draw}, owner="test")
        hosting = Hosting(db, bus, model.model, called, pictures)
        house = House(url, db, bus, links, hosting, connections, model, codes=codes)
        new_tokens = NewTokens(db, tickets, house.tokens)
        doors = (links, chats, hosting, connections)
        mcp = partial(_outside, house, base)
        services = WebServices(*doors, db, bus, house.ready, loop=loop, new_tokens=new_tokens, mcp=mcp)
        if signed:
            by_slack = (SignatureVerifier(SIGNING).is_valid, InternalTokens(db, house.tokens))
            services = replace(
                services, slackbot=SlackbotDoor(*by_slack, partial(_outside, house, base, slackbot=True))
            )
        also = {"monitoring": monitoring, "accent": accent}
        app = make_app(services, base_url=base, pace=pace, trusted_proxies=proxies, **also)
        house.inside = inside.apart(app)
        house.crowd = app[CROWD]
        working = asyncio.create_task(worker.run())
        async with _served(app, port, house.stop):
            yield house
        await worker.close(1)
        await working
        await chats.close()
    await pool.close()


class Silent:
    """Shows nobody anything: there is no Slack."""

    async def links(self, hits: Sequence[Any]) -> Sequence[str]:
        return [""] * len(hits)


async def _all_cards(member: Member) -> Sequence[RunCard]:
    return CARDS


def _outside(house: House, base: str, *, slackbot: bool = False) -> Inner:
    """As the product does, when somebody comes."""
    from bot.tool_server.outside import asgi, outside

    memory = Memory(house.db, house.bus, house.model.model, None, _all_cards)
    ask = house.passed_on if slackbot else None
    made = outside(house.tokens, house.links, house.connections, (memory, Silent()), base, ask)
    return Inner(asgi(made, [urlsplit(base).netloc], [base], sessions=not slackbot), made.session_manager.run)


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
