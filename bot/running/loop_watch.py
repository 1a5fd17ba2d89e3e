"""How late the event loop runs, and what held it up: one piece of work without a pause makes everybody wait."""

import asyncio
import logging
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import CodeType, FrameType

EVERY = 0.1
"""Seconds between two looks."""
STALL = 0.25
"""Seconds of lateness that are told of."""
SUSPICIOUS = 0.1
"""Seconds after which the other thread looks what is running."""
KEPT = int(60 / EVERY)
"""Looks of the last minute."""
QUANTILES = ("0.5", "0.99", "1")
UNSEEN = "something that could not be seen"
_ROOT = Path(__file__).parents[2]

log = logging.getLogger(__name__)


class LoopWatch:
    """A task that measures how late it is woken, and a thread that looks at the loop's while it does not come back."""

    def __init__(self) -> None:
        self.stalls = 0
        self._late: deque[float] = deque(maxlen=KEPT)
        self._back_at = time.perf_counter()
        self._seen: Counter[str] = Counter()
        self._over = threading.Event()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Of the loop that runs now, in this thread."""
        self._back_at = time.perf_counter()
        thread = threading.Thread(target=self._look_on, args=(threading.get_ident(),), name="loop watch", daemon=True)
        task = asyncio.create_task(self._measure_on(), name="loop watch")
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            task.cancel()
            await asyncio.wait({task})
            await asyncio.to_thread(thread.join)

    def lag(self) -> Mapping[str, float]:
        """Seconds of lateness in the last minute, by quantile."""
        late = sorted(self._late) or [0.0]
        return {each: late[min(len(late) - 1, int(float(each) * len(late)))] for each in QUANTILES}

    async def _measure_on(self) -> None:
        while True:
            due = time.perf_counter() + EVERY
            await asyncio.sleep(EVERY)
            self._back_at = time.perf_counter()
            self.woken(self._back_at - due)

    def woken(self, late: float) -> None:
        """So many seconds later than it should have been."""
        self._late.append(max(0.0, late))
        seen, self._seen = self._seen, Counter()
        if late > STALL:
            self.stalls += 1
            what = seen.most_common(1)[0][0] if seen else UNSEEN
            log.warning("the event loop stood still for %.2f s, in %s", late, what)

    def _look_on(self, thread: int) -> None:
        """While C code holds the interpreter this waits as well, and then sees who called it."""
        while not self._over.wait(EVERY):
            if time.perf_counter() - self._back_at > EVERY + SUSPICIOUS:
                self._seen[what_runs(sys._current_frames().get(thread))] += 1


def what_runs(frame: FrameType | None) -> str:
    """Function and line, and who of ours called it: names of code alone, and nothing of what it works on."""
    here = next(_frames(frame), None)
    if here is None:
        return UNSEEN
    ours = next((each for each in _frames(frame) if _is_ours(each.f_code)), None)
    told = _named(here)
    return told if ours is None or ours is here else f"{told}, called by {_named(ours)}"


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_ours(code: CodeType) -> bool:
    path = Path(code.co_filename)
    return path.is_relative_to(_ROOT) and "site-packages" not in path.parts


def _named(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    told = path.relative_to(_ROOT) if _is_ours(frame.f_code) else Path(*path.parts[-2:])
    return f"{frame.f_code.co_qualname} ({told.as_posix()}:{frame.f_lineno})"
