"""Servers that tell how they are signed in to in a way of their own: all that can be used is, and nothing unsafe."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from mcp_runtime.oauth import sign_ins
from mcp_runtime.oauth.discovery import Discovered
from mcp_runtime.oauth.errors import SignInImpossible, SignInServerAway
from mcp_runtime.oauth.grants import Client
from mcp_runtime.oauth.registration import Registered, Site
from mcp_runtime.oauth.web_addresses import same_issuer
from tests.mcp_runtime.conftest import MakePool
from tests.mcp_runtime.servers import host

OURS = Site("https://usher.example")


@dataclass
class Town:
    """A server and its sign-in servers on one port. ``documents`` are by their path."""

    port: int = 0
    documents: dict[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def names(self, *issuers: str, **more: Any) -> None:
        told = {"resource": f"{self.origin}/mcp", "authorization_servers": list(issuers), **more}
        self.documents["/.well-known/oauth-protected-resource/mcp"] = told

    def issues(self, at: str, issuer: str, **more: Any) -> None:
        told = {
            "issuer": issuer,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "registration_endpoint": f"{self.origin}/register",
            "code_challenge_methods_supported": ["S256"],
        }
        self.documents[at] = told | more


@asynccontextmanager
async def running_town() -> AsyncIterator[Town]:
    town = Town()

    async def tell(request: web.Request) -> web.Response:
        if request.path == "/register":
            return web.json_response({"client_id": 7, "client_secret_expires_at": "never"}, status=201)
        told = town.documents.get(request.path)
        if isinstance(told, str):
            return web.Response(text=told)
        return web.json_response(told) if told is not None else web.Response(status=404, text="<html>")

    async with host(tell) as port:
        town.port = port
        yield town


ROOT, OPENID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with running_town() as town:
        yield town


async def found(town: Town, make_pool: MakePool, registered: Registered | None = None) -> Discovered:
    ours = make_pool("127.0.0.1").sign_ins
    ours.registered = registered or Registered()
    told = await ours.discover("Shop", f"{town.origin}/mcp", None)
    assert told is not None
    return told


@pytest.mark.parametrize(("named", "written"), [("", "/"), ("/", ""), ("/", "/")])
async def test_the_slash_of_an_issuer_without_a_path_is_no_other_issuer(
    town: Town, make_pool: MakePool, named: str, written: str
) -> None:
    town.names(town.origin + named)
    town.issues(ROOT, town.origin + written)
    told = await found(town, make_pool)
    assert told.server.issuer == town.origin + written  # the answer will name it so


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/t", "https://a.example/t/"),
        ("https://a.example", "https://a.example//"),
        ("https://a.example", "http://a.example"),
        ("https://a.example", "https://A.example"),
        ("https://a.example?x", "https://a.example/?x"),
        ("https://a.example", "https://a.example:443"),
        ("not an address", "not an address/"),
    ],
)
def test_any_other_difference_is_another_issuer(one: str, other: str) -> None:
    assert not same_issuer(one, other) and not same_issuer(other, one)


async def test_a_registered_client_is_found_however_its_issuer_s_slash_is_written(
    town: Town, make_pool: MakePool
) -> None:
    town.names(f"{town.origin}/")
    town.issues(ROOT, f"{town.origin}/")
    ours = Registered({town.origin: Client(town.origin, "ours")}, {"shop": town.origin})
    told = await found(town, make_pool, ours)
    ours.check("Shop", "shop", told.server.issuer)
    signing_in = make_pool("127.0.0.1").sign_ins
    signing_in.registered = ours
    begun = await signing_in.begin("Shop", told, OURS)
    assert begun.pending.client == Client(f"{town.origin}/", "ours")


@pytest.mark.parametrize(
    "odd",
    [
        {"scopes_supported": "read write"},
        {"scopes_supported": [1, None]},
        {"code_challenge_methods_supported": "plain S256"},
        {"token_endpoint_auth_methods_supported": {"none": True}},
        {"revocation_endpoint": ""},
        {"revocation_endpoint": 7},
        {"client_id_metadata_document_supported": "perhaps"},
        {"authorization_response_iss_parameter_supported": None},
    ],
)
async def test_what_can_be_done_without_may_be_written_oddly(town: Town, make_pool: MakePool, odd: dict) -> None:
    town.names(town.origin, scopes_supported="read")
    town.issues(OPENID, town.origin, **odd)
    told = await found(town, make_pool)
    assert told.scopes == ("read",)
    begun = await make_pool("127.0.0.1").sign_ins.begin("Shop", told, OURS)
    assert begun.pending.client.id == "7" and begun.pending.client.until is None


@pytest.mark.parametrize("odd", [{"token_endpoint": None}, {"code_challenge_methods_supported": "plain"}])
async def test_what_cannot_be_done_without_is_missed(town: Town, make_pool: MakePool, odd: dict) -> None:
    town.names(town.origin)
    town.issues(ROOT, town.origin, **odd)
    with pytest.raises(SignInImpossible):
        await found(town, make_pool)


def hostile(document: dict[str, Any]) -> dict[str, str]:
    """The document, with something in it that was made to cost."""
    begun, long, names = json.dumps(document)[:-1], "a" * (8 << 20), [f'"k{each}":1' for each in range(60_000)]
    return {
        "8 MB": f'{begun},"x":"{long}"}}',
        "many objects": f'{begun},"x":[{",".join(["{}"] * 300_000)}]}}',
        "many scopes": f'{begun},"scopes_supported":[{",".join(["1"] * 300_000)}]}}',
        "many names": f"{begun},{','.join(names)}}}",
        "deep": f'{begun},"x":{"[" * 100_000}{"]" * 100_000}}}',
        "a long number": f'{begun},"x":{"9" * 270_000}}}',
        "another issuer behind": f'{begun},"issuer":"https://bank.example"}}',
        "a script": json.dumps({**document, "authorization_endpoint": "javascript:alert(1)"}),
        "a page in itself": json.dumps({**document, "authorization_endpoint": "data:text/html,<script>"}),
        "an inner address": json.dumps({**document, "token_endpoint": "http://10.0.0.1/token"}),
        "a long address": json.dumps({**document, "authorization_endpoint": f"https://a.example/{'a' * 5_000}"}),
    }


@pytest.mark.parametrize("what", hostile({}))
async def test_a_document_that_was_made_to_cost_or_to_lead_astray_is_refused(
    town: Town, make_pool: MakePool, what: str
) -> None:
    town.names(town.origin)
    town.issues(ROOT, town.origin)
    town.documents[ROOT] = hostile(town.documents[ROOT])[what]
    with pytest.raises((SignInImpossible, SignInServerAway)) as told:
        await found(town, make_pool)
    assert len(str(told.value)) < 200


async def test_a_document_without_end_or_that_leads_in_a_ring_is_waited_for_no_longer(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    limits: list[asyncio.Timeout] = []

    def limit(seconds: float) -> asyncio.Timeout:
        assert seconds == sign_ins.WITHIN
        limits.append(asyncio.timeout(seconds))
        return limits[-1]

    async def without_end(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if len(asked) <= 4:
            return web.Response(status=302, headers={"Location": f"{request.path}/on"})
        limits[-1].reschedule(asyncio.get_running_loop().time() + 0.1)  # all before that may take as long as it likes
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while True:
                await answer.write(b" ")
                await asyncio.sleep(0.01)  # how it is paced, not what is waited for
        return answer

    monkeypatch.setattr(sign_ins, "asyncio", SimpleNamespace(timeout=limit))
    async with host(without_end) as port:
        with pytest.raises(SignInServerAway):
            await make_pool("127.0.0.1").sign_ins.discover("Shop", f"http://127.0.0.1:{port}/mcp", None)
    assert len(asked) == 5 and limits[-1].expired()


async def test_of_several_sign_in_servers_the_first_that_can_be_used_is(town: Town, make_pool: MakePool) -> None:
    gone, unsafe, good = f"{town.origin}/gone", f"{town.origin}/unsafe", f"{town.origin}/good"
    town.names("javascript:alert(1)", gone, unsafe, good)
    town.issues(f"{ROOT}/unsafe", unsafe, code_challenge_methods_supported=[])
    town.issues(f"/good{OPENID}", good)
    assert (await found(town, make_pool)).server.issuer == good
    town.names(gone, unsafe)
    with pytest.raises(SignInImpossible, match="does not describe itself"):
        await found(town, make_pool)


async def test_of_several_sign_in_servers_the_one_that_knows_us_is_taken(town: Town, make_pool: MakePool) -> None:
    first, second = f"{town.origin}/first", f"{town.origin}/second"
    town.names(first, second)
    for name in ("first", "second"):
        town.issues(f"{ROOT}/{name}", f"{town.origin}/{name}")
    assert (await found(town, make_pool)).server.issuer == first
    assert (await found(town, make_pool, Registered({second: Client(second, "ours")}))).server.issuer == second
