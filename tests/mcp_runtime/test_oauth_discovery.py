"""Who signs members in: what a refusal says, where documents are looked for, and what of them is believed."""

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from aiohttp import web

from mcp_runtime.errors.challenges import Challenge, challenge_of
from mcp_runtime.oauth.discovery import resource_addresses, server_addresses
from mcp_runtime.oauth.errors import SignInImpossible, SignInServerAway
from mcp_runtime.oauth.registration import Site
from mcp_runtime.oauth.web_addresses import canonical, covers, is_safe, origin
from storage.rules.egress import Egress
from tests.mcp_runtime.conftest import MakePool
from tests.mcp_runtime.servers import host
from tests.support.oauth import Lab, open_lab

WHERE = "https://mcp.example/.well-known/oauth-protected-resource"


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        yield lab


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        (["Basic realm=x"], None),
        (["Bearer"], Challenge()),
        (["bearer scope=read"], Challenge(scope="read")),
        ([f'Bearer resource_metadata="{WHERE}", scope="a b"'], Challenge(WHERE, "a b")),
        ([f'Basic realm="a, Bearer scope=evil", Bearer resource_metadata={WHERE}'], Challenge(WHERE)),
        (
            ['DPoP algs="ES256"', 'Bearer error="insufficient_scope",scope="x"'],
            Challenge("", "x", "insufficient_scope"),
        ),
        (['Bearer scope="say \\"hi\\""'], Challenge(scope='say "hi"')),
        (['Bearer scope=""'], Challenge(scope="")),
        (["Bearer " + "a=b, " * 5000 + 'scope="late"'], Challenge()),
        (["=,=,\x00 ;;", 'Bearer x="unended'], Challenge()),
        (["1" * 8000] * 400 + ["-" * 8000] * 400, None),  # minutes, where each place in a word is looked at again
    ],
)
def test_the_bearer_challenge_is_read_among_all_that_a_header_may_hold(
    headers: list[str], found: Challenge | None
) -> None:
    assert challenge_of(headers) == found


def test_the_document_of_a_server_is_looked_for_where_it_says_then_at_its_path_then_at_its_root() -> None:
    told = "https://elsewhere.example/prm"
    root = "https://mcp.example/.well-known/oauth-protected-resource"
    assert list(resource_addresses("https://mcp.example/a/mcp", told)) == [told, f"{root}/a/mcp", root]
    assert list(resource_addresses("https://mcp.example/")) == [root]
    assert list(resource_addresses("https://mcp.example/mcp", "javascript:x")) == [f"{root}/mcp", root]


def test_the_document_of_a_sign_in_server_is_looked_for_in_the_order_that_is_prescribed() -> None:
    base, name, openid = "https://auth.example", "oauth-authorization-server", "openid-configuration"
    assert list(server_addresses(f"{base}/tenant")) == [
        f"{base}/.well-known/{name}/tenant",
        f"{base}/.well-known/{openid}/tenant",
        f"{base}/tenant/.well-known/{openid}",
    ]
    assert list(server_addresses(base)) == [f"{base}/.well-known/{name}", f"{base}/.well-known/{openid}"]


