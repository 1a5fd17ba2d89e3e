"""Running text passes the stages before anybody reads it: what may yet become part of a match is held back."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.services.watch.content.values import Passed, Said, Stage, Verdict

Ask = Callable[[Stage, Said], Passed | None]
"""None: the stage is broken, and what is said goes on without it."""
_MOST_CUTS = 4


class RunningText:
    """One answer on its way through the ``stages``; ``about`` is what they are told beside its text.

    The whole answer passes them once more at its end and takes the place of what was shown until then.
    """

    def __init__(self, stages: Sequence[Stage], about: Said, ask: Ask) -> None:
        self._gates = [_Gate(stage, about, ask) for stage in stages if longest(stage) != 0]

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


class _Gate:
    """Of one stage."""

    def __init__(self, stage: Stage, about: Said, ask: Ask) -> None:
        self._stage = stage
        self._about = about
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
        if not (cuts := self._cuts()):
            return ""
        whole = self._passed(self._waiting)
        for cut in cuts:
            before, after = self._waiting[:cut], self._waiting[cut:]
            shown = before
            if whole != self._waiting:
                shown = self._passed(before)
                if shown + self._passed(after) != whole:  # the cut goes through a match
                    continue
            self._waiting = after
            return shown
        return ""

    def _cuts(self) -> list[int]:
        """Before what is held back; if that is in the middle of a match, further to the front."""
        most = self._longest or 1
        back = self._held(replace(self._about, text=self._waiting)) if self._held else most - 1
        end = len(self._waiting) - back
        return [end - step * most for step in range(_MOST_CUTS) if end > step * most]

    def _passed(self, text: str) -> str:
        passed = self._ask(self._stage, replace(self._about, text=text))
        if passed is None:
            raise _Broken
        if passed.verdict is Verdict.BLOCK:
            raise _Stopped
        return passed.text if passed.verdict is Verdict.REDACT else text
