"""The program that the public conformance suite starts for each scenario, with a server's URL as its last argument.

All that speaks is the product's own: its pool opens, lists and calls, its sign-in asks and answers. Made here are only
a member, who agrees to everything, and the page that a browser would be sent back to.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx2

from mcp_runtime.addresses import Reach
from mcp_runtime.errors import AuthorizationNeeded, ServerError, TokenRefused
from mcp_runtime.errors.challenges import Challenge
from mcp_runtime.oauth.grants import FIELD, Client, Grant, as_json
from mcp_runtime.oauth.registration import Registered, Site
from mcp_runtime.oauth.token_endpoint import check_issuer
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.specs import as_json as spec_as_json
from mcp_runtime.tools.asking.elicitation import ElicitationReply, ElicitationRequest
from mcp_runtime.tools.changes import pinned
from mcp_runtime.tools.pins import Offer
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.database import Database
from storage.members import Member
from storage.tables import Connection
from tests.support.audit import KEYS

MEMBER, TITLE = Member("T1", "U1"), "Conformance"
MOST_SIGN_INS = 3
PLACEHOLDERS = {"string": "x", "integer": 0, "number": 0, "boolean": False, "object": {}, "array": [], "null": None}
MRTR = ("test_mrtr_echo_state", "test_mrtr_unrelated", "test_mrtr_no_state", "test_mrtr_no_result_type")

scenario = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
given: dict[str, Any] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
T = TypeVar("T")


class Hosted(Site):
    """Its document is at the address that the suite knows it by."""

    @property
    def redirect_uri(self) -> str:
        return "http://localhost:3000/callback"

    @property
    def client_id(self) -> str:
        return "https://conformance-test.local/client-metadata.json"


SITE = Hosted("https://conformance-test.local")


class OfAnyIssuer(Registered):
    """The suite does not say who has registered us; the product never goes without."""

    def at(self, issuer: str) -> Client | None:
        if "client_id" not in given:
            return None
        secret = given.get("client_secret")
        return Client(issuer, given["client_id"], secret, "client_secret_basic" if secret else "none")


class Agreeable:
    """Takes what is proposed."""

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        members = request.schema.get("properties", {})
        content = {name: each["default"] for name, each in members.items() if "default" in each}
        return ElicitationReply("accept", content if content else {"confirmed": True})

    async def completed(self, connection_id: str, number: str) -> None:
        pass


class Conformance:
    def __init__(self, db: Database, url: str) -> None:
        self._db = db
        self._spec = HttpSpec(url)
        self._secrets = SecretStore(Vault([MasterKey(b"k" * 32)]))
        self._reach = Reach.allowing("localhost, 127.0.0.1")
        self._pool = Pool(
            db, self._secrets, reach=self._reach, sandbox=Sandbox(enabled=False), registered=OfAnyIssuer(), elicits=True
        )
        self._grant: Grant | None = None
        self._connection: Connection | None = None

    async def run(self) -> None:
        try:
            offer = await self._signed_in(self._listed)
            await self._save(offer)
            for name, arguments in planned(offer):
                await self._signed_in(lambda name=name, arguments=arguments: self._called(name, arguments))
        finally:
            await self._pool.close()

    async def _listed(self) -> Offer:
        return await self._pool.try_out(self._spec, {}, title=TITLE, grant=self._grant)

    async def _called(self, name: str, arguments: dict[str, Any]) -> ToolResult:
        """Raises `TokenRefused` when the member has to sign in, or to sign in to more."""
        toolset = await self._pool.toolset(MEMBER, asker=Agreeable())
        known = {each.own_name: each.name for each in toolset.tools}
        result = await toolset.call(ToolCall("1", known[name], arguments))
        async with self._db.read() as tables:
            row = await tables.connections.get(MEMBER.workspace, self._connected.id)
        if row is not None and (row.status == "sign_in" or row.wants_rights):
            refused = TokenRefused(TITLE)
            refused.challenge = Challenge(scope=row.wants_rights or None)
            raise refused
        print(name, result.output or result.error, file=sys.stderr)
        return result

    async def _signed_in(self, act: Callable[[], Awaitable[T]]) -> T:
        """What ended for want of a sign-in is done again after it."""
        for left in reversed(range(MOST_SIGN_INS)):
            try:
                return await act()
            except (AuthorizationNeeded, TokenRefused) as refused:
                if not left:
                    raise
                await self._sign_in(refused)
        raise AssertionError("unreachable")

    async def _sign_in(self, refused: ServerError) -> None:
        sign_ins, before = self._pool.sign_ins, await self._known()
        found = await sign_ins.discover(TITLE, self._spec.url, refused.challenge)
        if found is None:
            raise refused
        begun = await sign_ins.begin(TITLE, found, SITE, challenge=refused.challenge, granted=before)
        async with httpx2.AsyncClient() as browser:
            answer = await browser.get(begun.url)
        back = httpx2.URL(answer.headers["location"]).params
        check_issuer(TITLE, begun.pending, back.get("iss"))
        self._grant = await sign_ins.finish(TITLE, begun.pending, back["code"])
        if self._connection is not None:
            await self._keep(self._connection)

    async def _known(self) -> Grant | None:
        return await self._pool.grants.of(self._connection) if self._connection else self._grant

    async def _save(self, offer: Offer) -> None:
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(MEMBER.workspace)
            self._connection = await tables.connections.add(
                Connection(
                    workspace_id=MEMBER.workspace,
                    member_id=MEMBER.id,
                    card="custom",
                    title=TITLE,
                    slug="c",
                    spec=spec_as_json(self._spec),
                )
            )
            await tables.tools.save([pinned(self._connected, each, "always") for each in offer.tools])
        await self._keep(self._connected)

    @property
    def _connected(self) -> Connection:
        assert self._connection is not None
        return self._connection

    async def _keep(self, connection: Connection) -> None:
        """The newest grant, as after a member's sign-in."""
        if self._grant is None:
            return
        newer = {"version": connection.version + 1, "wants_rights": "", "status": "connected"}
        async with self._db.begin() as tables:
            await tables.connections.update(MEMBER.workspace, connection.id, **newer)
            await self._secrets.put(tables, MEMBER, connection.id, as_json(self._grant), FIELD)
            self._connection = await tables.connections.get(MEMBER.workspace, connection.id)


