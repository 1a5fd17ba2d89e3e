"""The services as app.py puts them together, over one database, with a face that remembers what it was shown."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.agent.model import Model
from bot.running.turns.worker import Worker
from bot.services.cards import Shelf
from bot.services.chats import Chats, Delta, Place, Told
from bot.services.chats.members.sent_files import Fetch
from bot.services.connections import Connected, Connections
from bot.services.connections.permission import Permission
from bot.services.limits.egress import egress_of
from bot.services.links import Draft, Guest, Links
from bot.services.links.hosting import Hosting
from bot.services.tickets import Tickets
from bot.services.watch.content import Content
from bot.tool_server import OwnTools
from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.sessions.pool import Pool
from run_cards import CARDS, RunCard, custom
from storage.bus.bus import Bus, open_bus
from storage.database import Database
from storage.members import Member
from storage.tables import Conversation, Event, Turn
from tests.support.ending import ended

OWNER, OTHER = Member("T1", "U1"), Member("T1", "U2")
PLACE = Place("D1", "1.0", "T1", private=True)
BASE = "https://usher.example"
MASTER = b"m" * 32


@dataclass
class Shown:
    """What a face was given of one turn."""

    turn: Turn
    told: list[Told] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(each.text for each in self.told if isinstance(each, Delta))

    def bodies(self, kind: str) -> list[dict]:
        return [each.body for each in self.told if isinstance(each, Event) and each.kind == kind]

    @property
    def states(self) -> list[str]:
        return [body["state"] for body in self.bodies("status")]


class Face:
    """Remembers; ``trouble`` makes it fail as a Slack that is down would."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.trouble: Exception | None = None
        self._news = asyncio.Condition()

    async def __call__(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        shown = Shown(turn)
        async for each in told:
            shown.told.append(each)
            if self.trouble:
                raise self.trouble
        if shown.states[-1:] == ["working"]:
            return  # another process took the turn over
        async with self._news:
            self.shown.append(shown)
            self._news.notify_all()

    async def after(self, count: int = 1) -> Shown:
        """The last of so many turns, once it was shown to its end."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: len(self.shown) >= count)
        return self.shown[count - 1]


@dataclass(frozen=True)
class Called:
    """Everybody's profile."""

    name: str = "Anna"
    picture: str = ""

    async def about(self, member: Member) -> "Called":
        return self


@dataclass
class House:
    db: Database
    bus: Bus
    pool: Pool
    chats: Chats
    links: Links
    hosting: Hosting
    connections: Connections
    face: Face
    handed_over: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def worker(self, owner: str = "one") -> AsyncIterator[Worker]:
        worker = Worker(self.db, self.bus, self.chats, {"slack": self.face, "link": self.face}, owner=owner)
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(worker.begun.wait(), 60)
        try:
            yield worker
            await self._noted()
        finally:
            await worker.close(0)
            await ended(running)

    async def connect(self, url: str, name: str = "Shop") -> Connected:
        made = await self.connections.begin(OWNER, custom.CARD, {"name": name, "url": url})
        assert isinstance(made, Connected)
        return made

    async def say(self, text: str, source: str = "slack:1", place: Place = PLACE):
        return await self.chats.say(OWNER, place, text, source=source)

    async def guest(self, **draft) -> tuple[Guest, str]:
        """A guest on a new link, and the link's token."""
        created = await self.links.create(OWNER, Draft(**{"title": "Survey", **draft}))
        token = created.url.rpartition("/")[2]
        started = await self.links.start(token, secrets.token_urlsafe(16), "Visitor", True)
        assert started
        guest = await self.links.guest(started.link.id, started.secret)
        assert guest
        return guest, token

    async def again(self, guest: Guest) -> Guest:
        """As their next request finds them."""
        async with self.db.read() as tables:
            link = await tables.links.get(guest.workspace, guest.link.id)
            session = await tables.sessions.get(guest.workspace, guest.session.id)
        assert link and session
        return Guest(link, session)

    async def log(self, conversation_id: str) -> list[Event]:
        async with self.db.read() as tables:
            return await tables.events.after("T1", conversation_id, 0)

    async def told(self) -> None:
        """Returns when every turn was shown to its end, and that is noted."""
        async with asyncio.timeout(60):
            while not all(turn.told for turn in await self.turns()):
                await asyncio.sleep(0.01)

    async def _noted(self) -> None:
        """What was shown is noted as told before its worker goes, or the next one would show it again."""
        shown = {each.turn.id for each in self.face.shown}
        async with asyncio.timeout(60):
            while any(turn.id in shown and not turn.told for turn in await self.turns()):
                await asyncio.sleep(0.01)

    async def turns(self) -> list[Turn]:
        async with self.db.read() as tables:
            return list(await tables.session.scalars(sa.select(Turn).order_by(Turn.created_at)))


@asynccontextmanager
async def open_house(
    db: Database,
    model: Model,
    cards: Sequence[RunCard] = CARDS,
    *,
    allowed: str = "127.0.0.1",
    content: Content | None = None,
    fetch: Fetch | None = None,
    **pooled: Any,
) -> AsyncIterator[House]:
    """``pooled`` goes to the pool, which may dial what is ``allowed``."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(open_bus(db))
        store = SecretStore(Vault([MasterKey(b"k" * 32)]))
        pooled = {
            "sandbox": Sandbox(),
            "connect_timeout": 60,
            "permits": Permission(Shelf(db, cards)),
            "elicits": True,
            **pooled,
        }
        pool = Pool(db, store, reach=Reach.allowing(allowed), egress=egress_of(db), **pooled)
        stack.push_async_callback(pool.close)
        links = Links(db, bus, base_url=BASE, master_key=MASTER)
        handed: list[str] = []

        async def hand_over(member, place, created) -> None:
            handed.append(created.url)

        own = OwnTools(links, hand_over)
        chats = Chats(db, bus, pool, model, own, master_key=MASTER, content=content, fetch=fetch)
        stack.push_async_callback(chats.close)
        connections = Connections(db, bus, pool, store, Tickets(db, BASE), cards, model)
        yield House(db, bus, pool, chats, links, Hosting(db, bus, model, Called()), connections, Face(), handed)


async def kill(house: House, owner: str = "one") -> None:
    """As after kill -9: the lease lapses, and whatever that process still tries is fenced off."""
    async with house.db.begin() as tables:
        held = sa.update(Turn).where(Turn.lease_owner.startswith(f"{owner}:"))
        await tables.session.execute(held.values(lease_until=None))


async def allow(house: House, connected: Connected, tool: str, policy: str) -> None:
    async with house.db.begin() as tables:
        assert await tables.tools.set_policy("T1", connected.connection.id, tool, policy)
