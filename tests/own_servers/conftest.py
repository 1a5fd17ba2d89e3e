"""A card's form filled in, its server started in the sandbox as for a member, and its tools called."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import as_json
from mcp_runtime.tools.changes import pinned
from mcp_runtime.tools.policies.terms import Terms
from mcp_runtime.tools.tools import ToolCall, ToolResult
from run_cards.card import RunCard
from storage.database import Database
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, MakePool, make_pool, quiet, sandbox, secrets
from tests.own_servers.places import NoRedis, running_redis
from tests.own_servers.web_services import Shop, running_shop
from tests.support.requirements import require

__all__ = ["make_pool", "quiet", "sandbox", "secrets"]


class Connected:
    """A member's connection by a card. ``call`` is what the agent does."""

    def __init__(self, pool: Pool, slug: str) -> None:
        self._pool = pool
        self._slug = slug

    async def tools(self) -> dict[str, bool]:
        """Whether each asks first."""
        return {tool.own_name: tool.guarded for tool in (await self._pool.toolset(MEMBER)).tools}

    async def call(self, tool: str, **arguments: Any) -> ToolResult:
        return await (await self._pool.toolset(MEMBER)).call(ToolCall("", f"{self._slug}__{tool}", arguments))


Connects = Callable[..., Awaitable[Connected]]


@pytest.fixture
async def connects(make_pool: MakePool, sandbox: Sandbox, sqlite_db: Database, secrets: SecretStore) -> Connects:
    """From a card and the answers to its form; the server may reach loopback."""
    return partial(_connected, make_pool, sandbox, sqlite_db, secrets)


@asynccontextmanager
async def connected_for_many(database: str, card: RunCard, **answers: str) -> AsyncIterator[Connected]:
    """One connection for all tests of a module that only read by it: each would start its program twice."""
    db, secrets, box = Database(database), SecretStore(Vault([MasterKey(b"k" * 32)])), Sandbox()
    level = await box.probe()
    require(level.name == "full", level.cure)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(db.close)

        def make_pool(allowed: str, **options: Any) -> Pool:
            pool = Pool(db, secrets, reach=Reach.allowing(allowed), connect_timeout=60.0, **options)
            stack.push_async_callback(pool.close)
            return pool

        yield await _connected(make_pool, box, db, secrets, card, **answers)


@dataclass(frozen=True)
class Visit:
    """A shop, and a connection to it of somebody who wants no changes."""

    shop: Shop
    mine: Connected


@asynccontextmanager
async def visit(folder: Path, template: Path, card: RunCard, path: str) -> AsyncIterator[Visit]:
    """For all tests of a module that only read: ``path`` is where the shop has what the card speaks."""
    file = shutil.copy(template, folder / "usher.db")
    async with running_shop() as shop:
        url = f"sqlite+aiosqlite:///{file}"
        async with connected_for_many(url, card, url=f"{shop.address}{path}") as mine:
            yield Visit(shop, mine)


@pytest.fixture
def shop(visited: Visit) -> Shop:
    visited.shop.asked.clear()
    return visited.shop


@pytest.fixture
def mine(visited: Visit) -> Connected:
    return visited.mine


async def _connected(
    make_pool: MakePool,
    sandbox: Sandbox,
    db: Database,
    secrets: SecretStore,
    card: RunCard,
    secret: str = "",
    **answers: str,
) -> Connected:
    values = card.filled(answers)
    assert card.complaints(values) == {}
    pool = make_pool("127.0.0.1", sandbox=sandbox, terms=lambda _: Terms(card.limits.seconds, card.argument_checks))
    spec, field = card.server(values), card.secret
    given = {field.name: secret} if field and secret else {}
    offer = await pool.try_out(spec, given, title=card.title)
    async with db.begin() as tables:
        await tables.workspaces.ensure(MEMBER.workspace)
        connection = await tables.connections.add(
            Connection(
                workspace_id=MEMBER.workspace,
                member_id=MEMBER.id,
                card=card.name,
                title=card.title,
                slug=card.name,
                spec=as_json(spec),
            )
        )
        free = {each.name for each in offer.tools if card.frees(each.name, hinted_reading=each.hinted_reading)}
        await tables.tools.save(
            [pinned(connection, each, "free" if each.name in free else "ask") for each in offer.tools]
        )
        for name, value in given.items():
            await secrets.put(tables, MEMBER, connection.id, value, field=name)
    return Connected(pool, card.name)


@pytest.fixture(scope="session")
def redis_port() -> Iterator[int]:
    try:
        with running_redis() as port:
            yield port
    except NoRedis as missing:
        require(False, str(missing))
