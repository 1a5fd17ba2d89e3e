"""Signing in to a real server by a real authorization server, and what keeps it signed in."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import httpx2
import pytest

from mcp_runtime.errors import AuthorizationNeeded
from mcp_runtime.errors.challenges import INSUFFICIENT, Challenge
from mcp_runtime.oauth import keeping
from mcp_runtime.oauth.bearer import Fixed
from mcp_runtime.oauth.grants import FIELD, Grant, as_json, rights
from mcp_runtime.oauth.registration import Site
from mcp_runtime.oauth.token_endpoint import check_issuer
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.schema import now
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.support.oauth import Lab, agree, open_lab

SITE = Site("https://usher.example")


@pytest.fixture
def sqlite_db(db: Database) -> Database:
    """On both engines: who may renew is decided by a row."""
    return db


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


Keep = Callable[[Grant], Awaitable[None]]


@dataclass
class SignedIn:
    """A connection that was signed in to, and the pools that use it."""

    lab: Lab
    pool: Pool
    connection: Connection
    another_pool: Callable[[], Pool]
    db: Database

    async def row(self) -> Connection:
        async with self.db.read() as tables:
            found = await tables.connections.get(MEMBER.workspace, self.connection.id)
        assert found is not None
        return found

    async def grant(self) -> Grant:
        found = await self.pool.grants.of(self.connection)
        assert found is not None
        return found

    async def refused_since(self, count: int) -> None:
        """Returns when so many requests have come with a token that is over."""
        async with asyncio.timeout(60):
            while self.lab.refused < count:
                await asyncio.sleep(0.01)

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
    return SignedIn(lab, pool, connection, lambda: make_pool("127.0.0.1"), sqlite_db)


@pytest.fixture
def keep(signed_in: SignedIn, secrets: SecretStore) -> Keep:
    """Put another grant in the place of the one there is."""

    async def kept(grant: Grant) -> None:
        async with signed_in.db.begin() as tables:
            await secrets.put(tables, MEMBER, signed_in.connection.id, as_json(grant), FIELD)

    return kept


async def test_a_member_signs_in_and_calls(signed_in: SignedIn) -> None:
    assert await signed_in.look() == "seen"
    assert signed_in.lab.refreshes == 0


async def test_eight_calls_at_once_with_a_token_that_is_over_renew_it_once(signed_in: SignedIn) -> None:
    await signed_in.look()
    signed_in.lab.expire()
    assert set(await asyncio.gather(*(signed_in.look() for _ in range(8)))) == {"seen"}
    assert signed_in.lab.refreshes == 1


async def test_two_processes_renew_it_once_between_them(signed_in: SignedIn) -> None:
    """Two pools share nothing but the database, as processes do; a second use of the old token would end both."""
    another, meet = signed_in.another_pool(), asyncio.Barrier(2)
    assert await signed_in.look() == await signed_in.look(another) == "seen"
    signed_in.lab.expire()
    begun = asyncio.Event()

    async def wait_for_the_other() -> None:
        begun.set()
        async with asyncio.timeout(60):
            await meet.wait()

    signed_in.lab.before_token = wait_for_the_other
    first = asyncio.create_task(signed_in.look())
    await begun.wait()
    second = asyncio.create_task(signed_in.look(another))
    await signed_in.refused_since(2)
    await meet.wait()
    assert await first == await second == "seen"
    assert signed_in.lab.refreshes == 1


async def test_after_a_restart_a_token_that_is_over_is_renewed_in_silence(signed_in: SignedIn) -> None:
    signed_in.lab.expire()
    assert await signed_in.look(signed_in.another_pool()) == "seen"
    assert signed_in.lab.refreshes == 1 and len(signed_in.lab.asked) == 1


async def test_a_token_is_renewed_before_it_is_over_when_its_time_is_known(signed_in: SignedIn, keep: Keep) -> None:
    await keep(replace(await signed_in.grant(), expires_at=time.time() + 5))
    assert await signed_in.look() == "seen"
    assert (signed_in.lab.refreshes, signed_in.lab.refused) == (1, 0)
    assert (await signed_in.row()).version == signed_in.connection.version  # pins and session stay


@pytest.mark.parametrize("status", [503, 429])
async def test_an_outage_of_the_sign_in_server_keeps_the_grant_and_asks_nobody(
    signed_in: SignedIn, status: int
) -> None:
    await signed_in.look()
    signed_in.lab.expire()
    signed_in.lab.down = status
    told = await signed_in.look()
    assert "its sign-in server gives no usable answer" in told and "Try again in a few minutes" in told
    assert (await signed_in.row()).status != "sign_in"
    signed_in.lab.down = 0
    assert await signed_in.look(signed_in.another_pool()) == "seen"


async def test_a_sign_in_server_that_is_down_is_not_asked_by_each_of_many_calls(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "AWAY_FOR", 3600.0)  # longer than five calls take, however busy the machine is
    await signed_in.look()
    signed_in.lab.expire()
    signed_in.lab.down = 503
    for _ in range(5):
        await signed_in.look()
    assert signed_in.lab.refreshes == 1


async def test_what_was_revoked_there_needs_its_member_and_is_asked_for_once(signed_in: SignedIn) -> None:
    await signed_in.look()
    signed_in.lab.expire()
    signed_in.lab.refresh.clear()
    told = await asyncio.gather(*(signed_in.look() for _ in range(8)))
    assert all("Its owner has to sign in to it again" in each for each in told)
    assert signed_in.lab.refreshes == 1
    assert (await signed_in.row()).status == "sign_in"
    await signed_in.look(signed_in.another_pool())
    assert signed_in.lab.refreshes == 1


async def test_without_a_token_to_renew_it_with_its_member_signs_in_again(signed_in: SignedIn, keep: Keep) -> None:
    await keep(replace(await signed_in.grant(), refresh=None))
    assert await signed_in.look() == "seen"
    signed_in.lab.expire()
    assert "Its owner has to sign in to it again" in await signed_in.look()
    assert signed_in.lab.refreshes == 0 and (await signed_in.row()).status == "sign_in"


async def test_a_call_that_gives_up_does_not_break_off_the_renewal_that_it_began(signed_in: SignedIn) -> None:
    await signed_in.look()
    signed_in.lab.expire()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        begun.set()
        await go_on.wait()

    signed_in.lab.before_token = hold
    call = asyncio.create_task(signed_in.look())
    await begun.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    go_on.set()
    assert await signed_in.look() == "seen"
    assert signed_in.lab.refreshes == 1


async def test_a_renewal_that_ends_while_its_connection_leaves_is_there_when_it_is_kept(signed_in: SignedIn) -> None:
    await signed_in.look()
    signed_in.lab.expire()

    async def leave() -> None:
        async with signed_in.db.begin() as tables:
            await tables.connections.leave(MEMBER.workspace, MEMBER.id, signed_in.connection.id, now())

    signed_in.lab.before_token = leave
    await signed_in.pool.grants.renewed(signed_in.connection, await signed_in.grant())
    async with signed_in.db.begin() as tables:
        await tables.connections.keep(MEMBER.workspace, MEMBER.id, signed_in.connection.id, "Vault")
    grant = await signed_in.grant()
    assert grant.access in signed_in.lab.access and grant.refresh in signed_in.lab.refresh


async def test_a_token_goes_to_its_server_however_its_address_is_written(signed_in: SignedIn) -> None:
    grant = await signed_in.grant()
    for written in ("https://MCP.example:443/mcp", "https://mcp.example/mcp"):
        flow = Fixed(written, grant).async_auth_flow(httpx2.Request("POST", "https://mcp.example/mcp"))
        assert (await anext(flow)).headers["authorization"] == f"Bearer {grant.access}"


async def test_of_what_a_sign_in_server_gives_no_more_is_kept_than_can_be_used(signed_in: SignedIn) -> None:
    before = await signed_in.grant()
    told = {"access_token": "a", "refresh_token": "r" * 70_000, "scope": "read " + "x" * 70_000 + " y" * 3000}
    signed_in.lab.token_answer = told
    renewed = await signed_in.pool.grants.renewed(signed_in.connection, before)
    assert renewed is not None and renewed.refresh == before.refresh
    assert renewed.scope.startswith("read y") and len(renewed.scope) <= 2000
    assert len(as_json(await signed_in.grant())) < 5000


async def test_a_refresh_token_goes_to_the_token_endpoint_alone(signed_in: SignedIn) -> None:
    grant = await signed_in.grant()
    signed_in.lab.expire()
    assert await signed_in.look() == "seen"
    assert grant.refresh and not any(grant.refresh in each for each in signed_in.lab.to_server)
    (form,) = signed_in.lab.forms
    assert form["refresh_token"] == grant.refresh and form["resource"] == signed_in.lab.url


async def test_an_access_token_is_in_no_address(signed_in: SignedIn) -> None:
    await signed_in.look()
    grant = await signed_in.grant()
    assert not any(grant.access in path for path in signed_in.lab.seen)
    assert all(f"Bearer {grant.access}" in each for each in signed_in.lab.to_server[-2:])


async def test_a_tool_that_takes_more_rights_says_so_and_the_next_sign_in_asks_for_them(signed_in: SignedIn) -> None:
    signed_in.lab.needs = {"read", "write"}
    told = await signed_in.look()
    assert "more rights than I was given" in told and "The call was not made" in told
    row = await signed_in.row()
    assert (row.status, row.wants_rights) == ("connected", "read write")
    found = await signed_in.pool.sign_ins.discover("Vault", signed_in.lab.url, None)
    assert found is not None
    lacks = Challenge(scope=row.wants_rights, error=INSUFFICIENT)
    begun = await signed_in.pool.sign_ins.begin("Vault", found, SITE, challenge=lacks, granted=await signed_in.grant())
    assert httpx2.URL(begun.url).params["scope"].split() == ["read", "offline_access", "write"]
    assert signed_in.lab.count("/register") == 1  # known there already


async def test_a_server_that_asks_for_ever_more_rights_fills_nothing(signed_in: SignedIn) -> None:
    for number in range(40):
        await signed_in.pool.grants.wants_more(signed_in.connection, f"{number:0100d}")
    assert len((await signed_in.row()).wants_rights) <= 2000
    await signed_in.pool.grants.wants_more(signed_in.connection, 'x" <script> \\ ok')
    assert "<script>" in rights("<script>") and rights('a"b c\\d é') == ""
