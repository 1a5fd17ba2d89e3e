"""A small MCP server with nothing to do, on every transport that a server may have."""

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvicorn
from mcp.server import MCPServer
from mcp.types import ToolAnnotations
from starlette.applications import Starlette
from starlette.routing import Mount

from benchmarks.processes import answering, plain_environment, running
from playground.children import Child
from playground.ports import free_port

MODULE = "benchmarks.mcp_members.echo"
PATHS = {"http_json": "/json/mcp", "http_sse": "/stream/mcp", "older_sse": "/older/sse"}
"""Where it answers with one body, where with a stream of events, and where over the two channels of the older kind."""


def server() -> MCPServer:
    made = MCPServer("echo", log_level="CRITICAL")

    @made.tool(annotations=ToolAnnotations(read_only_hint=True))
    def echo(text: str) -> str:
        """Say the same again."""
        return text

    return made


@asynccontextmanager
async def served(where: Path) -> AsyncIterator[str]:
    """In a process of its own, over HTTP; its origin, to which one of `PATHS` is added."""
    port = free_port()
    async with running("echo", where, *arguments(port)) as child:
        origin = f"http://127.0.0.1:{port}"
        await answering(child, origin, 404)
        yield origin


def process(where: Path, port: int) -> Child:
    """For whoever starts and ends it as it likes."""
    command = [sys.executable, "-m", *arguments(port)]
    return Child("echo", command, plain_environment(), where, where / "echo.log")


def arguments(port: int) -> tuple[str, ...]:
    return MODULE, "--port", str(port)


def over_http() -> Starlette:
    apart = {
        "/json": server().streamable_http_app(json_response=True),
        "/stream": server().streamable_http_app(),
        "/older": server().sse_app(),
    }

    @asynccontextmanager
    async def all_live(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in apart.values():
                await stack.enter_async_context(each.router.lifespan_context(each))
            yield

    return Starlette(routes=[Mount(path, app) for path, app in apart.items()], lifespan=all_live)


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    uvicorn.run(over_http(), host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
