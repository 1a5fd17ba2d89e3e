"""Resolve once, check every answer, connect to what was checked: no second look-up that could differ."""

import asyncio

from mcp_runtime.addresses import Reach, Resolve

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PATIENCE = 10.0
TRIES = 4


async def dial(host: str, port: int, reach: Reach, resolve: Resolve, *, any_port: bool = False) -> Streams:
    """A connection to the host; raises `Refused` when its address may not be dialled, `OSError` or `TimeoutError`."""
    failure = OSError("the host has no address")
    async with asyncio.timeout(PATIENCE):
        try:
            addresses = list(dict.fromkeys(await resolve(host, port)))
        except UnicodeError:  # a name that no resolver takes
            raise failure from None
        reach.check_addresses(host, port, addresses, any_port=any_port)
        for address in addresses[:TRIES]:
            try:
                return await asyncio.open_connection(address, port, limit=65536)
            except OSError as exc:
                failure = exc
    raise failure