def planned(offer: Offer) -> list[tuple[str, dict[str, Any]]]:
    """What each scenario wants to see called."""
    tools = {tool.name: tool.definition for tool in offer.tools}
    match scenario:
        case "tools_call" | "request-metadata" | "http-standard-headers":
            return [("add_numbers", {"a": 5, "b": 3})] if "add_numbers" in tools else []
        case "sse-retry":
            return [("test_reconnection", {})]
        case "elicitation-sep1034-client-defaults":
            return [("test_client_elicitation_defaults", {})]
        case "sep-2322-client-request-state":
            return [(name, {}) for name in MRTR]
        case "http-invalid-tool-headers":
            return [(name, placeholders(definition["inputSchema"])) for name, definition in tools.items()]
        case "http-custom-headers":
            return [(call["name"], call.get("arguments") or {}) for call in given.get("toolCalls", [])]
    return [(name, {}) for name in list(tools)[:1]] if scenario.startswith("auth/") else []


def placeholders(schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: PLACEHOLDERS.get(properties.get(name, {}).get("type"), "x") for name in schema.get("required", [])}


async def main(url: str) -> None:
    with TemporaryDirectory() as folder:
        file = shutil.copy(os.environ["USHER_CONFORMANCE_DATABASE"], Path(folder) / "usher.db")
        db = Database(f"sqlite+aiosqlite:///{file}", KEYS)
        try:
            await Conformance(db, url).run()
        finally:
            await db.close()


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[-1]))
    except ServerError as error:
        sys.exit(f"{type(error).__name__}: {error}")
