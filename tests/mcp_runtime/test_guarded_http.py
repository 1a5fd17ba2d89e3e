"""The guarded client: what is checked is what is dialled."""

import ssl
import threading

import httpcore2
import httpx2
import pytest
from aiohttp import web

from mcp_runtime.addresses import PUBLIC, Reach, Refused
from mcp_runtime.transports import http as guarded
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.http import BodyRefused, guarded_client
from tests.faults.addresses import HOSTILE, resolve
from tests.mcp_runtime.servers import host
from tests.support.packed import bomb, peak


async def answers(request: web.Request) -> web.StreamResponse:
    if request.path == "/away":
        raise web.HTTPFound("http://127.0.0.1:1/")
    if request.path == "/packed":
        return web.Response(body=b"x", headers={"content-encoding": "gzip"})
    if request.path.startswith("/bomb/"):
        coding = request.path.removeprefix("/bomb/")
        headers = {"content-encoding": coding, "content-type": request.query.get("as", "application/json")}
        return web.Response(body=bomb("deflate" if coding == "deflate" else "gzip"), headers=headers)
    if request.path == "/stream":
        return web.Response(body=b"id: x\n\n" * 500, headers={"content-type": "text/event-stream"})
    if request.path == "/nearly":
        return web.Response(body=b"x" * 2000, headers={"content-type": "text/event-stream+json"})
    if request.path == "/large":
        return web.Response(body=b"x" * 2000)
    return web.json_response({"host": request.host, "encoding": request.headers.get("accept-encoding")})


async def test_a_name_is_resolved_once_and_that_address_is_dialled() -> None:
    asked: list[str] = []

    async def rebinding(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    async with host(answers) as port:
        reach = Reach.allowing(f"mcp.example:{port}")
        async with guarded_client(reach, Diagnosis(), headers={}, resolve=rebinding) as client:
            for _ in range(3):
                answer = await client.get(f"http://mcp.example:{port}/")
                assert answer.json() == {"host": f"mcp.example:{port}", "encoding": "identity"}
    assert asked == ["mcp.example"]


@pytest.mark.parametrize("url", HOSTILE, ids=ascii)
async def test_no_hostile_url_gets_as_far_as_a_socket_to_what_is_inside(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever uses the client, whatever a form has checked before, and though a server may name such a one itself."""

    async def dialled(_: object, address: str, *rest: object) -> None:
        assert address == "1.1.1.1"  # where an address with a name and a password in it really leads
        raise httpcore2.ConnectError("nobody is dialled here")

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", dialled)
    async with guarded_client(PUBLIC, Diagnosis(), headers={}, resolve=resolve) as client:
        with pytest.raises((httpx2.RequestError, httpx2.InvalidURL)):
            await client.get(url.format(port=8443))


async def test_authorities_are_read_once_and_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads, made = list[int](), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def read() -> ssl.SSLContext:
        threads.append(threading.get_ident())
        return made

    monkeypatch.setattr(guarded, "_CONTEXTS", [])
    monkeypatch.setattr(httpx2, "create_ssl_context", read)
    async with host(answers) as port:
        for _ in range(2):
            async with guarded_client(Reach.allowing("127.0.0.1"), Diagnosis(), headers={}) as client:
                assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 200
    assert len(threads) == 1 and threads[0] != threading.get_ident()


async def test_no_redirect_is_followed() -> None:
    async with host(answers) as port, guarded_client(Reach.allowing("127.0.0.1"), Diagnosis(), headers={}) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/away", follow_redirects=True)
        assert answer.status_code == 302


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with host(answers) as port, guarded_client(Reach.allowing("127.0.0.1"), Diagnosis(), headers={}) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 200


@pytest.mark.parametrize("path", ["packed", "large", "stream", "nearly"])
async def test_a_packed_or_large_body_is_refused(path: str) -> None:
    async with host(answers) as port:
        reach = Reach.allowing("127.0.0.1")
        async with guarded_client(reach, Diagnosis(), headers={}, max_body=1000) as client:
            with pytest.raises(BodyRefused):
                await client.get(f"http://127.0.0.1:{port}/{path}")


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity, gzip"])
async def test_a_small_answer_that_unpacks_to_200_mb_is_refused_unread(coding: str, kind: str) -> None:
    bomb(), bomb("deflate")
    async with host(answers) as port:
        reach = Reach.allowing("127.0.0.1")
        async with guarded_client(reach, Diagnosis(), headers={}) as client:
            with peak() as taken, pytest.raises(BodyRefused):
                await client.get(
                    f"http://127.0.0.1:{port}/bomb/{coding}", params={"as": kind}, headers={"accept": kind}
                )
    assert taken.bytes < 4 << 20


async def test_a_stream_that_was_asked_for_may_be_of_any_length() -> None:
    async with host(answers) as port:
        reach = Reach.allowing("127.0.0.1")
        async with guarded_client(reach, Diagnosis(), headers={}, max_body=1000) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/stream", headers={"accept": "text/event-stream"})
            assert len(answer.content) == 3500


async def test_the_clues_keep_what_the_sdk_does_not_pass_on() -> None:
    diagnosis = Diagnosis()
    async with host(answers) as port, guarded_client(Reach.allowing("127.0.0.1"), diagnosis, headers={}) as client:
        await client.get(f"http://127.0.0.1:{port}/away")
        assert [each.status for each in diagnosis.answers] == [302] and diagnosis.failure is None
        with pytest.raises(Refused):
            await client.get("http://10.0.0.1/")
        assert isinstance(diagnosis.failure, Refused)
