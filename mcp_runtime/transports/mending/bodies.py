"""HTTP bodies on their way in: each message in them is mended, and what is no message is passed over."""

import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection
from functools import partial

import httpx2
from mcp import types

from mcp_runtime.transports.large.reading import Reading, is_large
from mcp_runtime.transports.mending.messages import MAX_VALUES, RequestId, TooManyValues, encoded, mended, sound
from mcp_runtime.transports.refusals import LONGER
from mcp_runtime.transports.session_budgets import SessionBudget

MAX_EVENT = 8 << 20
"""Bytes of one event."""
MAX_LINES = 100_000
"""Of one event."""
SOONEST, LONGEST_NUMBER = 500, 8
"""Milliseconds until a stream is asked for again, however soon its server wants that; digits of what it wants."""
ASKING = (types.JSONRPCRequest, types.JSONRPCNotification)
NOBODYS = "usher/nobody"
"""The id of an answer that came with none."""
_END = re.compile(rb"\n\r?\n|\r\r")
_NAME = re.compile(rb"event: ?(.*)", re.DOTALL)

Close = Callable[[], Awaitable[None]]
Heard = Callable[[str], None]


class MendedBody(httpx2.AsyncByteStream):
    """The JSON answer to the request ``asked``, with its id: some servers send none back, or another's."""

    def __init__(
        self,
        inner: AsyncIterable[bytes],
        close: Close,
        asked: RequestId,
        under_way: Collection[str] = (),
        budget: SessionBudget | None = None,
        reading: Reading | None = None,
    ) -> None:
        self._budget = budget or SessionBudget()
        self._reading = reading or Reading()
        self._inner = inner
        self._under_way = under_way
        self._asked = asked
        self._close = close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        raw = b"".join([part async for part in self._inner])
        try:
            raw = await self._reading.small(raw)
        except TooManyValues:
            raise httpx2.StreamError(f"{LONGER} {MAX_VALUES} values") from None
        answer = self._budget.work(partial(answer_to, self._asked, raw, self._under_way))
        self._budget.hears_of(None)
        await self._budget.others()
        yield answer or raw

    async def aclose(self) -> None:
        await self._close()


