"""Which tools the model's API refuses, learnt while the process lives, so that not every turn pays for it."""

import math
import time
from collections.abc import Callable, Collection, Mapping

NAMED = "the model refuses its definition"
UNNAMED = "the model refuses a definition without saying which, and this one may be it"
SUSPECT_FOR = 1800.0
"""Seconds; nobody has said that it was this one."""


class RefusedTools:
    """Tools are known by their pin, a hash of all that is declared of them: a mended tool is a new one.

    A refusal that names no tool makes a group suspect. Group by group they are offered again, one at each
    answer: one that is taken is cleared, one that is refused is halved, so that about log2 of their number
    requests find the culprit and the rest come back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused: dict[str, tuple[str, float]] = {}
        self._groups: list[frozenset[str]] = []

    @property
    def empty(self) -> bool:
        return not self._refused and not self._groups

    def held(self, pins: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
        """Of these tools, pins by name: why each that stays out does, and the names that are on trial."""
        groups = [frozenset(name for name, pin in pins.items() if pin in group) for group in self._groups]
        trial = next((group for group in groups if group), frozenset[str]())
        self._refused = {pin: each for pin, each in self._refused.items() if each[1] > self._clock()}
        held = {name: self._refused[pin][0] for name, pin in pins.items() if pin in self._refused}
        return held | {name: UNNAMED for group in groups for name in group - trial}, trial

    def refuse(self, pins: Collection[str], why: str) -> None:
        self._refused |= dict.fromkeys(pins, (why, math.inf))
        self.clear(pins)

    def suspect(self, pins: Collection[str]) -> None:
        """One of them at least is refused."""
        self.clear(pins)
        ordered = sorted(pins)
        if len(ordered) == 1:
            # All together may have been too many: alone, or beside others, it may be taken.
            self._refused[ordered[0]] = (UNNAMED, self._clock() + SUSPECT_FOR)
        else:
            half = len(ordered) // 2
            self._groups += [frozenset(ordered[:half]), frozenset(ordered[half:])]

    def clear(self, pins: Collection[str]) -> None:
        """Taken by the API, or judged otherwise."""
        self._groups = [left for group in self._groups if (left := group.difference(pins))]
