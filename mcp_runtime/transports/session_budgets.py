"""What one session may take of what all share: bytes, messages, time, memory. Who goes on beyond it is closed."""

import time
from collections.abc import Callable

import httpx2
from mcp import types

from mcp_runtime.transports.fair_turns import Clock, Credit, FairTurns
from mcp_runtime.transports.large.reading import Took

MAX_BYTES, BYTES_A_SECOND = 128 << 20, 2 << 20
MAX_MESSAGES, MESSAGES_A_SECOND = 20_000, 100
LONGEST_WAITING, LESS_A_SECOND = 30.0, 0.5
"""Seconds for which it was made to wait because it took more than its share of the time, less what it rested since."""
MAX_READING, READING_A_SECOND = 20.0, 0.1
"""Seconds of a processor in the process that reads what is large."""
MAX_MEMORY, MEMORY_A_SECOND = 6 << 30, 32 << 20
"""Bytes that all its large messages took there, one after another: the largest of an honest server take a twentieth."""
SECONDS_OF_BYTE, SECONDS_OF_MESSAGE, SECONDS_OF_REQUEST = 2e-9, 5e-4, 5e-3
"""What costs time elsewhere, where it cannot be measured: in the kernel, in the SDK, and to answer what is asked."""
UNHEARD = "notifications/message"
"""Lines for a log that nobody reads."""
OF_PROGRESS, OF_CHANGES = (100, 20.0), (20, 1.0)
"""So many at once, and so many a second: of those that follow closely the last would do."""
DULL = {
    "notifications/progress": OF_PROGRESS,
    "notifications/tools/list_changed": OF_CHANGES,
    "notifications/resources/list_changed": OF_CHANGES,
    "notifications/resources/updated": OF_CHANGES,
    "notifications/prompts/list_changed": OF_CHANGES,
}
CLOSED = "{}, so its session was closed"
BYTES = CLOSED.format(f"it sent more than {MAX_BYTES >> 20} MB in a short time")
MESSAGES = CLOSED.format(f"it sent more than {MAX_MESSAGES:,} messages in a short time")
READING = CLOSED.format(f"to read what it sent took more than {MAX_READING:.0f} s of work in a short time")
MEMORY = CLOSED.format(f"to read what it sent took more than {MAX_MEMORY >> 30} GB of memory in a short time")
TIME = CLOSED.format("it took more than its share of the time for a minute")


class SessionSpent(httpx2.SSEError, httpx2.StreamError):
    """Nothing more is read of it. Of either kind, since the SDK knows one for bodies and one for streams."""

    def __init__(self) -> None:
        super().__init__("a session is over its budget")


class SessionBudget(FairTurns):
    """Of one session, by whichever transport. ``spent`` says what it had too much of; ``on_spent`` ends it."""

    def __init__(
        self, clock: Clock = time.perf_counter, worked: Clock = time.thread_time, members: Credit | None = None
    ) -> None:
        super().__init__(clock, worked, members)
        self.spent = ""
        self.on_spent: Callable[[], None] = lambda: None
        self._bytes = Bucket(MAX_BYTES, BYTES_A_SECOND, clock)
        self._messages = Bucket(MAX_MESSAGES, MESSAGES_A_SECOND, clock)
        self._reading = Bucket(MAX_READING, READING_A_SECOND, clock)
        self._memory = Bucket(MAX_MEMORY, MEMORY_A_SECOND, clock)
        self._waiting = Bucket(LONGEST_WAITING, LESS_A_SECOND, clock)
        self._dull = {method: Bucket(*pace, clock) for method, pace in DULL.items()}

    def came(self, size: int) -> None:
        """So many bytes; raises `SessionSpent`."""
        self._worked += size * SECONDS_OF_BYTE
        self._take(self._bytes, size, BYTES)

    def read_elsewhere(self, took: Took) -> None:
        """In the process for what is large. Raises `SessionSpent`."""
        self._take(self._reading, took.seconds, READING)
        self._take(self._memory, took.memory, MEMORY)

    def hears(self, message: types.JSONRPCMessage) -> bool:
        """False: nobody needs it. Raises `SessionSpent`."""
        method = message.method if isinstance(message, types.JSONRPCRequest | types.JSONRPCNotification) else None
        return self.hears_of(method, asks=isinstance(message, types.JSONRPCRequest))

    def hears_of(self, method: str | None, *, asks: bool = False) -> bool:
        """`hears`, of a message that is not read yet: an answer has no ``method``, a request ``asks``."""
        self._take(self._messages, 1, MESSAGES)
        if not asks and (method == UNHEARD or (method in self._dull and not self._dull[method].take(1))):
            return False
        self._worked += SECONDS_OF_REQUEST if asks else SECONDS_OF_MESSAGE
        return True

    def paused(self, seconds: float) -> None:
        self._take(self._waiting, seconds, TIME)

    def _take(self, bucket: "Bucket", amount: float, why: str) -> None:
        if self.spent or not bucket.take(amount):
            self.spent = self.spent or why
            self.on_spent()
            raise SessionSpent


class Bucket:
    """Holds so much, and gets back so much each second."""

    def __init__(self, most: float, each_second: float, clock: Clock) -> None:
        self._most, self._each_second, self._clock = most, each_second, clock
        self._left, self._at = most, clock()

    def take(self, amount: float) -> bool:
        """False, with nothing taken, when there is not as much in it."""
        at = self._clock()
        self._left, self._at = min(self._most, self._left + (at - self._at) * self._each_second), at
        if amount > self._left:
            return False
        self._left -= amount
        return True
