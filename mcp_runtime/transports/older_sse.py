"""The transport of before 2025-03-26: what the server says comes over one stream, what we say goes to a second address.

Ours instead of the SDK's: that one waits without end for a refused message's answer, and holds an event to 1 MiB.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
import httpx2
from anyio.abc import TaskGroup
from mcp import types
from mcp.shared.message import SessionMessage

from mcp_runtime.transports.exchanges import IN_SESSION
from mcp_runtime.transports.mending.bodies import MAX_EVENT
from mcp_runtime.transports.mending.messages import messages_in
from mcp_runtime.transports.session_budgets import SessionBudget

PATIENCE = 3.0
"""Seconds for its first event, which it sends at once."""
CONNECT_SECONDS = 10.0
SESSION_OVER = (400, 404, 410)
REFUSED, TERMINATED, NOT_SENT = "Server returned an error response", "Session terminated", "Connection closed"
"""As the SDK says it of the newer transport: `refusals` knows what they mean."""


class NotOlderSse(RuntimeError):
    """Something else answered; ``elsewhere``: the second address is another host's."""

    def __init__(self, *, elsewhere: bool = False) -> None:
        super().__init__()
        self.elsewhere = elsewhere


class OlderSse:
    """A transport for `mcp.Client`."""

    def __init__(self, http: httpx2.AsyncClient, url: str, budget: SessionBudget) -> None:
        self._budget = budget
        self._http = http
        self._url = httpx2.URL(url)

    async def __aenter__(self) -> tuple[Any, Any]:
        self._running = self._run()
        return await self._running.__aenter__()

    async def __aexit__(self, *exc: Any) -> bool | None:
        return await self._running.__aexit__(*exc)

    @asynccontextmanager
    async def _run(self) -> AsyncIterator[tuple[Any, Any]]:
        timeout = httpx2.Timeout(CONNECT_SECONDS, read=None)  # it may be silent for hours
        asking = {"accept": "text/event-stream", "cache-control": "no-store"}
        async with self._http.stream("GET", self._url, headers=asking, timeout=timeout) as answer:
            answer.raise_for_status()
            events = aiter(httpx2.EventSource(answer, max_event_size=MAX_EVENT))
            async with asyncio.timeout(PATIENCE):
                endpoint = self._endpoint(await _first(events))
            inbound, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
            async with inbound, heard, anyio.create_task_group() as group:
                group.start_soon(_deliver, events, inbound, self._budget)
                yield heard, _Sender(self._http, endpoint, group, inbound)
                group.cancel_scope.cancel()

    def _endpoint(self, event: httpx2.ServerSentEvent | None) -> httpx2.URL:
        """Only of the same origin: a token goes where its member wanted it to go."""
        if event is None or event.event != "endpoint":
            raise NotOlderSse
        try:
            target = self._url.join(event.data.strip())
        except httpx2.InvalidURL:
            raise NotOlderSse from None
        ours, theirs = self._url, target
        if (ours.scheme, ours.host, ours.port) != (theirs.scheme, theirs.host, theirs.port):
            raise NotOlderSse(elsewhere=True)
        return target


class _Sender:
    """Where the SDK writes: each message is a POST, sent in the context of whoever sends it."""

    def __init__(self, http: httpx2.AsyncClient, endpoint: httpx2.URL, group: TaskGroup, inbound: Any) -> None:
        self._http = http
        self._endpoint = endpoint
        self._group = group
        self._inbound = inbound

    async def send(self, item: SessionMessage) -> None:
        if isinstance(item.message, types.JSONRPCNotification):
            await self._post(item.message)  # what comes after «initialized» must not overtake it
        else:
            self._group.start_soon(self._post, item.message)

    async def aclose(self) -> None:
        """There is nothing to close: the group ends what is under way."""

    async def __aenter__(self) -> "_Sender":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _post(self, message: types.JSONRPCMessage) -> None:
        body = message.model_dump(by_alias=True, mode="json", exclude_unset=True)
        try:
            answer = await self._http.post(self._endpoint, json=body, extensions={IN_SESSION: True})
        except (httpx2.HTTPError, httpx2.StreamError):
            await self._refuse(message, types.CONNECTION_CLOSED, NOT_SENT)
            return
        status = answer.status_code
        if status in SESSION_OVER:
            await self._refuse(message, types.INVALID_REQUEST, TERMINATED)
        elif status >= 300:
            await self._refuse(message, types.INTERNAL_ERROR, REFUSED)

    async def _refuse(self, message: types.JSONRPCMessage, code: int, text: str) -> None:
        """No answer will come over the stream."""
        if not isinstance(message, types.JSONRPCRequest):
            return
        error = types.JSONRPCError(jsonrpc="2.0", id=message.id, error=types.ErrorData(code=code, message=text))
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # else the session is over already
            await self._inbound.send(SessionMessage(error))


async def speaks_older_sse(http: httpx2.AsyncClient, url: str) -> bool:
    """Its stream begins with an event that names where messages go."""
    try:
        async with (
            asyncio.timeout(PATIENCE),
            http.stream("GET", url, headers={"accept": "text/event-stream"}) as answer,
        ):
            first = await _first(aiter(httpx2.EventSource(answer)))
            return first is not None and first.event == "endpoint"
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.SSEError, TimeoutError):
        return False  # whatever it is, it is not that


async def _first(events: AsyncIterator[httpx2.ServerSentEvent]) -> httpx2.ServerSentEvent | None:
    return await anext(events, None)


async def _deliver(events: AsyncIterator[httpx2.ServerSentEvent], inbound: Any, budget: SessionBudget) -> None:
    """Until the stream ends: then the session does."""
    with suppress(httpx2.HTTPError, httpx2.StreamError, httpx2.SSEError, anyio.BrokenResourceError):
        async with inbound:
            async for event in events:
                if event.event != "message":
                    continue
                for message in budget.work(partial(messages_in, event.data.encode())):
                    await inbound.send(SessionMessage(message))
                await budget.others()
