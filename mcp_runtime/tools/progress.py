"""How far a call has come: told by its server while it runs, heard by whoever made it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from mcp_runtime.tools.untrusted_text import one_line

FASTEST = 1.0
"""Seconds between two that are passed on; the longer a call takes, the fewer are."""
PACE = 5
"""As many in the time that has gone by, at most; so a minute has about twenty."""
MOST = 40
LONGEST = 100
"""Characters of what a server says beside its number."""


@dataclass(frozen=True)
class Progress:
    done: float | None = None
    total: float | None = None
    message: str = ""

    @property
    def words(self) -> str:
        """«43 of 120: importing»; what is no number of anything is left out."""
        counted = "" if self.done is None else _number(self.done)
        whole = _number(self.total) if self.total is not None and self.total > 0 else ""
        if counted and whole:
            counted = f"{counted} of {whole}"
        return ": ".join(each for each in (counted, one_line(self.message, LONGEST)) if each)


Hear = Callable[[Progress], None]
_hears: ContextVar[Hear | None] = ContextVar("hears", default=None)


@contextmanager
def heard_by(hear: Hear) -> Iterator[None]:
    """For the calls that this task makes meanwhile."""
    token = _hears.set(hear)
    try:
        yield
    finally:
        _hears.reset(token)


def listener() -> Hear | None:
    """Read it where a call begins: what comes from a server arrives in other tasks."""
    return _hears.get()


class Paced:
    """Passes on what is new, at most once a second; a server may tell thousands."""

    def __init__(self, hear: Hear, clock: Callable[[], float] = time.monotonic) -> None:
        self._hear = hear
        self._clock = clock
        self._begun = clock()
        self._next = self._begun
        self._left = MOST
        self._last = ""

    def __call__(self, progress: Progress) -> None:
        at, words = self._clock(), progress.words
        if at < self._next or not self._left or not words or words == self._last:
            return
        self._last, self._left = words, self._left - 1
        self._next = at + max(FASTEST, (at - self._begun) / PACE)
        self._hear(progress)


def _number(value: float) -> str:
    """NaN and the infinite are floats too, and nothing that a person can read."""
    if value != value or abs(value) > 1e15:
        return ""
    return f"{value:.0f}" if value == int(value) else f"{value:.4g}"
