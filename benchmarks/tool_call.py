"""One call of a tool through the pool, with its policies and its usage row, beside the same call by the bare SDK."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from benchmarks.processes import answering, folder, plain_environment, running
from benchmarks.report import Measured, at, main, spread
from bot.agent.gemini import Gemini
from bot.services.connections import Connections
from bot.services.tickets import Tickets
from mcp_runtime.addresses import Reach
from mcp_runtime.programs import PROGRAMS, on_host
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.tools.policies import Permitted, Recorded
from mcp_runtime.tools.tools import ToolCall, Toolset
from playground.ports import free_port
from run_cards import CARDS
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from storage.migrate import migrate

MEMBER = Member("T1", "U1")
TOKEN = "notes-token-of-the-benchmark"
CALLS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "stdio": ("get_current_time", {"timezone": "UTC"}),
    "http": ("list_notes", {}),
}

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Usher:
    """``registry`` is all but the policies that ask the database: routing, bounds, session, result."""

    tools: Toolset
    settled: Act
    """Returns when the usage rows are written, which the answers do not wait for."""

    @property
    def registry(self) -> Toolset:
        recorded = self.tools._inner  # type: ignore[attr-defined]
        assert isinstance(recorded, Recorded) and isinstance(recorded.inner, Permitted)
        return recorded.inner.inner

    def call(self, tools: Toolset, own_name: str, arguments: dict[str, Any]) -> Act:
        name = next(tool.name for tool in tools.tools if tool.own_name == own_name)

        async def act() -> None:
            if (result := await tools.call(ToolCall("", name, arguments))).failed:
                raise RuntimeError(result.error)

        return act


async def measure(quick: bool) -> Measured:
    rounds, warm = (30, 5) if quick else (1000, 50)
    figures: dict[str, float] = {}
    baseline: dict[str, float] = {}
    ratio: dict[str, float] = {}
    with folder() as where:
        async with _notes(where) as url, _usher(where, url) as usher, _bare(url) as clients:
            for transport, (name, arguments) in CALLS.items():
                acts = {
                    "bare": _bare_call(clients[transport], name, arguments),
                    "registry": usher.call(usher.registry, name, arguments),
                    "usher": usher.call(usher.tools, name, arguments),
                }
                times = await _by_turns(acts, rounds, warm, usher.settled)
                _tell(transport, times, figures, baseline, ratio)
    bars = {f"{transport}_{name}_p50_ms": most for transport in CALLS for name, most in _MOST.items()}
    return Measured(figures, baseline, ratio, bars)


_MOST = {"over_bare": 2.0, "registry_over_bare": 0.2}


def _tell(
    transport: str,
    times: Mapping[str, list[float]],
    figures: dict[str, float],
    baseline: dict[str, float],
    ratio: dict[str, float],
) -> None:
    bare = at(0.5, times["bare"])
    baseline |= spread(f"{transport}_bare", times["bare"])
    for name in ("registry", "usher"):
        figures |= spread(f"{transport}_{name}", times[name])
        ratio[f"{transport}_{name}"] = at(0.5, times[name]) / bare
    figures[f"{transport}_over_bare_p50_ms"] = (at(0.5, times["usher"]) - bare) * 1000
    figures[f"{transport}_registry_over_bare_p50_ms"] = (at(0.5, times["registry"]) - bare) * 1000


async def _by_turns(acts: Mapping[str, Act], rounds: int, warm: int, settled: Act) -> dict[str, list[float]]:
    """One after the other, over and over, so that all meet the same weather, and none the leavings of another."""
    times: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(warm + rounds):
        for name, act in acts.items():
            begun = time.perf_counter()
            await act()
            times[name].append(time.perf_counter() - begun)
            await settled()
    return {name: each[warm:] for name, each in times.items()}


def _bare_call(client: Client, name: str, arguments: dict[str, Any]) -> Act:
    async def act() -> None:
        if (result := await client.call_tool(name, arguments)).is_error:
            raise RuntimeError(str(result.content))

    return act


@asynccontextmanager
async def _notes(where: Path) -> AsyncIterator[str]:
    port = free_port()
    env, options = plain_environment() | {"NOTES_TOKEN": TOKEN}, ("--port", str(port), "--file", str(where / "n.json"))
    async with running("notes", where, "playground.notes", *options, env=env) as child:
        url = f"http://127.0.0.1:{port}/mcp"
        await answering(child, url, 401)  # it lives, and knows nobody
        yield url


@asynccontextmanager
async def _usher(where: Path, notes: str) -> AsyncIterator[Usher]:
    """One member with both servers connected, as the services do it."""
    url = f"sqlite+aiosqlite:///{where / 'usher.db'}"
    await migrate(url)
    cards = {card.name: card for card in CARDS}
    async with AsyncExitStack() as stack:
        db = Database(url)
        stack.push_async_callback(db.close)
        bus = await stack.enter_async_context(open_bus(db))
        secrets = SecretStore(Vault([MasterKey(os.urandom(32))]))
        pool = Pool(db, secrets, reach=Reach.allowing("127.0.0.1"), sandbox=Sandbox(enabled=False))
        stack.push_async_callback(pool.close)
        model = Gemini("unused", "none", "none")
        stack.push_async_callback(model.close)
        connections = Connections(db, bus, pool, secrets, Tickets(db, None), CARDS, model)
        await connections.begin(MEMBER, cards["time"], {}, view=None)
        await connections.begin_with_secrets(MEMBER, cards["custom"], {"name": "Notes", "url": notes}, {"token": TOKEN})
        yield Usher(await pool.toolset(MEMBER), pool._recording.over)


@asynccontextmanager
async def _bare(url: str) -> AsyncIterator[dict[str, Client]]:
    """The SDK's own clients, as its documentation shows them; the same program and the same server."""
    program, *arguments = on_host(PROGRAMS["time"], {}, ()).command
    async with AsyncExitStack() as stack:
        entered = stack.enter_async_context
        http = await entered(httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}))
        over_http = streamable_http_client(url, http_client=http)
        yield {
            "stdio": await entered(Client(StdioServerParameters(command=program, args=arguments))),
            "http": await entered(Client(over_http)),
        }


if __name__ == "__main__":
    main("tool_call", __doc__, measure)
