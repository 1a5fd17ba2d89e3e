"""The public conformance suite of the protocol, on Usher's own server: through its real door, bridge and tools."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from storage.database import Database
from tests.mcp_runtime.conformance.suite import all_well, verdicts_of_server
from tests.support.gemini import Scripted, gemini
from tests.support.ports import free_port
from tests.web.sidecar import running
from tests.web.test_api import Program, program

__all__ = ["gemini"]


BOTH = {"dns-rebinding-protection", "prompts-list", "resources-list", "server-sse-multiple-streams", "tools-list"}
PASSES = {
    "2025-11-25": BOTH | {"ping", "server-initialize", "server-session-lifecycle", "tools-call-error"},
    "2026-07-28": BOTH | {"caching", "http-header-validation", "sep-2164-resource-not-found", "tools-call-error"},
}
"""The others ask for tools, resources and prompts of the suite's own."""


@asynccontextmanager
async def front(caller: Program, port: int) -> AsyncIterator[None]:
    """Adds the token, which the suite has no way to send."""
    async with ClientSession(auto_decompress=False) as session:

        async def passed_on(request: web.Request) -> web.StreamResponse:
            headers = {**request.headers, "Authorization": f"Bearer {caller.token}"}
            async with session.request(
                request.method, f"{caller.house.url}/mcp", headers=headers, data=await request.read()
            ) as got:
                answer = web.StreamResponse(status=got.status, headers=got.headers)
                await answer.prepare(request)
                async for piece in got.content.iter_any():
                    await answer.write(piece)
                return answer

        app = web.Application()
        app.router.add_route("*", "/mcp", passed_on)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield
        finally:
            await runner.cleanup()


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("conformance")
@pytest.mark.parametrize("revision", PASSES)
async def test_all_that_needs_no_tools_of_the_suites_own_passes(
    sqlite_db: Database, gemini: Scripted, revision: str
) -> None:
    public = f"http://127.0.0.1:{(port := free_port())}"
    async with (
        running(sqlite_db, gemini, public_url=public) as house,
        front(await program(house, "mcp", "links:read"), port),
    ):
        found = await asyncio.to_thread(verdicts_of_server, f"{public}/mcp", revision)
    passed = {name.removeprefix("server-") for name, statuses in found.items() if all_well(statuses)}
    assert PASSES[revision] - passed == set()
