"""A sandboxed program, its one way out, and a real MCP session through both."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mcp_runtime.addresses import PUBLIC as PUBLIC_ONLY
from mcp_runtime.addresses import Reach
from mcp_runtime.errors import ProgramFailed
from mcp_runtime.programs import PROGRAMS, Program
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.launches import Asked
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.sandbox.network.listeners import hosts_file, listen, name_inside
from mcp_runtime.sandbox.network.way_out import Verdict, WayOut
from mcp_runtime.specs import StdioSpec, as_json, from_json
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.sandbox.far import OURS, PUBLIC, REACH, resolve, web_server
from tests.mcp_runtime.sandbox.inside import OPEN_FILES, told
from tests.mcp_runtime.servers import scripted

DIAL = """
import urllib.request

def get(url):
    try: return urllib.request.urlopen(url, timeout=60).status
    except urllib.error.HTTPError as error: return error.code

def dial(*address):
    try: socket.create_connection(address, 60)
    except OSError as error: return errno.errorcode.get(error.errno, type(error).__name__)
    return "connected"

def ask(*address):
    with socket.create_connection(address, 60) as it:
        try:
            it.sendall(b"hello\\n")
            return it.makefile().readline().strip()
        except (ConnectionResetError, BrokenPipeError): return "closed"

"""


@pytest.fixture(autouse=True)
async def works(sandbox: Sandbox) -> None:
    """All of this needs a sandbox that works here."""


def to(*hosts: str, verdicts: list[Verdict] | None = None, reach: Reach = REACH) -> Asked:
    noted = verdicts if verdicts is not None else []
    return Asked(
        destinations=Destinations.of(hosts), way_out=lambda allowed: WayOut(allowed, reach, resolve, noted.append)
    )


@pytest.fixture
async def far() -> AsyncIterator[int]:
    async with web_server(PUBLIC) as port:
        yield port


async def test_a_program_reaches_its_hosts_through_the_proxy_and_nothing_else(far: int) -> None:
    verdicts: list[Verdict] = []
    async with web_server(OURS) as ours:
        pages, hosts, files = await told(
            f"""{DIAL}
