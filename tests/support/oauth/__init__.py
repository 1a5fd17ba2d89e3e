"""A real authorization server over HTTP (the SDK's), a real MCP server that it protects, and somebody who agrees."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.support.oauth.asgi import App
from tests.support.oauth.lab import Lab, issuer
from tests.support.oauth.servers import authorization_server, protected
from tests.support.served import asgi, free_socket, port_of

__all__ = ["Lab", "agree", "issuer", "open_lab"]


@asynccontextmanager
async def open_lab(dialect: Callable[[Lab, App], App] | None = None, **options: Any) -> AsyncIterator[Lab]:
    """``dialect`` is how the authorization server puts things, where that is not how the SDK does."""
    lab = Lab(**options)
    at_sign_in, at_server = free_socket(), free_socket()
    lab.origin = f"http://127.0.0.1:{port_of(at_sign_in)}"
    lab.url = f"http://127.0.0.1:{port_of(at_server)}/mcp"
    inner = authorization_server(lab)
    signing_in = dialect(lab, inner) if dialect else inner
    async with asgi(signing_in, at_sign_in), asgi(protected(lab), at_server):
        yield lab


async def agree(url: str) -> httpx2.URL:
    """Go there as a browser would, and say yes: the address that one is sent back to."""
    async with httpx2.AsyncClient() as http:
        answer = await http.get(url)
    location = answer.headers["location"]
    assert urlsplit(location).query, answer.text
    return httpx2.URL(location)
