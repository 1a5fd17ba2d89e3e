"""An HTTP answer on its way in: what its head says about its body is put right, and its body mended."""

from functools import partial
from typing import cast

import httpx2

from mcp_runtime.transports.mending.bodies import MendedBody, MendedEvents, answer_to
from mcp_runtime.transports.mending.messages import RequestId, TooManyValues
from mcp_runtime.transports.mending.oddities import Oddities

PAGE, STREAM = "text/html", "text/event-stream"
UNNAMED = ("", PAGE, "text/plain", "text/json", "application/octet-stream")
"""Kinds of what is sent without a thought about kinds, as PHP does; it may be JSON all the same."""
ABOUT_THE_BODY = ("content-type", "content-length", "content-encoding")
REMEMBERED = 2000


async def incoming(asked: RequestId | None, response: httpx2.Response, oddities: Oddities) -> httpx2.Response:
    """The response to hand on to the request of this number, if it has one; its body is read only when it has to be."""
    oddities.status, oddities.said = response.status_code, ""
    kind = kind_of(response.headers)
    stream = cast(httpx2.AsyncByteStream, response.stream)

    async def close() -> None:
        oddities.under_way.discard(str(asked))
        await stream.aclose()

    if kind == STREAM:
        if asked is None:
            return _with(
                response, MendedEvents(stream, stream.aclose, None, budget=oddities.budget, reading=oddities.reading)
            )
        events = MendedEvents(
            stream,
            close,
            asked,
            oddities.heard,
            under_way=oddities.under_way,
            budget=oddities.budget,
            reading=oddities.reading,
        )
        return _with(response, events)
    if asked is None:
        return response
    if kind == "application/json" and response.status_code != 202:
        return _with(response, MendedBody(stream, close, asked, oddities.under_way, oddities.budget, oddities.reading))
    if kind in UNNAMED or "json" in kind:
        return await _read(response, stream, asked, oddities)
    oddities.under_way.discard(str(asked))
    return response


def kind_of(headers: httpx2.Headers) -> str:
    """The media type of a body."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _with(response: httpx2.Response, stream: httpx2.AsyncByteStream) -> httpx2.Response:
    headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"content-length"]
    return httpx2.Response(response.status_code, headers=headers, stream=stream, extensions=response.extensions)


async def _read(
    response: httpx2.Response, stream: httpx2.AsyncByteStream, asked: RequestId, oddities: Oddities
) -> httpx2.Response:
    """An answer that is not called JSON, or is called «accepted», counts when it is one."""
    raw, answer = b"", None
    try:
        raw = await oddities.reading.small(b"".join([part async for part in stream]))
        answer = oddities.budget.work(partial(answer_to, asked, raw, oddities.under_way))
    except (httpx2.StreamError, TooManyValues):
        raw = b""  # longer than may be, of too many values, or packed: then it is no answer
    finally:
        oddities.under_way.discard(str(asked))
        await stream.aclose()
    kept = [(name, value) for name, value in response.headers.items() if name not in ABOUT_THE_BODY]
    if answer is None:
        kind = response.headers.get("content-type", "")
        oddities.said = "" if kind.startswith(PAGE) else raw[:REMEMBERED].decode(errors="replace")
        kept.append(("content-type", kind))
        return httpx2.Response(response.status_code, headers=kept, content=raw, extensions=response.extensions)
    status = 200 if response.status_code == 202 else response.status_code
    kept.append(("content-type", "application/json"))
    return httpx2.Response(status, headers=kept, content=answer, extensions=response.extensions)
