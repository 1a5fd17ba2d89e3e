"""A database's answers, cut off before they fill the memory: one value may be a gigabyte, and all of it comes at once.

Libraries read an answer whole before they give any of it. So its bytes are counted as they arrive, and the connection
of one that goes on too long is dropped; the next question opens another.
"""

import asyncio
from typing import Any

MOST_BYTES = 8 << 20
"""Of one answer; what a model is given of it is much less."""
TOO_LONG = f"The answer was longer than {MOST_BYTES >> 20} MB and was cut off. {{}}"


class TooLong(Exception):
    """What the library that reads is told in the place of the rest."""


class Counted(asyncio.Protocol):
    """Hands on what arrives to the protocol that reads it, no more than `MOST_BYTES` for each question."""

    def __init__(self, reads: Any, transport: asyncio.WriteTransport) -> None:
        self._reads = reads
        self._transport = transport
        self._came = 0
        self._ended = False
        transport.set_protocol(self)

    @property
    def too_long(self) -> bool:
        return self._came > MOST_BYTES

    def asked(self) -> None:
        """From here on it is another answer."""
        self._came = 0

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._came += len(data)
        if self.too_long:
            self._transport.abort()
            self.connection_lost(TooLong())
        else:
            self._reads.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Once: an aborted connection says so itself later on."""
        if not self._ended:
            self._ended = True
            self._reads.connection_lost(exc)

    def eof_received(self) -> bool:
        return bool(self._reads.eof_received())

    def pause_writing(self) -> None:
        self._reads.pause_writing()

    def resume_writing(self) -> None:
        self._reads.resume_writing()
