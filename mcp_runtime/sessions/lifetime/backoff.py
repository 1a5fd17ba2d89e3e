"""How long a server that fails is left alone: 1, 2, 4 … 60 seconds, give or take a fifth."""

import random
from collections.abc import Callable
from time import monotonic

from mcp_runtime.errors import AuthorizationNeeded, LeftAlone, RateLimited, ServerError

LONGEST = 60.0
MANY = 5
LONGEST_ASKED = 600.0
"""Seconds that a server's own wish is heeded for."""


class Backoff:
    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._last: ServerError | None = None

    @property
    def open(self) -> bool:
        """It has failed so often in a row that people are told when it is tried again."""
        return self._failures >= MANY

    @property
    def left(self) -> float:
        """Seconds until it may be tried again."""
        return max(0.0, self._until - self._clock())

    def resting(self) -> ServerError | None:
        """Why it is not tried now; None when it may be."""
        left = self.left
        if left <= 0:
            return None
        if self.open and self._last is not None and not isinstance(self._last, RateLimited):
            return LeftAlone(self._last, self._failures, left)
        return RateLimited(self._last.server, left) if isinstance(self._last, RateLimited) else self._last

    def failed(self, error: ServerError) -> None:
        if isinstance(error, AuthorizationNeeded):
            return  # a state that its member can end at any moment, and no failure
        self._last = error
        seconds = min(2.0**self._failures, LONGEST) * random.uniform(0.8, 1.2)  # noqa: S311  spreads load, hides nothing
        self._until = self._clock() + max(seconds, min(error.retry_after or 0.0, LONGEST_ASKED))
        self._failures += 1

    def worked(self) -> None:
        self._failures, self._until, self._last = 0, 0.0, None
