"""How long a server that fails is left alone: 1, 2, 4 … 60 seconds, give or take a fifth."""

import random
from collections.abc import Callable
from time import monotonic

from mcp_runtime.errors import AuthorizationNeeded, ServerError

LONGEST = 60.0


class Backoff:
    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._last: ServerError | None = None

    def resting(self) -> ServerError | None:
        """Why it is not tried now; None when it may be."""
        return self._last if self._clock() < self._until else None

    def failed(self, error: ServerError) -> None:
        if isinstance(error, AuthorizationNeeded):
            return  # a state that its member can end at any moment, and no failure
        self._last = error
        seconds = min(2.0**self._failures, LONGEST)
        self._until = self._clock() + seconds * random.uniform(0.8, 1.2)  # noqa: S311  spreads load, hides nothing
        self._failures += 1

    def worked(self) -> None:
        self._failures, self._until, self._last = 0, 0.0, None
