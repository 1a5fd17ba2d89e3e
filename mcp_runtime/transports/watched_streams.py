"""Transport wrappers: see each message as it passes, and learn at once that the peer has gone."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
from mcp.shared.message import SessionMessage

Item = SessionMessage | Exception
Streams = tuple[Any, Any]
Transport = AbstractAsyncContextManager[Streams]


async def _as_it_is(item: Item) -> Item | None:
    return item


class ObservedRead:
    """The SDK's read stream with a hook on every item and one on its end; None passes an item over."""

    def __init__(
        self,
        inner: Any,
        on_item: Callable[[Item], Awaitable[Item | None]] = _as_it_is,
        on_end: Callable[[], None] = lambda: None,
        on_silence: Callable[[], Item] | None = None,
    ) -> None:
        self._inner = inner
        self._on_silence = on_silence
        self._waiting: anyio.CancelScope | None = None
        self._on_item = on_item
        self._on_end = on_end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)  # HTTP streams carry `last_context`, which the SDK reads

    async def receive(self) -> Item:
        try:
            while (item := await self._on_item(await self._next())) is None:
                pass
            return item
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            self._on_end()
            raise

    def expect_within(self, seconds: float) -> None:
        """When nothing comes so soon, what ``on_silence`` gives is taken for it."""
        if self._waiting is not None:
            self._waiting.deadline = anyio.current_time() + seconds

    async def _next(self) -> Item:
        if self._on_silence is None:
            return await self._received()
        with anyio.CancelScope() as self._waiting:
            return await self._received()
        silence, self._on_silence = self._on_silence, None
        return silence()

    async def _received(self) -> Item:
        item: Item = await self._inner.receive()
        return item

    def __aiter__(self) -> "ObservedRead":
        return self

    async def __anext__(self) -> Item:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> "ObservedRead":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class ObservedWrite:
    """The SDK's write stream with a hook on every item."""

    def __init__(self, inner: Any, on_item: Callable[[SessionMessage], None]) -> None:
        self._inner = inner
        self._on_item = on_item

    async def send(self, item: SessionMessage) -> None:
        self._on_item(item)
        await self._inner.send(item)  # same task: the SDK snapshots the caller's contextvars here

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> "ObservedWrite":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Watched:
    """Any transport, plus ``ended``: set when the peer closes, even while nobody is calling."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.ended = anyio.Event()

    async def __aenter__(self) -> Streams:
        read, write = await self._inner.__aenter__()
        return ObservedRead(read, on_end=self.ended.set), write

    async def __aexit__(self, *exc: Any) -> bool | None:
        return await self._inner.__aexit__(*exc)
