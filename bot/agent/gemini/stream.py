"""Read a model's stream so that a stall, a cut or a cancelled turn closes the request at once.

It is Google's client that asks, since it knows the way there and what is refused. Its models of what comes back are
left out: making them takes longer than all else that is done with an answer, and a part has to go back as it came. So
is what it makes of each piece in between, JSON once more and a model of its headers.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp

from bot.agent.gemini.client import files_under_way
from bot.agent.gemini.errors import Broken, Garbled, Refused
from bot.agent.gemini.known_models import path_of
from bot.agent.gemini.request import Request

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.errors import APIError
    from google.genai.types import HttpOptionsDict

Chunk = dict[str, Any]
"""Gemini's REST JSON."""
END = object()
UNNAMED = 500
"""For an error in mid-stream that says no code."""
Kind = TypeVar("Kind", dict[str, Any], list[Any], str)


@dataclass(frozen=True)
class Patience:
    """Seconds of silence to bear: a thinking model is slow to begin and steady after."""

    first: float = 60.0
    idle: float = 45.0


USUAL = Patience()


@asynccontextmanager
async def open_stream(client: "Client", request: Request, patience: Patience) -> AsyncIterator[AsyncIterator[Chunk]]:
    """Chunks as they arrive; leaving the block, for whatever reason, ends the request.

    Reading raises `Refused`, `Broken` or `Garbled`.
    """
    arrived: asyncio.Queue[Any] = asyncio.Queue()
    # Cancelling works only inside the SDK's own `__anext__`; a task of its own is always there.
    pump = asyncio.create_task(_pump(client, request, arrived))
    try:
        yield _drain(arrived, patience)
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


async def _pump(client: "Client", request: Request, arrived: asyncio.Queue[Any]) -> None:
    from google.genai.errors import APIError, UnknownApiResponseError

    files_under_way.set(request.files)  # in this task alone
    path = f"{path_of(request.model)}:streamGenerateContent?alt=sse"
    version: HttpOptionsDict | None = {"api_version": request.api_version} if request.api_version else None
    answer: Any = None
    try:
        # Tests hold the SDK to this: its public face has no way to what came.
        asked = client._api_client._build_request("post", path, request.body, version)
        answer = await client._api_client._async_request_once(asked, stream=True)
        async for told in answer:
            if isinstance(told, dict) and next(iter(told), "") == "error":
                code = inside(told, "error", dict).get("code")
                raise APIError(code if isinstance(code, int) else UNNAMED, told, answer)
            arrived.put_nowait(inside({"told": told}, "told", dict))
    except APIError as error:
        arrived.put_nowait(refused(error))
    except (aiohttp.ClientError, OSError, TimeoutError, UnknownApiResponseError) as error:
        arrived.put_nowait(Broken(type(error).__name__))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:  # cut off, or of whoever stands between
        arrived.put_nowait(Broken(type(error).__name__))
    except Exception as error:
        arrived.put_nowait(error)  # a mistake of ours: it belongs to whoever reads
    else:
        arrived.put_nowait(END)
    finally:
        if answer is not None:  # or what we would not read on would come until the memory is next tidied
            answer.response_stream.release()


def refused(error: "APIError") -> Refused:
    body = error.details if isinstance(error.details, Mapping) else {}
    inner = body.get("error", body)
    found = inner.get("details") if isinstance(inner, Mapping) else None
    details = [detail for detail in found or [] if isinstance(detail, dict)]
    headers = getattr(error.response, "headers", None) or {}
    return Refused(error.code, error.status or "", error.message or "", details, headers)


async def _drain(arrived: asyncio.Queue[Any], patience: Patience) -> AsyncIterator[Chunk]:
    limit, done = patience.first, False
    while (item := await _next(arrived, limit)) is not END:
        if isinstance(item, Exception):
            raise item
        limit, done = patience.idle, done or _concludes(item)
        yield item
    if not done:
        raise Broken("the stream ended without a finish reason")


async def _next(arrived: asyncio.Queue[Any], limit: float) -> Any:
    if not arrived.empty():
        return arrived.get_nowait()
    try:
        async with asyncio.timeout(limit):
            return await arrived.get()
    except TimeoutError:
        raise Broken(f"no word from the model for {limit:g} s") from None


def _concludes(chunk: Chunk) -> bool:
    if inside(chunk, "promptFeedback", dict).get("blockReason"):
        return True
    return bool(candidate_of(chunk).get("finishReason"))


def candidate_of(chunk: Chunk) -> dict[str, Any]:
    """The only one that is asked for; empty where there is none."""
    found = inside(chunk, "candidates", list)[:1]
    return inside({"first": found[0]}, "first", dict) if found else {}


def inside(of: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind:
    """What stands there, of this kind; what is null is not there, and what is not there is empty. Raises `Garbled`."""
    if (found := of.get(name)) is None:
        return kind()
    if not isinstance(found, kind):
        raise Garbled("MISSHAPEN")
    return found
