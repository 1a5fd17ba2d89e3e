"""One Redis database: its keys and values by commands that only read, and changes where those were asked for.

Commands are named one by one, as many read and do harm all the same: KEYS stops a large database, MONITOR shows all
that others say, SORT and EVAL write. What is not on a list is refused.
"""

import os
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from redis import exceptions
from redis.asyncio import Redis

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
    run,
    serve,
)

READING = frozenset(
    """
    bitcount bitpos dbsize exists expiretime get getbit getrange geodist geohash geopos geosearch hexists hget
    hgetall hkeys hlen hmget hrandfield hscan hstrlen hvals lindex llen lpos lrange mget object.encoding
    object.freq object.idletime object.refcount pexpiretime pfcount ping pttl randomkey scan scard sdiff sinter
    sintercard sismember smembers smismember srandmember sscan strlen sunion time ttl type xinfo.consumers
    xinfo.groups xinfo.stream xlen xpending xrange xrevrange zcard zcount zdiff zinter zintercard zlexcount
    zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore
    zrevrank zscan zscore zunion memory.usage ft._list ft.aggregate ft.info ft.search json.arrlen json.get
    json.mget json.objkeys json.strlen json.type
    """.split()  # noqa: SIM905  as lines to read
)
WRITING = frozenset(
    """
    append copy decr decrby del expire expireat getdel getex getset hdel hincrby hincrbyfloat hset hsetnx incr
    incrby incrbyfloat linsert lpop lpush lpushx lrem lset ltrim mset msetnx persist pexpire psetex rename
    renamenx rpop rpush rpushx sadd set setbit setex setnx setrange smove spop srem unlink xadd xdel xtrim zadd
    zincrby zpopmax zpopmin zrem zremrangebyrank zremrangebyscore json.del json.set json.merge json.numincrby
    """.split()  # noqa: SIM905  as lines to read
)
MOST_WORDS, MOST_KEYS = 1000, 500
NOT_LISTED = "{} is not among the commands that may be run here{}."
GONE = "The database could not be asked: the connection was lost or took too long."


async def connected(asked: Asked) -> Redis:
    """Raises `CannotStart`."""
    parts = urlsplit(asked.address)
    secured: dict[str, Any] = {"ssl": True, "ssl_cert_reqs": "required"} if asked.tls == "checked" else {}
    if asked.tls == "unchecked":
        secured = {"ssl": True, "ssl_cert_reqs": "none", "ssl_check_hostname": False}
    client = Redis(
        host=parts.hostname or "", port=parts.port or 6379, db=parts.path.strip("/") or 0,
        username=unquote(parts.username or "") or None, password=os.environ.get("SERVER_PASSWORD") or None,
        socket_timeout=SECONDS, socket_connect_timeout=10, decode_responses=True, encoding_errors="replace",
        max_connections=8, **secured,
    )  # fmt: skip
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
    except exceptions.ResponseError as error:
        raise ToolError(f"Redis says: {error}") from error
    except (exceptions.RedisError, OSError) as error:
        raise ToolError(GONE) from error


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
            found: list[str] = []
            async for key in client.scan_iter(match=pattern, count=500):
                found.append(key)
                if len(found) > most:
                    break
            kinds = [await client.type(key) for key in found[:most]]
        except (exceptions.RedisError, OSError) as error:
            raise ToolError(GONE) from error
        keys = [{"key": key, "type": kind} for key, kind in zip(found, kinds, strict=False)]
        return {"keys": keys} | ({"note": f"There are more than {most}."} if len(found) > most else {})

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


if __name__ == "__main__":
    run(main)
