"""Stand-ins for the public network: names, and servers on two addresses of the loopback interface."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

from mcp_runtime.addresses import Reach
from tests.support.accepting import accepting

PUBLIC, OURS = "127.0.0.2", "127.0.0.1"
REACH = Reach.allowing(f"{PUBLIC}/32")
NAMES = {
    "api.good.test": [PUBLIC],
    "evil.test": [PUBLIC],
    "private.good.test": ["10.1.2.3"],
    "metadata.good.test": ["169.254.169.254"],
    "mixed.good.test": [PUBLIC, OURS],
    "ours.good.test": [OURS],
    "mail.good.test": ["8.8.8.8"],
    "nowhere.good.test": [],
}


async def resolve(host: str, port: int) -> list[str]:
    return NAMES.get(host, [host])


@asynccontextmanager
async def web_server(address: str, *, speaks_http: bool = True) -> AsyncIterator[int]:
    """Says back what it was asked; the port. Without HTTP it says back one line, in capitals."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError, OSError):  # some only knock
            if speaks_http:
                head = await reader.readuntil(b"\r\n\r\n")
                length = f"Content-Length: {len(head)}\r\nConnection: close\r\n\r\n"
                writer.write(b"HTTP/1.1 200 OK\r\n" + length.encode() + head)
            else:
                writer.write((await reader.readuntil(b"\n")).upper())
            await writer.drain()

    async with accepting(serve, address) as port:
        yield port
