"""What was said in threads that Usher was called into, kept for a while in memory and nowhere else.

Slack lets some apps read a thread once a minute only. Nothing is kept of threads in which nobody has mentioned Usher.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

MOST_THREADS = 500
MOST_MESSAGES = 60
"""Of one thread, the newest."""
FOR_SECONDS = 24 * 3600.0
"""After the last mention."""
LONGEST = 4_000

Key = tuple[str, str, str]
"""Workspace, channel, thread."""


@dataclass(frozen=True)
class Heard:
    ts: str
    author: str
    """A person's id, or the name of a program."""
    text: str
    files: tuple[dict[str, Any], ...] = ()
    """That came with it, as they are fetched."""


@dataclass
class _Thread:
    until: float
    messages: OrderedDict[str, Heard] = field(default_factory=OrderedDict)


class HeardThreads:
    def __init__(self) -> None:
        self._threads: OrderedDict[Key, _Thread] = OrderedDict()

    def follow(self, key: Key) -> None:
        """Somebody has mentioned Usher there."""
        until = time.monotonic() + FOR_SECONDS
        thread = self._threads.setdefault(key, _Thread(until))
        thread.until = until
        self._threads.move_to_end(key)
        while len(self._threads) > MOST_THREADS:
            self._threads.popitem(last=False)

    def hear(self, key: Key, heard: Heard) -> None:
        """A new message or the new words of an old one; passed over where nobody called Usher."""
        if (thread := self._thread(key)) is None:
            return
        thread.messages[heard.ts] = replace(heard, text=heard.text[:LONGEST])
        while len(thread.messages) > MOST_MESSAGES:
            thread.messages.pop(min(thread.messages))

    def forget(self, key: Key, ts: str) -> None:
        """A message was deleted."""
        if thread := self._thread(key):
            thread.messages.pop(ts, None)

    def of(self, key: Key) -> list[Heard]:
        """Oldest first."""
        thread = self._thread(key)
        return sorted(thread.messages.values(), key=lambda each: each.ts) if thread else []

    def follows(self, key: Key) -> bool:
        return self._thread(key) is not None

    def _thread(self, key: Key) -> _Thread | None:
        thread = self._threads.get(key)
        if thread and thread.until < time.monotonic():
            del self._threads[key]
            return None
        return thread
