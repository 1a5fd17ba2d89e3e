"""Each way in which a server can fail to be connected has its own error and sentence."""

from pathlib import Path

import pytest
from aiohttp import web

from mcp_runtime.errors import (
    AddressNotAllowed,
    AuthorizationNeeded,
    ConnectFailed,
    HostUnreachable,
    NotAnMcpServer,
    ServerError,
    TokenRefused,
    TooSlow,
)
from mcp_runtime.specs import HttpSpec
from tests.mcp_runtime.conftest import MakePool
from tests.mcp_runtime.servers import TOKEN, Notes, free_socket, host, mute_host, notes_server, port_of, self_signed


async def failure(
    make_pool: MakePool, url: str, secret: str | None = None, allowed: str = "127.0.0.1", **options: float
) -> ServerError:
    pool = make_pool(allowed, **options)
    with pytest.raises(ServerError) as told:
        await pool.try_out(HttpSpec(url), secret, title="Notes")
    await pool.close()
    assert told.value.server == "Notes"
    assert "127.0.0.1" not in str(told.value) and TOKEN not in str(told.value)
    return told.value


async def test_a_server_offers_its_tools(make_pool: MakePool, notes: Notes) -> None:
    offer = await make_pool(notes.host).try_out(HttpSpec(notes.url), TOKEN, title="Notes")
    assert [tool.name for tool in offer.tools] == ["list_notes", "add_note", "wait"]
    assert [tool.title for tool in offer.tools] == ["List notes", "Add note", "Wait"]
    assert offer.server == "notes"
    assert notes.seen[0]["authorization"] == f"Bearer {TOKEN}"


async def test_a_server_that_needs_no_token_gets_none(make_pool: MakePool) -> None:
    async with notes_server(token=None) as notes:
        await make_pool(notes.host).try_out(HttpSpec(notes.url), None, title="Notes")
        assert not any("authorization" in headers for headers in notes.seen)


async def test_a_wrong_token_is_refused(make_pool: MakePool, notes: Notes) -> None:
    error = await failure(make_pool, notes.url, "wrong")
    assert type(error) is TokenRefused and "token" in error.reason


async def test_no_token_where_one_is_wanted(make_pool: MakePool, notes: Notes) -> None:
    assert type(await failure(make_pool, notes.url)) is AuthorizationNeeded


async def test_a_dead_host(make_pool: MakePool) -> None:
    listener = free_socket()
    port = port_of(listener)
    listener.close()
    assert type(await failure(make_pool, f"http://127.0.0.1:{port}/mcp")) is HostUnreachable


async def test_a_name_that_nobody_has(make_pool: MakePool) -> None:
    error = await failure(make_pool, "https://nobody.invalid/mcp")
    assert type(error) is HostUnreachable and "name" in error.reason


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/mcp", "https://[::1]/mcp", "https://10.1.2.3/mcp", "https://2130706433/mcp"]
)
async def test_a_private_address(make_pool: MakePool, url: str) -> None:
    assert type(await failure(make_pool, url, allowed="")) is AddressNotAllowed


async def test_plain_http_to_a_host_that_is_not_allowed(make_pool: MakePool) -> None:
    error = await failure(make_pool, "http://mcp.example.com/mcp", allowed="")
    assert type(error) is AddressNotAllowed and "https" in error.reason


async def test_a_host_that_is_no_mcp_server(make_pool: MakePool) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<h1>Welcome</h1>", content_type="text/html")

    async with host(page) as port:
        assert type(await failure(make_pool, f"http://127.0.0.1:{port}/")) is NotAnMcpServer


STATUSES = {
    403: TokenRefused,
    404: NotAnMcpServer,
    405: NotAnMcpServer,
    429: ConnectFailed,
    500: ConnectFailed,
    503: ConnectFailed,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
async def test_each_status_has_its_error(make_pool: MakePool, status: int, kind: type[ServerError]) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status, text="a secret of theirs")

    async with host(refuse) as port:
        error = await failure(make_pool, f"http://127.0.0.1:{port}/mcp", TOKEN)
    assert type(error) is kind and "secret of theirs" not in str(error)


async def test_a_redirect_to_elsewhere_is_not_followed(make_pool: MakePool, notes: Notes) -> None:
    async def away(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(notes.url)

    async with host(away) as port:
        error = await failure(make_pool, f"http://127.0.0.1:{port}/mcp", TOKEN)
    assert type(error) is NotAnMcpServer and "another address" in error.reason
    assert notes.seen == []


async def test_a_mute_server_is_too_slow(make_pool: MakePool) -> None:
    async with mute_host() as port:
        assert type(await failure(make_pool, f"http://127.0.0.1:{port}/mcp", connect_timeout=0.3)) is TooSlow


async def test_a_certificate_that_nobody_vouches_for(make_pool: MakePool, tmp_path: Path) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="{}")

    async with host(page, self_signed(tmp_path)) as port:
        error = await failure(make_pool, f"https://127.0.0.1:{port}/mcp")
    assert type(error) is HostUnreachable and "certificate" in error.reason


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
        assert type(await failure(make_pool, f"http://127.0.0.1:{port}/mcp")) is NotAnMcpServer


@pytest.mark.parametrize("url", ["https://0177.0.0.1/mcp", "https://\N{CIRCLED LATIN SMALL LETTER L}ocalhost/mcp"])
async def test_an_address_that_nobody_can_have_is_no_fault_of_ours(
    make_pool: MakePool, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    assert type(await failure(make_pool, url)) is HostUnreachable
    assert "could not be opened" not in caplog.text
