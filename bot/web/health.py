"""For whoever runs Usher: does it live, may it be sent traffic, what is it doing, is it the one that was meant."""

import asyncio
from collections.abc import Mapping
from importlib.metadata import version

from aiohttp import web

from bot.web.edge import answers, callers, headers
from bot.web.edge.context import CROWD, ROOMS, SERVICES, SITE, STOPPING, LoopSeen

_HELP = {
    "usher_build_info": "The version that runs.",
    "usher_connections_open": "Connections that are open.",
    "usher_connections_refused_total": "Connections that were closed at once: too many of one network, or of all.",
    "usher_loop_lag_seconds": "How late the event loop ran in the last minute.",
    "usher_loop_stalls_total": "Times that it stood still for longer than a quarter of a second.",
    "usher_streams_open": "Event streams and polls that guests hold open.",
    "usher_tasks": "Tasks of the event loop.",
    "usher_turns": "Turns by status.",
}
UNNAMED_PROXY = "X-Usher-Proxy"
"""To the doctor: who passed its question on without having been named in TRUSTED_PROXIES."""
_COUNTED_WITHIN = 1.5
"""Seconds: whoever collects figures is told that the database is away, and not made to wait for it."""
_HELD_BACK = 2.0
"""Seconds before the second half of the doctor's answer: through a proxy that buffers both come at once."""


async def lives(request: web.Request) -> web.Response:
    return answers.answer(request, {"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """Each part by name: "ok", or what is wrong with it."""
    parts = await request.app[SERVICES].ready()
    if request.app[STOPPING].is_set():
        parts |= {"server": "stopping"}
    well = all(state == "ok" or state.startswith("ok, ") for state in parts.values())
    return answers.answer(request, {"status": "ok" if well else "unavailable", "parts": parts}, 200 if well else 503)


async def doctor(request: web.Request) -> web.StreamResponse:
    """Shows `usher doctor` that it reached this very Usher, and whether what is streamed arrives as it is sent."""
    sign = request.app[SERVICES].sign(request.query.get("nonce", ""), request.query.get("question", ""))
    if sign is None:
        return answers.dead(request)
    response = web.StreamResponse(headers=headers.stream(request.app[SITE].https))
    if peer := callers.unnamed_proxy(request, request.app[SITE].proxies):
        response.headers[UNNAMED_PROXY] = peer
    await response.prepare(request)
    await response.write(f"data: {sign}\n\n".encode())
    try:
        async with asyncio.timeout(_HELD_BACK):
            await request.app[STOPPING].wait()
    except TimeoutError:
        await response.write(b"data: end\n\n")
    return response


async def metrics(request: web.Request) -> web.Response:
    turns = await _turns(request)
    lines = _gauge("usher_build_info", {f'{{version="{version("usher")}"}}': 1})
    lines += _of_loop(request.app[SERVICES].loop)
    lines += _gauge("usher_connections_open", {"": request.app[CROWD].open})
    lines += _told("usher_connections_refused_total", "counter", {"": request.app[CROWD].refused})
    lines += _gauge("usher_streams_open", {"": request.app[ROOMS].watching})
    lines += _gauge("usher_tasks", {"": len(asyncio.all_tasks())})
    lines += _gauge("usher_turns", {f'{{status="{status}"}}': count for status, count in turns.items()})
    return answers.plain(request, "\n".join(lines) + "\n", "text/plain; version=0.0.4; charset=utf-8")


async def _turns(request: web.Request) -> dict[str, int]:
    async with asyncio.timeout(_COUNTED_WITHIN), request.app[SERVICES].db.read() as tables:
        return await tables.turns.unended()


def _of_loop(seen: LoopSeen | None) -> list[str]:
    if seen is None:
        return []
    lag = {f'{{quantile="{each}"}}': round(late, 4) for each, late in seen.lag().items()}
    stalls = _told("usher_loop_stalls_total", "counter", {"": seen.stalls})
    return _gauge("usher_loop_lag_seconds", lag) + stalls


def _gauge(name: str, values: Mapping[str, float]) -> list[str]:
    return _told(name, "gauge", values)


def _told(name: str, kind: str, values: Mapping[str, float]) -> list[str]:
    head = [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} {kind}"]
    return head + [f"{name}{labels} {value}" for labels, value in values.items()]
