"""Whether asking again can help, and how long to wait before it."""

import random
from dataclasses import dataclass

from bot.agent.gemini.errors import Refused, Trouble

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Retry:
    """Times are seconds."""

    attempts: int = 4
    first: float = 1.0
    longest: float = 30.0
    """A longer wait is news for the person, not something to sit through."""

    def delay(self, trouble: Trouble, attempt: int) -> float | None:
        """How long to wait after this failed attempt, or None when asking again is no use."""
        if attempt >= self.attempts or not passing(trouble):
            return None
        asked = (trouble.requested_delay if isinstance(trouble, Refused) else None) or 0.0
        if asked > self.longest:
            return None
        ceiling = min(self.longest, self.first * 2 ** (attempt - 1))
        return max(asked, random.uniform(0, ceiling))  # noqa: S311 - spreads retries, guards nothing


USUAL = Retry()


def passing(trouble: Trouble) -> bool:
    if isinstance(trouble, Refused):
        return trouble.code in TRANSIENT and not trouble.spent_for_today
    return True