class MendedEvents(httpx2.AsyncByteStream):
    """An SSE stream, event by event; ``heard`` is told the name of the first one."""

    def __init__(
        self,
        inner: AsyncIterable[bytes],
        close: Close,
        asked: RequestId | None,
        heard: Heard = lambda name: None,
        *,
        under_way: Collection[str] = (),
        budget: SessionBudget | None = None,
        reading: Reading | None = None,
    ) -> None:
        self._reading = reading or Reading()
        self._under_way = under_way
        self._budget = budget or SessionBudget()
        self._inner = inner
        self._asked = asked
        self._close = close
        self._heard: Heard | None = heard
        self._held = bytearray()
        self._looked_at = 0
        self._spare = b""
        """An answer with a number that nobody asked with: the only one of a server that counts on its own."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._inner:
            self._held += part
            for event in self._budget.work(self._whole):
                if mended := self._budget.work(partial(self._mended, *await self._small(event))):
                    yield mended
                await self._budget.others()
            if len(self._held) > MAX_EVENT:
                raise httpx2.SSEError(f"an event is longer than {MAX_EVENT} bytes")
        if self._held:  # the blank line after the last one is often forgotten
            yield self._mended(*await self._small(bytes(self._held) + b"\n\n"))
        if self._spare:
            yield self._spare  # too late to matter when the right one has come

    async def aclose(self) -> None:
        await self._close()

    def _whole(self) -> list[bytes]:
        """The events that have come to their end; every byte is looked at once, however long an event is."""
        events, start = [], 0
        for found in _END.finditer(self._held, self._looked_at):
            events.append(bytes(self._held[start : found.end()]))
            start = found.end()
        del self._held[:start]
        self._looked_at = max(0, len(self._held) - 2)
        return events

    async def _small(self, event: bytes) -> tuple[bytes, bytes | None]:
        """The event, with a small message where it has a large one; and this by itself."""
        if not is_large(event) or event.count(b"\n") > MAX_LINES:
            return event, None
        lines = event.splitlines()
        text = b"\n".join(line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:"))
        try:
            small = await self._reading.small(text)
        except TooManyValues:
            raise httpx2.SSEError(f"an event is longer than {MAX_VALUES} values") from None
        kept = [line for line in lines if line and not line.startswith(b"data:")]
        return b"\n".join([*kept, *(b"data: " + line for line in small.split(b"\n"))]) + b"\n\n", small

    def _mended(self, event: bytes, read: bytes | None = None) -> bytes:
        """``read``: its message, where that came from elsewhere."""
        if event.count(b"\n") > MAX_LINES:
            raise httpx2.SSEError(f"an event is longer than {MAX_LINES} lines")
        lines, event = _patient(event)
        name = next((found[1] for line in lines if (found := _NAME.fullmatch(line))), b"")
        data = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
        if self._heard is not None and data:
            self._heard(name.decode(errors="replace"))
            self._heard = None
        if name not in (b"", b"message") or not any(data):
            return event if any(line and not line.startswith(b":") for line in lines) else b""
        text = b"\n".join(data) if read is None else read
        try:
            message = sound(text)
        except TooManyValues:
            raise httpx2.SSEError(f"an event is longer than {MAX_VALUES} values") from None
        # What tells how to resume stays, also of an event that is passed over.
        others = b"".join(line + b"\n" for line in lines if line and not line.startswith(b"data:"))
        if message is not None and (isinstance(message, ASKING) or self._is_ours(message.id)):
            return event if self._budget.hears(message) else others and others + b"\n"
        ours = []
        for each in mended(text, None if self._asked is None else NOBODYS):
            if not self._budget.hears_of(each.get("method"), asks="method" in each and "id" in each):
                continue
            if "method" in each or self._is_ours(each["id"]):
                ours.append(b"data: " + encoded(each) + b"\n")
            elif str(each["id"]) not in self._under_way:
                self._spare = b"data: " + encoded(each | {"id": self._asked}) + b"\n\n"
        return b"\n".join([others + b"".join(ours[:1]), *ours[1:]]) + b"\n"

    def _is_ours(self, number: RequestId | None) -> bool:
        """Of an answer: the SDK would take any."""
        return self._asked is None or str(number) == str(self._asked)


def _patient(event: bytes) -> tuple[list[bytes], bytes]:
    """Its lines, and the event: a server that ends each stream and says «at once» would be asked without a pause."""
    lines = event.splitlines()
    if b"retry:" not in event:
        return lines, event
    calm = [b"retry: %d" % _soonest(line[6:]) if line.startswith(b"retry:") else line for line in lines]
    return calm, b"\n".join(calm) + b"\n\n"


def _soonest(milliseconds: bytes) -> int:
    told = milliseconds.strip()
    return max(SOONEST, int(told)) if told.isdigit() and len(told) < LONGEST_NUMBER else SOONEST


def answer_to(asked: RequestId, raw: bytes, under_way: Collection[str] = ()) -> bytes | None:
    """The one message that answers this request, or None; never that to another one which is ``under_way``."""
    try:
        message = sound(raw)
    except TooManyValues:
        raise httpx2.StreamError(f"{LONGER} {MAX_VALUES} values") from None
    if isinstance(message, types.JSONRPCResponse | types.JSONRPCError) and str(message.id) == str(asked):
        return raw
    answers = [each for each in mended(raw, asked) if "method" not in each]
    nobodys = [each for each in answers if str(each["id"]) not in under_way]
    ours = next((each for each in answers if str(each["id"]) == str(asked)), nobodys[-1] if nobodys else None)
    return encoded(ours | {"id": asked}) if ours is not None else None


def id_of(request: httpx2.Request) -> RequestId | None:
    """None for a notification, and for what is no message."""
    try:
        message = json.loads(request.content)
    except (ValueError, httpx2.RequestNotRead):
        return None
    return message.get("id") if isinstance(message, dict) and "method" in message else None
