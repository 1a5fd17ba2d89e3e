"""Slack's rate limits: so many calls of a method a minute, then 429 with Retry-After."""

import math
from collections import defaultdict, deque

from playground.slack.core.clock import Clock

TIER_1, TIER_2, TIER_3, TIER_4, POSTING = 1, 20, 50, 100, 60
WINDOW = 60.0


class Tiers:
    """``generosity`` multiplies the published minimum (the real Slack often lets more pass); None: no limits."""

    def __init__(self, clock: Clock, generosity: float | None) -> None:
        self._clock, self.generosity = clock, generosity
        self._used: dict[str, deque[float]] = defaultdict(deque)

    def take(self, key: str, tier: int) -> int:
        """Seconds to wait before the next call of this kind, 0 when this one may pass."""
        if self.generosity is None:
            return 0
        used, now = self._used[key], self._clock()
        while used and used[0] <= now - WINDOW:
            used.popleft()
        if len(used) >= tier * self.generosity:
            return math.ceil(used[0] + WINDOW - now) or 1
        used.append(now)
        return 0
