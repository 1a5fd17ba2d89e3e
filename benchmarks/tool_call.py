"""One call of a tool through the pool, with its policies and its usage row, beside the same call by the bare SDK."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client

from benchmarks.mcp_members.echo import PATHS, served
from benchmarks.mcp_members.usher import CARD, MEMBER, usher
from benchmarks.parts.cost import NOTHING, Cost, here
from benchmarks.parts.report import Measured, at, main, spread
from benchmarks.processes import folder
from mcp_runtime.programs import PROGRAMS, on_host
from mcp_runtime.tools.policies import Permitted, Recorded
from mcp_runtime.tools.tools import ToolCall, Toolset
from storage.repositories.mcp.standing import ForAgent

HTTP = ("http_json", "http_sse", "older_sse")
CALLS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "stdio": ("get_current_time", {"timezone": "UTC"}),
    **{transport: ("echo", {"text": "hello"}) for transport in HTTP},
}

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Calls:
    """``registry`` is all but the policies that ask the database: routing, bounds, session, result."""

    tools: Toolset
    settled: Act
    """Returns when the usage rows are written, which the answers do not wait for."""

    @property
    def registry(self) -> Toolset:
        recorded = self.tools._inner  # type: ignore[attr-defined]
        assert isinstance(recorded, Recorded) and isinstance(recorded.inner, Permitted)
        return recorded.inner.inner

    def call(self, tools: Toolset, transport: str) -> Act:
        own_name, arguments = CALLS[transport]
        server = "Time" if transport == "stdio" else transport
        name = next(each.name for each in tools.tools if (each.server, each.own_name) == (server, own_name))

        async def act() -> None:
            if (result := await tools.call(ToolCall("", name, arguments))).failed:
                raise RuntimeError(result.error)

        return act


async def measure(quick: bool) -> Measured:
    rounds, warm = (5, 1) if quick else (1000, 50)
    figures: dict[str, float] = {}
    baseline: dict[str, float] = {}
    ratio: dict[str, float] = {}
    with folder() as where:
        async with served(where) as origin, _usher(where, origin) as ours, _bare(origin) as clients:
            for transport in CALLS:
                acts = {
                    "bare": _bare_call(clients[transport], *CALLS[transport]),
                    "registry": ours.call(ours.registry, transport),
                    "usher": ours.call(ours.tools, transport),
                }
                times, costs = await _by_turns(acts, rounds, warm, ours.settled)
                _tell(transport, times, figures, baseline, ratio)
                figures |= costs["usher"].each(f"{transport}_usher", rounds)
                baseline[f"{transport}_bare_cpu_ms"] = costs["bare"].cpu / rounds * 1000
    bars = {f"{transport}_{name}_p50_ms": most for transport in CALLS for name, most in _MOST.items()}
    return Measured(figures, baseline, ratio, bars)


_MOST = {"over_bare": 1.5, "registry_over_bare": 0.2}


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


async def _by_turns(
    acts: Mapping[str, Act], rounds: int, warm: int, settled: Act
) -> tuple[dict[str, list[float]], dict[str, Cost]]:
    """One after the other, over and over, so that all meet the same weather, and none the leavings of another.

    Each costs what its usage row costs too.
    """
    times: dict[str, list[float]] = {name: [] for name in acts}
    costs = dict.fromkeys(acts, NOTHING)
    with here() as cost:
        for number in range(warm + rounds):
            for name, act in acts.items():
                before, begun = cost(), time.perf_counter()
                await act()
                times[name].append(time.perf_counter() - begun)
                await settled()
                costs[name] += cost() - before if number >= warm else NOTHING
    return {name: each[warm:] for name, each in times.items()}, costs


def _bare_call(client: Client, name: str, arguments: dict[str, Any]) -> Act:
    async def act() -> None:
        if (result := await client.call_tool(name, arguments)).is_error:
            raise RuntimeError(str(result.content))

    return act


@asynccontextmanager
async def _usher(where: Path, origin: str) -> AsyncIterator[Calls]:
    """One member with all servers connected, as the services do it."""
    async with usher(where) as ours:
        await ours.connections.begin(MEMBER, CARD["time"], {})
        for transport in HTTP:
            values = {"name": transport, "url": origin + PATHS[transport]}
            await ours.connections.begin(MEMBER, CARD["custom"], values)
        yield Calls(await ours.pool.toolset(MEMBER, agent=ForAgent()), ours.pool._recording.over)


@asynccontextmanager
async def _bare(origin: str) -> AsyncIterator[dict[str, Client]]:
    """The SDK's own clients, as its documentation shows them; the same program and the same server."""
    clock = on_host(PROGRAMS["time"], {}, ())
    program, *arguments = clock.command
    async with AsyncExitStack() as stack:
        entered = stack.enter_async_context
        over_stdio = StdioServerParameters(command=program, args=arguments, env=dict(clock.env))
        clients = {"stdio": await entered(Client(over_stdio))}
        for each in HTTP:
            url = origin + PATHS[each]
            clients[each] = await entered(Client(sse_client(url) if each == "older_sse" else url))
        yield clients


if __name__ == "__main__":
    main("tool_call", __doc__, measure)
