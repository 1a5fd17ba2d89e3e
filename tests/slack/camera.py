"""A real server whose pictures a test counts, with a tool beside it that ends when the test lets it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mcp import types
from mcp.server import MCPServer

from tests.support.served import asgi, free_socket, port_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class Camera:
    """``taken`` counts the photos; ``moves`` makes each another one than the one before."""

    url: str
    moves: bool = False
    taken: int = 0
    developed: asyncio.Event = field(default_factory=asyncio.Event)
    """Until then the second tool does not end."""


@asynccontextmanager
async def open_camera() -> AsyncIterator[Camera]:
    server, listener = MCPServer("camera", log_level="CRITICAL"), free_socket()
    camera = Camera(f"http://127.0.0.1:{port_of(listener)}/mcp")

    @server.tool()
    async def photo() -> list[types.ImageContent | types.AudioContent | types.TextContent]:
        """A picture, and a sound."""
        camera.taken += 1
        picture = PIXEL + bytes([camera.taken]) if camera.moves else PIXEL
        data, sound = base64.b64encode(picture).decode(), base64.b64encode(PIXEL).decode()
        return [
            types.TextContent(type="text", text="here"),
            types.ImageContent(type="image", data=data, mime_type="image/png"),
            types.AudioContent(type="audio", data=sound, mime_type="text/html"),
        ]

    @server.tool()
    async def develop() -> str:
        """Takes its time."""
        await camera.developed.wait()
        return "developed"

    async with asgi(server.streamable_http_app(), listener):
        yield camera
