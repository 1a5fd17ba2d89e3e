"""Running text passes the stages before anybody reads it: what may yet become part of a match is held back."""

import logging
from collections.abc import Callable, Sequence

from bot.services.watch.content.values import Passed, Said, Stage, Verdict

Ask = Callable[[Stage, Said], Passed | None]
"""None: the stage is broken, and what is said goes on without it."""
_MOST_CUTS = 4

log = logging.getLogger(__name__)


class RunningText:
    """One answer on its way through the ``stages``; ``about`` is what they are told beside its text.

    The whole answer passes them once more at its end and takes the place of what was shown until then.
    """

    def __init__(self, stages: Sequence[Stage], about: Said, ask: Ask) -> None:
        told = _Telling(about)
        self._gates = [_Gate(stage, told, ask) for stage in stages if longest(stage) != 0]

    def goes_on(self, text: str) -> str:
        """What may be shown now; once a stage has stopped it, nothing more."""
        for gate in self._gates:
            if text:
                text = gate.let_through(text)
        return text


def longest(stage: Stage) -> int | None:
    """Characters that it has to see together; 0: it only notes. None, where it does not say: the whole answer."""
    found = getattr(stage, "longest", None)
    return found if isinstance(found, int) and found >= 0 else None


class _Stopped(Exception):
    pass


class _Broken(Exception):
    pass


class _Telling:
    """What the stages are told; most pieces pass one as they came from the one before."""

    def __init__(self, about: Said) -> None:
        self._last = about

    def of(self, text: str) -> Said:
        last = self._last
        if last.text != text:
            last = self._last = Said(text, last.direction, last.private, last.tools, last.canary)
        return last


class _Gate:
    """Of one stage."""

    def __init__(self, stage: Stage, told: _Telling, ask: Ask) -> None:
        self._stage = stage
        self._told = told
        self._ask = ask
        self._longest = longest(stage)
        self._held: Callable[[Said], int] | None = getattr(stage, "held", None)
        self._waiting = ""
        self._shut = self._longest is None
        self._open = False

    def let_through(self, text: str) -> str:
        if self._shut or self._open:
            return text if self._open else ""
        self._waiting += text
        try:
            return self._settled()
        except _Stopped:
            self._shut = True
            return ""
        except _Broken:
            self._open = True
            return self._waiting

    def _settled(self) -> str:
        """The part of what waits that nothing said later can change."""
        waiting = self._waiting
        if (end := len(waiting) - self._back()) <= 0:
            return ""
        if (whole := self._passed(waiting)) == waiting:
            self._waiting = waiting[end:]
            return waiting[:end]
        for cut in self._cuts(end):
            before, after = waiting[:cut], waiting[cut:]
            shown = self._passed(before)
            if shown + self._passed(after) == whole:  # else the cut goes through a match
                self._waiting = after
                return shown
        return ""

    def _back(self) -> int:
        """How much at the end has to wait for more."""
        if self._held is None:
            return (self._longest or 1) - 1
        try:
            return self._held(self._told.of(self._waiting))
        except Exception as error:
            log.exception("the content stage %s failed: an answer is shown when it is whole", self._stage.name)
            raise _Stopped from error

    def _cuts(self, end: int) -> list[int]:
        """Before what is held back; if that is in the middle of a match, further to the front."""
        most = self._longest or 1
        return [end - step * most for step in range(_MOST_CUTS) if end > step * most]

    def _passed(self, text: str) -> str:
        passed = self._ask(self._stage, self._told.of(text))
        if passed is None:
            raise _Broken
        if passed.verdict is Verdict.BLOCK:
            raise _Stopped
        return passed.text if passed.verdict is Verdict.REDACT else text
