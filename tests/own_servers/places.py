"""Real databases and services on loopback, for our own servers to be connected to."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from tests.support.accepting import accepting
from tests.support.ports import free_port

PASSWORD = "pa55 word/of@the:test"


@asynccontextmanager
async def relayed(path: Path) -> AsyncIterator[int]:
    """The port at which a server that only has a Unix socket is reached."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far, to = await asyncio.open_unix_connection(path)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(pump(reader, to))
                both.create_task(pump(far, writer))
        finally:  # also of one that was broken off in the middle of an answer
            for each in (to, writer):
                each.transport.abort()

    async with accepting(accept) as port:
        yield port


class NoRedis(Exception):
    """The message says what to install."""


@contextmanager
def running_redis() -> Iterator[int]:
    """The port of a Redis of its own, with `PASSWORD`; raises `NoRedis`."""
    program = shutil.which("redis-server")
    if program is None:
        raise NoRedis("redis-server is not installed (Debian: apt-get install redis-server)")
    with tempfile.TemporaryDirectory(prefix="redis-", dir="/tmp") as home:
        port = free_port()
        settings = f'bind 127.0.0.1\nport {port}\nsave ""\nappendonly no\nrequirepass "{PASSWORD}"\ndir {home}\n'
        command = [program, "-"]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert server.stdin is not None and server.stdout is not None
        try:
            server.stdin.write(settings)
            server.stdin.close()
            if not any("Ready to accept connections" in line for line in server.stdout):
                raise RuntimeError("Redis did not start")
            yield port
        finally:
            server.terminate()
            server.wait(timeout=60)
            server.stdout.close()
