"""What Usher keeps for members, without Slack and without a model: a database, a pool and their connections."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.audit_keys import AUDIT_KEYS
from bot.agent.gemini import Gemini
from bot.services.connections import Connections
from bot.services.tickets import Tickets
from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.sessions.pool import Pool
from run_cards import CARDS
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from storage.migrate import migrate

MEMBER = Member("T1", "U1")
CARD = {card.name: card for card in CARDS}
KEY = b"k" * 32
"""The same in every process, so that one can read what another has sealed."""

_first: list[bytes] = []


@dataclass(frozen=True)
class Usher:
    db: Database
    pool: Pool
    connections: Connections


@asynccontextmanager
async def usher(where: Path, *, max_per_member: int = 10, sandbox: Sandbox | None = None) -> AsyncIterator[Usher]:
    """On the database in this folder, made when it is not there; it may dial loopback."""
    url = await _database(where / "usher.db")
    async with AsyncExitStack() as stack:
        db = Database(url, AUDIT_KEYS)
        stack.push_async_callback(db.close)
        bus = await stack.enter_async_context(open_bus(db))
        secrets = SecretStore(Vault([MasterKey(KEY)]))
        pool = Pool(db, secrets, reach=Reach.allowing("127.0.0.1"), sandbox=sandbox or Sandbox(enabled=False))
        stack.push_async_callback(pool.close)
        model = Gemini("unused", "none", "none")
        stack.push_async_callback(model.close)
        tickets = Tickets(db, None)
        yield Usher(db, pool, Connections(db, bus, pool, secrets, tickets, CARDS, model, max_per_member=max_per_member))


async def _database(path: Path) -> str:
    """Up to date. A new one is a copy of the first that this process made: no benchmark here is about making it."""
    url = f"sqlite+aiosqlite:///{path}"
    if path.exists() or not _first:
        new = not path.exists()
        await migrate(url)
        if new:
            _first.append(path.read_bytes())
    else:
        path.write_bytes(_first[0])
    return url
