"""One Redis database: its keys and values by commands that only read, and changes where those were asked for.

What is too long is cut off, and keys without end are looked at so far and no further.
"""

import asyncio
import os
import ssl
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from redis import exceptions
from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection

from mcp_runtime.own_servers.long_answers import TOO_LONG, Counted, TooLong
from mcp_runtime.own_servers.redis_commands import READING, WRITING
from mcp_runtime.own_servers.running import (
    NO_SUCH_HOST,
    READS,
    REFUSED,
    SECONDS,
    UNFIT,
    UNREACHABLE,
    WRITES,
    Asked,
    CannotStart,
    fitting,
    serve,
)

MOST_WORDS, MOST_KEYS = 1000, 500
AT_ONCE, MOST_LOOKS = 1000, 200
"""Keys that one SCAN looks at, and how often it is asked: a database, or one that means harm, may go on for ever."""
LOOKED = "About {looked:,} keys were looked at, and not all. To go on: read, SCAN {cursor} MATCH {pattern} COUNT 10000."
SHORTER = TOO_LONG.format("Ask for a part, as with GETRANGE, LRANGE, HSCAN, SSCAN or ZRANGE.")
CARRIED_OUT = TOO_LONG.format("The command itself was carried out.")
DEEP = "The answer is nested too deeply to be read."
NOT_LISTED = "{} is not among the commands that may be run here{}."
GONE = "The database could not be asked: the connection was lost or took too long."


class Bounded(Connection):
    """`_connect` and `_writer` are the library's own: it offers no other way to what arrives."""

    answer: Counted

    async def _connect(self) -> None:
        await super()._connect()  # type: ignore[no-untyped-call]
        transport = cast(asyncio.StreamWriter, self._writer).transport
        self.answer = Counted(transport.get_protocol(), transport)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if self.is_connected:
            self.answer.asked()
        await super().send_packed_command(command, check_health)


class BoundedTls(Bounded, SSLConnection):
    pass


async def connected(asked: Asked) -> Redis:
    """Raises `CannotStart`."""
    parts = urlsplit(asked.address)
    secured: dict[str, Any] = {"ssl_cert_reqs": "required"} if asked.tls == "checked" else {}
    if asked.tls == "unchecked":
        secured = {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    pool = ConnectionPool(
        connection_class=BoundedTls if secured else Bounded,
        host=parts.hostname or "", port=parts.port or 6379, db=parts.path.strip("/") or 0,
        username=unquote(parts.username or "") or None, password=os.environ.get("SERVER_PASSWORD") or None,
        socket_timeout=SECONDS, socket_connect_timeout=10, decode_responses=True, encoding_errors="replace",
        max_connections=8, **secured,
    )  # fmt: skip
    client = Redis.from_pool(pool)
    try:
        await client.ping()
    except exceptions.ConnectionError as error:
        raise CannotStart(_code(error), str(error)) from error
    except exceptions.TimeoutError as error:
        raise CannotStart(UNREACHABLE, str(error)) from error
    except exceptions.RedisError as error:
        raise CannotStart(UNFIT, str(error)) from error
    return client


def _code(error: exceptions.ConnectionError) -> int:
    if isinstance(error, exceptions.AuthenticationError):
        return REFUSED
    if isinstance(error.__cause__, ssl.SSLError):
        return UNFIT
    return NO_SUCH_HOST if "Name or service not known" in str(error) else UNREACHABLE


async def asked(client: Redis, command: str, arguments: list[str], allowed: frozenset[str]) -> Any:
    name = command.strip().lower()
    both = f"{name}.{arguments[0].lower()}" if arguments else name
    if name not in allowed and both not in allowed:
        missing = "; ask for keys with scan_keys" if name in ("keys", "scan") else ""
        raise ToolError(NOT_LISTED.format(command.upper(), missing))
    if len(arguments) > MOST_WORDS:
        raise ToolError(f"A command has at most {MOST_WORDS} arguments.")
    try:
        return await client.execute_command(name.upper(), *arguments)  # type: ignore[no-untyped-call]
    except TooLong as error:
        raise ToolError(SHORTER if allowed is READING else CARRIED_OUT) from error
    except RecursionError as error:
        raise ToolError(DEEP) from error
    except exceptions.ResponseError as error:
        raise ToolError(f"Redis says: {error}") from error
    except (exceptions.RedisError, OSError) as error:
        raise ToolError(GONE) from error


async def scanned(client: Redis, pattern: str, most: int) -> tuple[list[str], str]:
    """Keys that match, until there are more than ``most``; what is to be said where not all were looked at."""
    found: dict[str, None] = {}  # SCAN may name one twice
    cursor, until = 0, asyncio.get_running_loop().time() + SECONDS / 2
    looks = 0
    while looks < MOST_LOOKS and asyncio.get_running_loop().time() < until:
        looks += 1
        cursor, keys = await client.scan(cursor, match=pattern, count=AT_ONCE)
        found |= dict.fromkeys(map(str, keys))
        if not int(cursor) or len(found) > most:
            return list(found), ""
    return list(found), LOOKED.format(looked=looks * AT_ONCE, cursor=cursor, pattern=pattern)


def told(answer: Any) -> dict[str, Any]:
    """As much of it as fits, and how much is left out."""
    if isinstance(answer, Mapping):
        pairs, more = fitting([key, value] for key, value in answer.items())
        given: Any = {str(key): value for key, value in pairs}
    elif isinstance(answer, (list, tuple, set)):
        given, more = fitting(answer)
    else:
        kept, more = fitting([answer])
        given = kept[0] if kept else str(answer)[:4000]
    total = len(answer) if hasattr(answer, "__len__") else 1
    return {"result": given} | ({"note": f"Cut: of {total}, this is the beginning. Ask for a part."} if more else {})


def made(client: Redis, *, writing: bool) -> MCPServer:
    server = MCPServer("Redis")

    @server.tool(annotations=READS)
    async def scan_keys(pattern: str = "*", most: int = 100) -> dict[str, Any]:
        """Keys that match a pattern such as user:*, with the type of each."""
        most = max(1, min(most, MOST_KEYS))
        try:
            found, left = await scanned(client, pattern, most)
            kinds = [await client.type(key) for key in found[:most]]
        except TooLong as error:
            raise ToolError(SHORTER) from error
        except (exceptions.RedisError, OSError) as error:
            raise ToolError(GONE) from error
        keys, more = fitting({"key": key, "type": kind} for key, kind in zip(found, kinds, strict=False))
        note = f"There are more than {len(keys)}." if more or len(found) > most else left
        return {"keys": keys} | ({"note": note} if note else {})

    @server.tool(annotations=READS)
    async def read(command: str, arguments: list[str] | None = None) -> dict[str, Any]:
        """One Redis command that only reads: command "HGETALL", arguments ["user:1"]."""
        return told(await asked(client, command, arguments or [], READING))

    if writing:

        @server.tool(annotations=WRITES)
        async def write(command: str, arguments: list[str]) -> dict[str, Any]:
            """One Redis command that changes keys: command "SET", arguments ["greeting", "hello"]."""
            return told(await asked(client, command, arguments, WRITING))

    return server


async def main() -> None:
    started = Asked.of_command_line()
    async with await connected(started) as client:
        await serve(made(client, writing=started.writing))
