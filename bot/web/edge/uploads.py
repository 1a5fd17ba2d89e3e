"""A file on its way in: held against its limits before it is read, and while it is; only whole ones come out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from bot.services.limits.refusals import refused
from bot.web.edge import answers

AROUND = 4_096
"""Bytes of what stands around the file: boundaries, names, the form's token."""
SILENCE, BASE, SLOWEST = 15.0, 20.0, 40_000
"""Seconds without a byte; seconds for the whole, and the bytes a second that it may take besides."""
LONGEST_TOKEN = 200
AT_ONCE, AT_ONCE_EACH = 16, 2
AGAIN = 3.0
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Uploaded:
    form: str
    """The token of the page's form, which came before the file."""
    name: str
    content: bytes


class Arriving:
    """How many are on their way, so that no flood of them fills the memory."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @asynccontextmanager
    async def one(self, whose: str) -> AsyncIterator[None]:
        """Raises `Refused`."""
        if self._of[whose] >= AT_ONCE_EACH or self._of.total() >= AT_ONCE:
            raise refused("file_busy", retry_after=AGAIN)
        self._of[whose] += 1
        try:
            yield
        finally:
            self._of[whose] -= 1
            self._of += Counter()  # without those that are at nothing


ARRIVING = web.AppKey("arriving", Arriving)


def size_of(request: web.Request) -> int:
    """Of the file at most, as it is announced; what does not say how long it is could be endless."""
    if request.content_length is None:
        raise answers.refusal(request, 411, "type")
    return max(0, request.content_length - AROUND)


async def uploaded(request: web.Request, most: int, megabytes: int) -> Uploaded:
    """A form's token, then one file of at most so many bytes. Raises `Refused`, `Refusal` for what is no such form."""
    length = request.content_length or 0
    try:
        async with asyncio.timeout(BASE + length / SLOWEST):
            parts = await request.multipart()
            token = await _part(request, parts, "form")
            form = await _read(token, LONGEST_TOKEN)
            file = await _part(request, parts, "file")
            content = await _read(file, most)
    except TimeoutError:
        raise refused("file_slow") from None
    except (ValueError, web.RequestPayloadError, BadHttpMessage):  # the last: a line without end
        raise answers.refusal(request, 400, "body") from None
    if form is None:
        raise answers.refusal(request, 400, "body")
    if content is None:
        raise refused("file_size", most=megabytes)
    return Uploaded(form.decode(errors="replace"), file.filename or "", content)


async def _part(request: web.Request, parts: MultipartReader, name: str) -> BodyPartReader:
    async with asyncio.timeout(SILENCE):
        part = await parts.next()
    if not isinstance(part, BodyPartReader) or part.name != name:
        raise answers.refusal(request, 400, "body")
    return part


async def _read(part: BodyPartReader, most: int) -> bytes | None:
    """None when there is more."""
    content = bytearray()
    while piece := await _piece(part):
        content += piece
        if len(content) > most:
            return None
    return bytes(content)


async def _piece(part: BodyPartReader) -> bytes:
    async with asyncio.timeout(SILENCE):
        return await part.read_chunk(_PIECE)
