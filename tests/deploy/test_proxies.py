"""nginx and Caddy with our samples before a real Usher: streams flow, inner pages stay inside, no secret is logged."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from playground.gemini import Break, Reply, text
from tests.deploy.conftest import tool
from tests.deploy.operated import Around, running
from tests.deploy.proxies import Proxy, caddy, nginx
from tests.support.accepting import accepting
from tests.support.ports import free_port
from tests.support.slack import DM, OWNER
from tests.web.caller import PAGE, Caller, frames, until
from tests.web.test_smuggling import AMBIGUOUS, answers

PROXIES = {"nginx": (nginx, "nginx-light"), "caddy": (caddy, "caddy")}
SOMEBODY = "127.0.9.9"
"""A caller of its own address, as far as the kernel is concerned."""


@pytest.fixture(params=PROXIES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def migrated(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "usher.db")


@asynccontextmanager
async def served(kind: str, around: Around, folder: Path) -> AsyncIterator[tuple[Proxy, Path]]:
    """Usher and the proxy before it; Usher's own log comes along."""
    start, package = PROXIES[kind]
    program, home = tool(kind, package), folder / "proxy"
    home.mkdir()
    async with start(program, home, around.port) as proxy:
        env = around.env(f"sqlite+aiosqlite:///{folder}/usher.db")
        env |= {"PUBLIC_BASE_URL": proxy.url, "TRUSTED_PROXIES": "127.0.0.1"}
        async with running(around, env, folder) as log:
            yield proxy, log


async def test_running_text_arrives_while_the_model_still_speaks_and_the_stream_goes_on(
    kind: str, around: Around, tmp_path: Path
) -> None:
    async with served(kind, around, tmp_path) as (proxy, _):
        around.model.script.append(Reply([[text("The first half")], Break.HOLD]))
        guest = await arrived(proxy, await around.make_link())
        async with guest.asking("GET", f"{guest.chat}events", timeout=_patient()) as response:
            stream = frames(response)
            await guest.say("hello")
            await until(stream, "delta")  # the model holds its breath, and so there is nothing to push this along
            await guest.ask("POST", f"{guest.chat}stop", json={})
            await until(stream, "status", state="stopped")
            await guest.ask("POST", f"{guest.chat}end", json={})
            await until(stream, "end", reason="guest")
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert "Content-Encoding" not in response.headers


async def test_what_the_proxy_and_usher_could_read_differently_hides_no_second_request(
    kind: str, around: Around, tmp_path: Path
) -> None:
    """A request that Usher sees is one that the proxy has seen and answered: no more stands in Usher's log."""
    async with served(kind, around, tmp_path) as (proxy, log):
        here, seen = proxy.url.rpartition("/")[2], 0
        for sent in AMBIGUOUS.values():
            told = await answers(proxy.url, re.sub("Host: (usher|hidden)", f"Host: {here}", sent))
            seen += sum(" 400 " not in each for each in told[1:])
        plain = f"GET /oauth/client.json HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n"
        assert len(await answers(proxy.url, plain)) == 1
    assert log.read_text().count("GET /oauth/client.json") == seen + 1


async def test_no_log_of_the_proxy_holds_a_secret_of_a_guest_or_a_ticket(
    kind: str, around: Around, tmp_path: Path
) -> None:
    async with served(kind, around, tmp_path) as (proxy, _):
        link = await around.make_link()
        guest = await arrived(proxy, link)
        secrets = [link.rpartition("/")[2], *guest.cookies.values()]
        await around.slack.command(OWNER, DM, "/mcp connect custom")
        form = await around.modal_with("Server URL")
        values = {"name": {"value": "Notes"}, "url": {"value": around.notes}}
        await around.slack.submit_view(OWNER, form["id"], values)
        ticket = await around.ticket_page()
        secrets += [ticket.rpartition("/")[2], "oauth-code-4711"]
        for path in (link, ticket, f"{proxy.url}/oauth/callback?code={secrets[-1]}&state={secrets[-1]}"):
            answers = [await guest.ask("GET", each, headers=PAGE | {"Referer": link}) for each in (path, f"{path}/x")]
            assert all(answer.status < 500 for answer in answers)
        await guest.ask("GET", f"{proxy.url}//temp-chat/{secrets[0]}")
        await guest.ask("GET", f"{proxy.url}/assets/none.js?{secrets[0]}", headers={"Authorization": secrets[0]})
    # Usher is gone, the proxy with it; what it had to say of requests that failed is in its log as well.
    logged = proxy.logged()
    assert "/temp-chat/-" in logged or '"/temp-chat/-"' in logged
    assert [secret[:3] for secret in secrets if secret in logged] == []


async def test_a_request_that_finds_no_usher_leaves_no_secret_in_the_log_either(kind: str, tmp_path: Path) -> None:
    start, package = PROXIES[kind]
    async with start(tool(kind, package), tmp_path, free_port()) as proxy:
        path = "/temp-chat/tc_" + "s" * 49
        answer = await Caller(proxy.url).ask("GET", path, headers={"Referer": proxy.url + path, "Cookie": path})
        assert answer.status in (502, 503)
        answer = await Caller(proxy.url).ask("GET", "/" + "x" * 40_000)  # longer than nginx takes
        assert answer.status in (414, 502, 503)
    logged = proxy.logged()
    assert "502" in logged or "503" in logged
    assert "sssss" not in logged and "xxxxx" not in logged


INSIDE = ("/metrics", "/readyz", "/%6detrics", "//metrics", "/./readyz", "/x/../metrics", "/metrics?a=1", "/metrics/")


@pytest.mark.parametrize("raw", [pytest.param(raw, id=raw) for raw in INSIDE])
async def test_pages_for_those_inside_are_not_to_be_had_from_outside(raw: str, inside: tuple[Proxy, str]) -> None:
    proxy, name = inside
    answered = await raw_answer(proxy.port, raw)
    assert answered.startswith(("HTTP/1.1 404", "HTTP/1.1 308", "HTTP/1.1 301", "HTTP/1.1 400")), name
    assert "usher_" not in answered and "database" not in answered


@pytest.fixture(params=PROXIES)
async def inside(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Proxy, str]]:
    """Behind it somebody answers everything as Usher would `/metrics`, by any name."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\nConnection: close\r\n\r\nusher_turns database\n")
        writer.close()

    start, package = PROXIES[request.param]
    async with accepting(answer) as port, start(tool(request.param, package), tmp_path, port) as proxy:
        assert "usher_turns" in await raw_answer(proxy.port, "/healthz")
        yield proxy, request.param


async def raw_answer(port: int, path: str) -> str:
    """As somebody would ask who has read about this: no client tidies the path up before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    answered = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return answered


async def test_usher_sees_the_callers_own_address_whatever_the_caller_claims(
    kind: str, around: Around, tmp_path: Path
) -> None:
    async with served(kind, around, tmp_path) as (proxy, log):
        connector = aiohttp.TCPConnector(local_addr=(SOMEBODY, 0))
        async with aiohttp.ClientSession(connector=connector) as somebody:
            claimed = {"X-Forwarded-For": "203.0.113.7, 127.0.0.1"}
            async with somebody.get(f"{proxy.url}/notices", headers=claimed) as answer:
                assert answer.status == 200
    [line] = [line for line in log.read_text().splitlines() if "GET /notices" in line]
    assert line.endswith("from=127.0.9.0")


async def arrived(proxy: Proxy, link: str) -> Caller:
    assert link.startswith(proxy.url)
    guest = Caller(proxy.url)
    answer = await guest.start(link)
    assert answer.status == 201, answer.text
    return guest


def _patient() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=60)
