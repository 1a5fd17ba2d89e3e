"""The time of the local Slack: the real one, which a test can turn forward."""

import time
from collections.abc import Callable


class Clock:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self._ahead = now, 0.0
        self.on_turn: list[Callable[[], None]] = []

    def __call__(self) -> float:
        return self._now() + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += seconds
        for wake in self.on_turn:
            wake()
