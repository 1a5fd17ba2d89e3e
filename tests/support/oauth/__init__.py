"""A real authorization server over HTTP (the SDK's), a real MCP server that it protects, and somebody who agrees."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import uvicorn

from tests.support.oauth.asgi import App
from tests.support.oauth.lab import Lab, issuer
from tests.support.oauth.servers import authorization_server, protected

__all__ = ["Lab", "agree", "issuer", "open_lab"]


@asynccontextmanager
async def serving(app: App, listening: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task


def _listening() -> tuple[socket.socket, str]:
    # With protocol 0 asyncio sets no TCP_NODELAY, and each call would take 45 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def open_lab(dialect: Callable[[Lab, App], App] | None = None, **options: Any) -> AsyncIterator[Lab]:
    """``dialect`` is how the authorization server puts things, where that is not how the SDK does."""
    lab = Lab(**options)
    at_sign_in, lab.origin = _listening()
    at_server, origin = _listening()
    lab.url = f"{origin}/mcp"
    with at_sign_in, at_server:
        inner = authorization_server(lab)
        signing_in = dialect(lab, inner) if dialect else inner
        async with serving(signing_in, at_sign_in), serving(protected(lab), at_server):
            yield lab


async def agree(url: str) -> httpx2.URL:
    """Go there as a browser would, and say yes: the address that one is sent back to."""
    async with httpx2.AsyncClient() as http:
        answer = await http.get(url)
    location = answer.headers["location"]
    assert urlsplit(location).query, answer.text
    return httpx2.URL(location)
