"""Each way in which a server can fail to be connected has its own error and sentence."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from mcp_runtime.errors import (
    AccessForbidden,
    AddressNotAllowed,
    AuthorizationNeeded,
    BadCertificate,
    ConnectionRefused,
    ErrorAnswered,
    InsecureAddress,
    NotAnMcpServer,
    NothingThere,
    NoTls,
    OutOfOrder,
    PortNotAllowed,
    RateLimited,
    Redirected,
    ServerError,
    TokenRefused,
    TooBig,
    TooSlow,
    UnknownHost,
    WebPage,
)
from mcp_runtime.specs import HttpSpec
from mcp_runtime.transports import http as guarded
from tests.mcp_runtime.conftest import MakePool
from tests.mcp_runtime.servers import TOKEN, Notes, host, mute_host, notes_server, self_signed
from tests.support.ports import free_port


async def failure(
    make_pool: MakePool, url: str, secret: str | None = None, allowed: str = "127.0.0.1", **options: float
) -> ServerError:
    pool = make_pool(allowed, **options)
    with pytest.raises(ServerError) as told:
        await pool.try_out(HttpSpec(url), {"token": secret} if secret else {}, title="Notes")
    await pool.close()
    assert told.value.server == "Notes"
    assert "127.0.0.1" not in str(told.value) and TOKEN not in str(told.value)
    return told.value


async def test_a_server_offers_its_tools(make_pool: MakePool, notes: Notes) -> None:
    offer = await make_pool(notes.host).try_out(HttpSpec(notes.url), {"token": TOKEN}, title="Notes")
    assert [tool.name for tool in offer.tools] == ["list_notes", "add_note", "wait"]
    assert [tool.title for tool in offer.tools] == ["List notes", "Add note", "Wait"]
    assert offer.server == "notes"
    assert notes.seen[0]["authorization"] == f"Bearer {TOKEN}"


async def test_a_server_that_needs_no_token_gets_none(make_pool: MakePool) -> None:
    async with notes_server(token=None) as notes:
        await make_pool(notes.host).try_out(HttpSpec(notes.url), {}, title="Notes")
        assert not any("authorization" in headers for headers in notes.seen)


async def test_a_wrong_token_is_refused(make_pool: MakePool, notes: Notes) -> None:
    error = await failure(make_pool, notes.url, "wrong")
    assert type(error) is TokenRefused and "token" in error.reason


async def test_no_token_where_one_is_wanted(make_pool: MakePool, notes: Notes) -> None:
    assert type(await failure(make_pool, notes.url)) is AuthorizationNeeded


async def test_a_dead_host(make_pool: MakePool) -> None:
    assert type(await failure(make_pool, f"http://127.0.0.1:{free_port()}/mcp")) is ConnectionRefused


async def test_a_name_that_nobody_has(make_pool: MakePool) -> None:
    error = await failure(make_pool, "https://nobody.invalid/mcp")
    assert type(error) is UnknownHost and "name" in error.reason


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/mcp", "https://[::1]/mcp", "https://10.1.2.3/mcp", "https://2130706433/mcp"),
        *("http://127.0.0.1:3000/mcp", "http://localhost:3000/mcp", "http://10.1.2.3/mcp", "http://box.local/mcp"),
    ],
)
async def test_a_private_address(make_pool: MakePool, url: str) -> None:
    assert type(await failure(make_pool, url, allowed="")) is AddressNotAllowed


async def test_plain_http_to_a_host_that_is_not_allowed(make_pool: MakePool) -> None:
    error = await failure(make_pool, "http://mcp.example.com/mcp", allowed="")
    assert type(error) is InsecureAddress and "https" in error.reason


async def test_a_port_that_is_not_allowed(make_pool: MakePool) -> None:
    async def public(host: str, port: int) -> list[str]:
        return ["1.1.1.1"]

    pool = make_pool("", resolve=public)
    with pytest.raises(PortNotAllowed, match="port"):
        await pool.try_out(HttpSpec("https://mcp.example.com:8443/mcp"), {}, title="Notes")


async def test_a_host_that_is_no_mcp_server(make_pool: MakePool) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<h1>Welcome</h1>", content_type="text/html")

    async with host(page) as port:
        error = await failure(make_pool, f"http://127.0.0.1:{port}/")
    assert type(error) is WebPage and "log in" in error.reason


STATUSES = {
    401: TokenRefused,
    403: AccessForbidden,
    404: NothingThere,
    405: NotAnMcpServer,
    429: RateLimited,
    500: OutOfOrder,
    503: OutOfOrder,
    521: OutOfOrder,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
async def test_each_status_has_its_error(make_pool: MakePool, status: int, kind: type[ServerError]) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status, text="a secret of theirs")

    async with host(refuse) as port:
        error = await failure(make_pool, f"http://127.0.0.1:{port}/mcp", TOKEN)
    assert type(error) is kind and "secret of theirs" not in str(error)


@pytest.mark.parametrize(
    ("header", "cure"),
    [("30", "wait 30 seconds"), ("90", "wait 2 minutes"), ("soon", "a few minutes"), ("-5", "a few minutes")],
)
async def test_how_long_a_server_asks_to_be_left_alone_is_said(make_pool: MakePool, header: str, cure: str) -> None:
    async def busy(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"retry-after": header})

    async with host(busy) as port:
        error = await failure(make_pool, f"http://127.0.0.1:{port}/mcp", TOKEN)
    assert type(error) is RateLimited and cure in error.cure


async def test_an_error_of_the_servers_own_is_none_of_the_address(make_pool: MakePool) -> None:
    async def refuse(request: web.Request) -> web.Response:
        asked = await request.json()
        error = {"code": -32603, "message": f"the token {TOKEN} upsets me"}
        return web.json_response({"jsonrpc": "2.0", "id": asked.get("id"), "error": error})

    async with host(refuse) as port:
        assert type(await failure(make_pool, f"http://127.0.0.1:{port}/mcp", TOKEN)) is ErrorAnswered


async def test_a_redirect_to_elsewhere_is_not_followed(make_pool: MakePool, notes: Notes) -> None:
    async def away(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("https://me:word@mcp.example.com/mcp?key=hidden")

    async with host(away) as port:
        error = await failure(make_pool, f"http://127.0.0.1:{port}/mcp", TOKEN)
    assert type(error) is Redirected and error.reason.endswith("on to mcp.example.com")
    assert notes.seen == []


async def test_a_mute_server_is_too_slow(make_pool: MakePool) -> None:
    async with mute_host() as port:
        assert type(await failure(make_pool, f"http://127.0.0.1:{port}/mcp", connect_timeout=0.3)) is TooSlow


async def test_a_certificate_that_nobody_vouches_for(make_pool: MakePool, tmp_path: Path) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="{}")

    async with host(page, self_signed(tmp_path)) as port:
        error = await failure(make_pool, f"https://127.0.0.1:{port}/mcp")
    assert type(error) is BadCertificate and "self-signed" in error.reason


@pytest.mark.parametrize(
    ("name", "until", "told"), [("127.0.0.1", 2021, "expired"), ("10.1.1.1", 2120, "another host")]
)
async def test_what_is_wrong_with_a_certificate_is_said(
    make_pool: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, until: int, told: str
) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="{}")

    tls = self_signed(tmp_path, name, until)
    trusting = ssl.create_default_context(cafile=tmp_path / "host.pem")
    monkeypatch.setattr(guarded, "shared_ssl_context", lambda: trusting)
    async with host(page, tls) as port:
        error = await failure(make_pool, f"https://127.0.0.1:{port}/mcp")
    assert type(error) is BadCertificate and told in error.reason


async def test_a_server_without_tls_at_an_https_address(make_pool: MakePool) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="{}")

    async with host(page) as port:
        error = await failure(make_pool, f"https://127.0.0.1:{port}/mcp")
    assert type(error) is NoTls and "not over https" in error.reason


async def test_a_host_that_never_answers_the_handshake(make_pool: MakePool) -> None:
    async with mute_host() as port:
        assert type(await failure(make_pool, f"https://127.0.0.1:{port}/mcp", connect_timeout=0.3)) is TooSlow


async def test_an_answer_without_end_is_cut_off(make_pool: MakePool) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" " * 65536)

    async with host(endless) as port:
        assert type(await failure(make_pool, f"http://127.0.0.1:{port}/mcp")) is TooBig


@pytest.mark.parametrize("url", ["https://0177.0.0.1/mcp", "https://\N{CIRCLED LATIN SMALL LETTER L}ocalhost/mcp"])
async def test_an_address_that_nobody_can_have_is_no_fault_of_ours(
    make_pool: MakePool, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    assert type(await failure(make_pool, url)) is UnknownHost
    assert "could not be opened" not in caplog.text
