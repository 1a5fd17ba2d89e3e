"""Tell a server of the older SSE kind, which takes no messages at the address that it is known by."""

import asyncio

import httpx2

PATIENCE = 3.0
"""Seconds for its first event, which it sends at once."""


async def speaks_older_sse(http: httpx2.AsyncClient, url: str) -> bool:
    """Its stream begins with an event that names where messages go."""
    try:
        async with (
            asyncio.timeout(PATIENCE),
            http.stream("GET", url, headers={"accept": "text/event-stream"}) as answer,
        ):
            async for event in httpx2.EventSource(answer):
                return event.event == "endpoint"
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.SSEError, TimeoutError):
        pass  # whatever it is, it is not that
    return False
