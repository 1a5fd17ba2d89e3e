"""The proxy of a sandbox: which hosts are reached through it, and what the program is told."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mcp_runtime.addresses import PUBLIC as PUBLIC_ONLY
from mcp_runtime.addresses import system_resolve
from mcp_runtime.sandbox.network import way_out as way_out_
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.sandbox.network.way_out import Verdict, WayOut
from tests.mcp_runtime.sandbox.far import OURS, PUBLIC, REACH, resolve, web_server
from tests.support.ports import free_port

SOON = 60.0
HOSTS = ("*.good.test", "GOOD.test")


class Proxy:
    def __init__(self, port: int, verdicts: list[Verdict]) -> None:
        self.port = port
        self.verdicts = verdicts

    async def send(self, request: str | bytes) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request if isinstance(request, bytes) else request.replace("\n", "\r\n").encode())
        async with asyncio.timeout(SOON):
            answer = (await reader.read()).decode()
        writer.close()
        return answer

    async def get(self, url: str) -> str:
        return await self.send(f"GET {url} HTTP/1.1\nHost: elsewhere.test\nProxy-Authorization: x\nX-Kept: 1\n\n")


@asynccontextmanager
async def proxy_for(*hosts: str, look_up: Callable[[str, int], Awaitable[list[str]]] = resolve) -> AsyncIterator[Proxy]:
    """As the launcher hands it over, but with a listener of this process."""
    verdicts: list[Verdict] = []
    ours, theirs = socket.socketpair()
    with theirs, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        socket.send_fds(theirs, [b"listeners"], [listener.fileno()])
        serving = asyncio.create_task(WayOut(Destinations.of(hosts), REACH, look_up, verdicts.append).serve(ours))
        try:
            assert await asyncio.get_running_loop().run_in_executor(None, theirs.recv, 1) == b"k"
            yield Proxy(port, verdicts)
        finally:
            serving.cancel()
            await asyncio.wait({serving})


@pytest.fixture
async def far() -> AsyncIterator[int]:
    async with web_server(PUBLIC) as port:
        yield port


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    async with proxy_for(*HOSTS) as proxy:
        yield proxy


async def test_a_request_to_a_listed_host_arrives_as_its_server_expects_it(proxy: Proxy, far: int) -> None:
    answer = await proxy.get(f"http://API.good.test.:{far}/path?q=1#part")
    assert answer.startswith("HTTP/1.1 200 OK")
    assert f"GET /path?q=1 HTTP/1.1\r\nHost: api.good.test:{far}\r\n" in answer
    assert "X-Kept: 1" in answer and "Proxy-Authorization" not in answer and "elsewhere.test" not in answer
    assert proxy.verdicts == [Verdict("api.good.test", far)]


async def test_a_tunnel_carries_bytes_both_ways(proxy: Proxy, far: int) -> None:
    connect = f"CONNECT api.good.test:{far} HTTP/1.1\nHost: x\n\n"
    answer = await proxy.send(f"{connect}GET /inside HTTP/1.1\n\n")
    assert answer.startswith("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK") and "GET /inside" in answer


@pytest.mark.parametrize(
    "host",
    ["evil.test", "good.test.evil.test", "notgood.test", "private.good.test", "metadata.good.test", "mixed.good.test",
     "ours.good.test", "127.0.0.1", "[::1]", "2130706433", "api.good.test@evil.test"],
)  # fmt: skip
async def test_no_other_host_is_reached(proxy: Proxy, host: str) -> None:
    async with web_server(OURS) as ours:
        for request in (f"GET http://{host}:{ours}/ HTTP/1.1\n\n", f"CONNECT {host}:{ours} HTTP/1.1\n\n"):
            assert (await proxy.send(request)).startswith(("HTTP/1.1 403", "HTTP/1.1 400"))
    assert all(verdict.refusal for verdict in proxy.verdicts)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"])
async def test_every_public_host_means_no_host_of_ours_however_it_is_written(host: str, far: int) -> None:
    async with web_server(OURS) as ours, proxy_for("*", look_up=system_resolve) as proxy:
        assert not (await proxy.get(f"http://{host}:{ours}/")).startswith("HTTP/1.1 200")
        assert (await proxy.get(f"http://{PUBLIC}:{far}/")).startswith("HTTP/1.1 200")


async def test_a_host_is_looked_up_once_and_dialled_where_that_led(far: int) -> None:
    answers = [[PUBLIC], [OURS], [OURS]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async with proxy_for(*HOSTS, look_up=rebinding) as proxy:
        assert (await proxy.get(f"http://api.good.test:{far}/")).startswith("HTTP/1.1 200")
        assert len(answers) == 2
        assert (await proxy.get(f"http://api.good.test:{far}/")).startswith("HTTP/1.1 403")


async def test_a_name_that_is_on_no_list_is_not_even_looked_up() -> None:
    """Who resolves any name lets a program send its secrets out as names."""
    asked: list[str] = []

    async def noting(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    async with proxy_for(*HOSTS, look_up=noting) as proxy:
        assert (await proxy.send("CONNECT hunter2.evil.test:443 HTTP/1.1\n\n")).startswith("HTTP/1.1 403")
    assert asked == []


async def test_a_refusal_does_not_tell_the_server_what_the_name_resolved_to(proxy: Proxy) -> None:
    answer = await proxy.get("http://metadata.good.test:443/latest")
    assert answer.startswith("HTTP/1.1 403") and "169.254" not in answer
    assert "private" in (proxy.verdicts[0].refusal or "")


async def test_a_port_that_is_not_for_the_web_is_refused(proxy: Proxy) -> None:
    assert (await proxy.send("CONNECT mail.good.test:25 HTTP/1.1\n\n")).startswith("HTTP/1.1 403")
    assert proxy.verdicts[0].port == 25 and "port" in (proxy.verdicts[0].refusal or "")


async def test_a_list_may_name_the_port_as_well(far: int) -> None:
    async with web_server(PUBLIC) as other, proxy_for(f"api.good.test:{far}") as proxy:
        assert (await proxy.get(f"http://api.good.test:{far}/")).startswith("HTTP/1.1 200")
        assert (await proxy.get(f"http://api.good.test:{other}/")).startswith("HTTP/1.1 403")


async def test_a_host_that_does_not_answer_is_told_apart_from_a_forbidden_one(proxy: Proxy) -> None:
    assert (await proxy.get("http://nowhere.good.test/")).startswith("HTTP/1.1 502")


@pytest.mark.parametrize(
    "request_",
    [b"\r\n\r\n", b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET http:///x HTTP/1.1\r\n\r\n", b"\xff\xfe\r\n\r\n",
     b"GET ftp://api.good.test/ HTTP/1.1\r\n\r\n", b"CONNECT api.good.test:x HTTP/1.1\r\n\r\n",
     b"GET http://api.good.test/ HTTP/1.1\r\nX: 1\nHost: evil.test\r\n\r\n", b"GET http://api.good.test/ SIP/1\r\n\r\n",
     b"GET http://[::1/ HTTP/1.1\r\n\r\n", b"GET http://api.good.test:99999/ HTTP/1.1\r\n\r\n",
     b"GET http://api.good.test/ HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_proxy_request_is_refused(proxy: Proxy, request_: bytes) -> None:
    assert (await proxy.send(request_)).startswith("HTTP/1.1 400")
    assert proxy.verdicts == []


async def test_a_head_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_out_, "HEAD_WITHIN", 0.05)
    async with proxy_for(*HOSTS) as proxy:
        assert not (await proxy.send("GET http://api.good.test/ HTTP/1.1\n")).startswith("HTTP/1.1 200")


async def test_connections_are_counted_so_that_a_program_cannot_use_up_our_descriptors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(way_out_, "AT_ONCE", 3)
    async with proxy_for(*HOSTS) as proxy:
        held = [await asyncio.open_connection("127.0.0.1", proxy.port) for _ in range(3)]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        try:
            async with asyncio.timeout(SOON):
                assert await reader.read() == b""
            assert not any(each.at_eof() for each, _ in held)
        finally:
            for _, each in (*held, (reader, writer)):
                each.close()


async def test_a_sandbox_that_ends_before_its_way_out_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(OSError, match="ended before"):
        await WayOut(Destinations.of(["*"]), PUBLIC_ONLY, resolve).serve(ours)


@pytest.mark.parametrize("turns", range(8))
async def test_whoever_is_cut_off_while_it_is_begun_keeps_no_listener(turns: int) -> None:
    ours, theirs = socket.socketpair()
    allowed = Destinations.of(["*", "tcp://one.test:8100", "tcp://two.test:8200"])
    listeners = [socket.create_server(("127.0.0.1", free_port())) for _ in range(3)]
    ports = [each.getsockname()[1] for each in listeners]
    socket.send_fds(theirs, [b"listeners"], [each.fileno() for each in listeners])
    for each in (*listeners, theirs):
        each.close() if each is not theirs or turns % 2 else None
    serving = asyncio.create_task(WayOut(allowed, PUBLIC_ONLY, resolve).serve(ours))
    for _ in range(turns + 2):
        await asyncio.sleep(0)
    serving.cancel()
    await asyncio.wait({serving})
    theirs.close()
    ours.close()
    for port in ports:
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.parametrize(
    "entry",
    ["", "a b", "http://x.test", "*.", "x.*.test", "x.test:0", "x.test:70000", "x.test:¹", "tcp://db.test",
     "tcp://db.test:80", "tcp://", "x" * 64 + ".test", "a\nb", "*:443:1", "-x.test", "x..test"],
)  # fmt: skip
def test_what_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError):
        Destinations.of([entry])


def test_a_list_of_hosts_has_an_end() -> None:
    with pytest.raises(ValueError, match="more than"):
        Destinations.of(f"{number}.test" for number in range(40))


@pytest.mark.parametrize("turns", range(1, 8))
async def test_one_that_is_cut_off_while_it_begins_listens_no_more(turns: int) -> None:
    ours, theirs = socket.socketpair()
    with theirs, socket.create_server(("127.0.0.1", free_port())) as listener:
        address = listener.getsockname()
        socket.send_fds(theirs, [b"listeners"], [listener.fileno()])
        serving = asyncio.create_task(WayOut(Destinations.of(HOSTS), REACH, resolve).serve(ours))
        for _ in range(turns):
            await asyncio.sleep(0)
        serving.cancel()
        await asyncio.wait({serving})
    with pytest.raises(OSError):
        await asyncio.open_connection(*address)
