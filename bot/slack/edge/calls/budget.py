"""How many calls of each kind Slack takes in a minute, shared by all answers and notices of one process.

What answers a click or a command at once is not counted: a person waits for it, and 429 is heeded there too.

Of several processes each has a budget of its own; what they use up together Slack answers with 429, which all heed.
Limits: https://docs.slack.dev/apis/web-api/rate-limits (per method, app and workspace).
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

WINDOW = 60.0
"""Seconds."""
START, APPEND, STOP = "chat.startStream", "chat.appendStream", "chat.stopStream"
A_MINUTE: Mapping[str, int] = {
    START: 20,
    STOP: 20,
    APPEND: 100,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.open": 50,
    "chat.postEphemeral": 100,
    "users.info": 100,
    "views.publish": 100,
    "assistant.threads.setSuggestedPrompts": 100,
}
"""What is not named here waits for nothing: a trigger would be over, and posts have a limit in each channel."""
NEVER_WAIT = frozenset({START, APPEND})
"""Their caller asks first, and has another way when there is no room."""
MARGIN = 1.05
"""Of the time between two pieces of text: clocks and networks are not exact."""


class CallBudget:
    """``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, deque[float]] = defaultdict(deque)
        self._quiet_until: dict[str, float] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._streaming = 0

    def take(self, method: str) -> bool:
        """Whether one more call may be made now; if so, it counts."""
        if self.rest(method) > 0:
            return False
        if method in A_MINUTE:
            self._used[method].append(self._clock())
        return True

    def rest(self, method: str) -> float:
        """Seconds until there is room for one more."""
        now = self._clock()
        quiet = max(self._quiet_until.get(method, 0.0) - now, 0.0)
        used = self._used[method]
        while used and used[0] <= now - WINDOW:
            used.popleft()
        full = method in A_MINUTE and len(used) >= A_MINUTE[method]
        return max(quiet, used[0] + WINDOW - now if full else 0.0)

    async def turn(self, method: str) -> None:
        """Wait for room, in the order in which it was asked for."""
        if method not in A_MINUTE or method in NEVER_WAIT:
            return
        async with self._turns[method]:
            while not self.take(method):
                seconds = self.rest(method)
                await asyncio.sleep(seconds)

    def limited(self, method: str, seconds: float) -> None:
        """Slack wants no more of these for so long."""
        if method in A_MINUTE:
            self._quiet_until[method] = max(self._quiet_until.get(method, 0.0), self._clock() + seconds)

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """One more answer is being streamed."""
        self._streaming += 1
        try:
            yield
        finally:
            self._streaming -= 1

    @property
    def between_pieces(self) -> float:
        """Seconds that each answer waits between two pieces of its text, so that all that run now have room."""
        return max(self._streaming, 1) * WINDOW / A_MINUTE[APPEND] * MARGIN