@pytest.mark.parametrize(
    ("url", "told_by", "safe"),
    [
        ("https://a.example/authorize", "https://b.example", True),
        ("http://127.0.0.1:9/authorize", "http://localhost:9", True),
        ("http://127.0.0.1:9/authorize", "https://b.example", False),
        ("http://a.example/authorize", "https://b.example", False),
        ("javascript:alert(1)", "https://b.example", False),
        ("file:///etc/passwd", "https://b.example", False),
        ("usher://x", "https://b.example", False),
        ("https://user:pw@a.example/", "https://b.example", False),
        ("https://a.example/#x", "https://b.example", False),
        ("https://a.example/\nx", "https://b.example", False),
        ("https:///x", "https://b.example", False),
        ("", "https://b.example", False),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_no_plain_https_page(url: str, told_by: str, safe: bool) -> None:
    assert is_safe(url, told_by) is safe


@pytest.mark.parametrize(
    ("resource", "url", "meant"),
    [
        ("https://mcp.example/mcp", "https://mcp.example/mcp", True),
        ("https://MCP.example:443/", "https://mcp.example/mcp", True),
        ("https://mcp.example/mc", "https://mcp.example/mcp", False),
        ("https://mcp.example/other", "https://mcp.example/mcp", False),
        ("http://mcp.example/mcp", "https://mcp.example/mcp", False),
        ("https://mcp.example.evil.example/mcp", "https://mcp.example/mcp", False),
        ("nonsense", "https://mcp.example/mcp", False),
    ],
)
def test_a_document_counts_only_for_the_server_that_it_names(resource: str, url: str, meant: bool) -> None:
    assert covers(resource, url) is meant


def test_a_server_is_identified_as_the_protocol_has_it() -> None:
    assert canonical("HTTPS://MCP.Example/mcp#x") == "https://mcp.example/mcp"
    assert canonical("https://mcp.example/") == "https://mcp.example"


@pytest.mark.parametrize("url", ["https://MCP.Example:443/mcp", "https://bücher.example/mcp"])
def test_an_address_written_otherwise_is_of_the_same_server(url: str) -> None:
    told = str(httpx2.URL(url))
    assert origin(url) == origin(told) and told.startswith(origin(url))
    assert covers(told, url) and covers(url, told)


async def test_a_document_for_another_server_is_not_taken(lab: Lab, make_pool: MakePool) -> None:
    lab.resource = "https://bank.example/mcp"
    with pytest.raises(SignInImpossible, match="another server"):
        await make_pool("127.0.0.1").sign_ins.discover("Vault", lab.url, None)
    assert lab.seen == []


async def test_no_document_leads_to_an_address_that_may_not_be_called(lab: Lab, make_pool: MakePool) -> None:
    """The server itself is allowed; what it names lies on the same machine, and is not."""
    only_the_server = lab.url.removeprefix("http://").removesuffix("/mcp")
    with pytest.raises(SignInImpossible, match="an address that I may not call"):
        await make_pool(only_the_server).sign_ins.discover("Vault", lab.url, None)
    inner = Challenge(f"{lab.origin}/inner")
    with pytest.raises(SignInImpossible, match="an address that I may not call"):
        await make_pool(only_the_server).sign_ins.discover("Vault", lab.url, inner)
    assert lab.seen == []


async def test_no_document_leads_to_a_host_that_the_workspace_does_not_let_be_reached(
    lab: Lab, make_pool: MakePool
) -> None:
    async def of(workspace: str) -> Egress:
        return Egress(("mcp.example",)) if workspace == "T1" else Egress()

    sign_ins = make_pool("127.0.0.1", egress=of).sign_ins
    with pytest.raises(SignInImpossible, match="signed in to elsewhere, and") as refused:
        await sign_ins.discover("Vault", lab.url, None, "T1")
    assert refused.value.cure == "Ask one of them to allow it." and lab.seen == []
    assert await sign_ins.discover("Vault", lab.url, None, "T2")


async def test_a_server_that_says_nothing_of_signing_in_has_none(make_pool: MakePool) -> None:
    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=404)

    async with host(nothing) as port:
        found = await make_pool("127.0.0.1").sign_ins.discover("Shop", f"http://127.0.0.1:{port}/mcp", Challenge())
    assert found is None


async def test_an_outage_is_not_taken_for_having_none(make_pool: MakePool) -> None:
    async def ill(request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with host(ill) as port:
        with pytest.raises(SignInServerAway):
            await make_pool("127.0.0.1").sign_ins.discover("Shop", f"http://127.0.0.1:{port}/mcp", None)


async def test_a_redirect_to_another_origin_is_not_followed(make_pool: MakePool) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        target = "/there" if request.path == "/.well-known/oauth-protected-resource/mcp" else "http://127.0.0.1:1/x"
        return web.Response(status=307, headers={"Location": target})

    async with host(elsewhere) as port:
        found = await make_pool("127.0.0.1").sign_ins.discover("Shop", f"http://127.0.0.1:{port}/mcp", None)
    assert found is None and "/there" in asked


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [
        (201, {"client_id": "c", "token_endpoint_auth_method": "private_key_jwt"}, "in a way that I cannot use"),
        (201, {"client_id": "c", "token_endpoint_auth_method": "client_secret_post"}, "in a way that I cannot use"),
        (201, {"client_name": "Usher"}, "in a way that I cannot use"),
        (201, ["c"], "in a way that I cannot use"),
        (400, {"error": "invalid_redirect_uri"}, "takes no app at the address"),
        (403, {}, "did not register me .HTTP 403"),
        (302, {}, "did not register me .HTTP 302"),
        (400, b"[" * 100_000, "did not register me .HTTP 400"),
        (201, b"[" * 100_000, "in a way that I cannot use"),
    ],
)
async def test_a_registration_that_is_of_no_use_is_told_before_anybody_is_sent_there(
    lab: Lab, make_pool: MakePool, status: int, said: object, told: str
) -> None:
    async def registers(request: web.Request) -> web.Response:
        return web.Response(body=said if isinstance(said, bytes) else json.dumps(said), status=status)

    async with host(registers) as port:
        lab.extra = {"registration_endpoint": f"http://127.0.0.1:{port}/register"}
        sign_ins = make_pool("127.0.0.1").sign_ins
        found = await sign_ins.discover("Vault", lab.url, None)
        assert found is not None
        with pytest.raises(SignInImpossible, match=told):
            await sign_ins.begin("Vault", found, Site("https://usher.example"))


async def test_what_a_registration_chose_is_what_is_used(lab: Lab, make_pool: MakePool) -> None:
    asked: list[dict] = []

    async def registers(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.json_response({"client_id": "c", "client_secret": "s", "client_secret_expires_at": 0}, status=201)

    async with host(registers) as port:
        lab.extra = {"registration_endpoint": f"http://127.0.0.1:{port}/register"}
        sign_ins = make_pool("127.0.0.1").sign_ins
        found = await sign_ins.discover("Vault", lab.url, None)
        assert found is not None
        begun = await sign_ins.begin("Vault", found, Site("https://usher.example"))
    client = begun.pending.client
    assert (client.id, client.method, client.until) == ("c", "client_secret_basic", None)
    assert asked[0]["application_type"] == "web" and asked[0]["token_endpoint_auth_method"] == "none"