urls = ("http://api.good.test:{far}/", "http://evil.test:{far}/", "http://metadata.good.test/", "http://127.0.0.1:{ours}/")
pages = [get(url) for url in urls]
hosts = [dial("127.0.0.1", {ours}), dial("1.1.1.1", 443), dial("10.0.0.1", 80), dial("169.254.169.254", 80)]
names = [dial("api.good.test", {far}), dial("example.org", 443)]
print(json.dumps([pages, hosts + names, {OPEN_FILES}]))
""",
            to("*.good.test", verdicts=verdicts),
        )
    assert pages == [200, 403, 403, 403]
    # The first is its own loopback. It has no resolver but the proxy's, so no name can carry anything out.
    assert hosts[:4] == ["ECONNREFUSED", "ENETUNREACH", "ENETUNREACH", "ENETUNREACH"]
    assert not {"connected"} & set(hosts)
    assert all(name.startswith("pipe:") for name in files)  # neither a listener nor the control socket
    assert [verdict.host for verdict in verdicts] == ["api.good.test", "evil.test", "metadata.good.test", OURS]


async def test_a_pass_leads_to_one_host_and_port_under_its_own_name() -> None:
    async with web_server(PUBLIC, speaks_http=False) as port, web_server(PUBLIC, speaks_http=False) as other:
        tried = f"ask('api.good.test', {port}), dial('api.good.test', {other}), dict(os.environ)"
        seen = await told(f"{DIAL}\nprint(json.dumps([{tried}]))", to(f"tcp://API.good.test:{port}"))
    assert seen[:2] == ["HELLO", "ECONNREFUSED"]
    assert "HTTPS_PROXY" not in seen[2]


async def test_two_hosts_may_have_the_same_port() -> None:
    async with web_server(PUBLIC, speaks_http=False) as port:
        asked = to(f"tcp://api.good.test:{port}", f"tcp://evil.test:{port}", f"tcp://{PUBLIC}:{port}", "api.good.test")
        names = ("api.good.test", "evil.test", PUBLIC)
        answers = await told(f"{DIAL}\nprint(json.dumps([ask(name, {port}) for name in {names!r}]))", asked)
    assert answers == ["HELLO"] * 3


@pytest.mark.parametrize("host", ["private.good.test", "metadata.good.test", "mixed.good.test", "ours.good.test"])
async def test_a_pass_to_an_address_of_ours_is_closed_at_once(host: str) -> None:
    verdicts: list[Verdict] = []
    async with web_server(OURS, speaks_http=False) as port:
        source = f"{DIAL}\nprint(json.dumps(ask({host!r}, {port})))"
        assert await told(source, to(f"tcp://{host}:{port}", verdicts=verdicts)) in ("", "closed")
    assert [verdict.host for verdict in verdicts] == [host] and verdicts[0].refusal


async def test_a_database_may_have_a_port_of_its_own_but_no_private_address() -> None:
    """Its member has chosen both; only an operator can allow an address of ours."""
    PUBLIC_ONLY.check_addresses("db.test", 5432, ["8.8.8.8"], any_port=True)
    async with web_server(OURS, speaks_http=False) as port:
        source = f"{DIAL}\nprint(json.dumps(ask('127.0.0.1', {port})))"
        place = f"tcp://127.0.0.1:{port}"
        assert await told(source, to(place, reach=PUBLIC_ONLY)) in ("", "closed")
        assert await told(source, to(place, reach=Reach.allowing(f"127.0.0.1:{port}"))) == "HELLO"


async def test_a_program_without_network_has_not_even_such_a_socket() -> None:
    assert await told(f"{DIAL}\nprint(json.dumps(dial('127.0.0.1', 3128)))") == "EAFNOSUPPORT"


async def test_a_program_that_never_starts_is_an_error_and_not_a_wait(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    programs: dict[str, Program] = PROGRAMS  # type: ignore[assignment]
    monkeypatch.setitem(programs, "gone", Program(("no-such-program",)))
    async with asyncio.timeout(60):
        with pytest.raises(ProgramFailed):
            await make_pool(sandbox=sandbox).try_out(StdioSpec("gone", network=("*",)), {}, title="Gone")


async def test_a_server_with_a_way_out_is_an_mcp_server_like_any_other(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    programs: dict[str, Program] = PROGRAMS  # type: ignore[assignment]
    monkeypatch.setitem(programs, "scripted", scripted())
    pool = make_pool(sandbox=sandbox)
    await connect(pool, StdioSpec("scripted", network=("api.good.test", "tcp://db.test:5432")))
    assert [tool.own_name for tool in (await pool.toolset(MEMBER)).tools] == ["echo"]


def test_what_a_spec_names_survives_being_stored() -> None:
    spec = StdioSpec("git", ("--repository", "/srv/folders/code"), network=("*.x.test",), folders=("code",))
    assert from_json(as_json(spec)) == spec
    older = {"transport": "stdio", "program": "time", "arguments": [], "secret_variable": ""}
    assert from_json(older) == StdioSpec("time")


def test_names_inside_lead_to_the_listeners() -> None:
    there = Destinations.of(["tcp://db.test:5432", "tcp://10.0.0.5:6379", "tcp://localhost:7000", "tcp://[::1]:7001"])
    assert listen(there) == ("127.0.1.1:5432", "127.0.1.2:6379", "127.0.0.1:7000", "::1:7001")
    assert "127.0.1.2 address-10-0-0-5\n" in hosts_file(there)
    assert [name_inside(host) for host in ("DB.test.", "10.0.0.5", "[::1]")] == ["db.test", "address-10-0-0-5", "::1"]
