"""Signing in to a real server by a real authorization server, and what keeps it signed in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from mcp_runtime.errors import AuthorizationNeeded
from mcp_runtime.oauth.grants import FIELD, Grant, as_json
from mcp_runtime.oauth.registration import Site
from mcp_runtime.oauth.token_endpoint import check_issuer
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.support.oauth import Lab, agree, open_lab

SITE = Site("https://usher.example")


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        yield lab


async def granted(pool: Pool, lab: Lab, **options: object) -> Grant:
    """Through both halves of a sign-in."""
    with pytest.raises(AuthorizationNeeded) as refused:
        await pool.try_out(HttpSpec(lab.url), {}, title="Vault")
    found = await pool.sign_ins.discover("Vault", lab.url, refused.value.challenge)
    assert found is not None
    begun = await pool.sign_ins.begin("Vault", found, SITE, **options)  # type: ignore[arg-type]
    back = (await agree(begun.url)).params
    assert back["state"] == begun.state
    check_issuer("Vault", begun.pending, back.get("iss"))
    return await pool.sign_ins.finish("Vault", begun.pending, back["code"])


@dataclass
class SignedIn:
    """A connection that was signed in to, and the pools that use it."""

    lab: Lab
    pool: Pool
    connection: Connection
    another_pool: Callable[[], Pool]

    async def look(self, pool: Pool | None = None) -> str:
        """What came of it, or why nothing did."""
        tools = await (pool or self.pool).toolset(MEMBER)
        (look,) = (each.name for each in tools.tools if each.own_name == "look")
        result = await tools.call(ToolCall("1", look, {}))
        return str(result.error or result.output["result"])


@pytest.fixture
async def signed_in(
    lab: Lab, make_pool: MakePool, sqlite_db: Database, secrets: SecretStore, connect: Connect
) -> SignedIn:
    pool = make_pool("127.0.0.1")
    grant = await granted(pool, lab)
    connection = await connect(pool, HttpSpec(lab.url), grant.access, title="Vault", free=frozenset({"look"}))
    async with sqlite_db.begin() as tables:
        await secrets.delete(tables, MEMBER, connection.id)
        await secrets.put(tables, MEMBER, connection.id, as_json(grant), FIELD)
    lab.forms.clear()
    return SignedIn(lab, pool, connection, lambda: make_pool("127.0.0.1"))


async def test_a_member_signs_in_and_calls(signed_in: SignedIn) -> None:
    assert await signed_in.look() == "seen"
    assert signed_in.lab.refreshes == 0


async def test_eight_calls_at_once_with_a_token_that_is_over_renew_it_once(signed_in: SignedIn) -> None:
    await signed_in.look()
    signed_in.lab.expire()
    assert set(await asyncio.gather(*(signed_in.look() for _ in range(8)))) == {"seen"}
    assert signed_in.lab.refreshes == 1
