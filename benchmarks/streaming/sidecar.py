"""Usher's pages, turns and streams with a metronome for a model: a process to be measured."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from benchmarks.parts.audit_keys import AUDIT_KEYS
from benchmarks.streaming.metronome import Metronome
from bot.running.loop_watch import LoopWatch
from bot.running.turns.worker import Worker
from bot.services.chats import Chats, Told
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.links.hosting import Hosting
from bot.services.tickets import Tickets
from bot.web import WebServices, make_app, serving
from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.sessions.pool import Pool
from run_cards import CARDS
from storage.bus.bus import open_bus
from storage.database import Database
from storage.tables import Conversation, Turn


@dataclass(frozen=True)
class Served:
    db: Database
    pool: Pool
    worker: Worker


@asynccontextmanager
async def serving_guests(
    database_url: str,
    port: int,
    guests: int,
    tokens: int,
    allowed: str = "",
    watch: LoopWatch | None = None,
    more: Sequence[web.RouteDef] = (),
    at_once: int = 0,
    thinks: float = 0.0,
) -> AsyncIterator[Served]:
    """The pages, with so many guests' turns that begin together; servers of members are dialled where ``allowed``.

    ``at_once`` turns, else as many as there are guests; the model ``thinks`` for so many seconds.
    """
    key, url = os.urandom(32), f"http://127.0.0.1:{port}"
    secrets = SecretStore(Vault([MasterKey(key)]))
    async with AsyncExitStack() as stack:
        db = Database(database_url, AUDIT_KEYS)
        stack.push_async_callback(db.close)
        bus = await stack.enter_async_context(open_bus(db))
        pool = Pool(db, secrets, reach=Reach.allowing(allowed), sandbox=Sandbox(enabled=False))
        stack.push_async_callback(pool.close)
        links = Links(db, bus, base_url=url, master_key=key)
        model = Metronome(guests, tokens, thinks)
        chats = Chats(db, bus, pool, model, master_key=key)
        connections = Connections(db, bus, pool, secrets, Tickets(db, url), CARDS, model)
        worker = Worker(db, bus, chats, {"link": _nothing_to_draw}, owner="benchmark", at_once=at_once or guests)
        services = WebServices(links, chats, Hosting(db, bus, model), connections, db, bus, _well, loop=watch)
        site = make_app(services, base_url=url)
        site.add_routes(more)
        await stack.enter_async_context(serving(site, "127.0.0.1", port))
        yield Served(db, pool, worker)


async def main(database_url: str, port: int, guests: int, tokens: int, at_once: int = 0, thinks_ms: int = 0) -> None:
    running = asyncio.current_task()
    if running:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    async with serving_guests(database_url, port, guests, tokens, at_once=at_once, thinks=thinks_ms / 1000) as served:
        await served.worker.run()


async def _well() -> dict[str, str]:
    return {}


async def _nothing_to_draw(turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
    """As the product: browsers follow the log."""
    async for _ in told:
        pass


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):
        asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
    sys.stderr.flush()
    os._exit(0)  # as the product, which leaves the libraries that it imported together
