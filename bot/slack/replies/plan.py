"""The steps of one answer: a card for each call, and above them in few words how far they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.services.chats.values import CALL_ENDED
from bot.slack.replies.chunks import Chunk, plan, task
from bot.slack.screens.blocks.text import count, safe, seconds_told

STATES = {"started": "in_progress", "done": "complete", "failed": "error"}
TOOK, WORKING = "Took {}", "Working: step {}"
LONGEST = 240


@dataclass
class Step:
    title: str
    about: Mapping[str, Any]
    state: str = ""
    progress: str = ""
    name: str = field(default="", init=False)
    """As it was told last."""


class Plan:
    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self._seconds = 0.0
        self._longest = 0.0  # of those that run side by side now: what they take together

    def step(
        self,
        call: str,
        title: str,
        state: str,
        summary: str = "",
        seconds: float = 0.0,
        sources: Sequence[Chunk] = (),
        about: Mapping[str, Any] | None = None,
    ) -> list[Chunk]:
        """``title``, ``summary`` and what it is ``about`` are others' words, and are nothing but text here."""
        step = self._steps.setdefault(call, Step(title, about or {}))
        step.state, step.progress = state, summary if state == "started" else ""
        self._longest = max(self._longest, seconds) if state in CALL_ENDED else self._longest
        if not self._running:
            self._seconds, self._longest = self._seconds + self._longest, 0.0
        output = safe(summary, LONGEST) if state == "failed" else ""
        took = TOOK.format(seconds_told(seconds)) if state in CALL_ENDED and seconds else ""
        step.name = self.name(call)
        told = task(call, step.name, STATES.get(state, "complete"), output, took, sources)
        return [plan(self._title()), told, *self._renamed()]

    def name(self, call: str) -> str:
        """Its title; beside others of the same, also what tells it from them."""
        step = self._steps[call]
        others = [each for each in self._steps.values() if each is not step and each.title == step.title]
        # In the title, which a later one replaces for certain: of details it is not known whether they add up.
        return safe(" · ".join(filter(None, [_apart(step, others), step.progress])), LONGEST)

    @property
    def _running(self) -> dict[str, Step]:
        return {call: step for call, step in self._steps.items() if step.state == "started"}

    def _renamed(self) -> Iterator[Chunk]:
        """Those that run beside a new one of their kind. What has ended may stand in a message before this one."""
        for call, step in self._running.items():
            if (name := self.name(call)) != step.name:
                step.name = name
                yield task(call, name, STATES["started"])

    def _title(self) -> str:
        states = [step.state for step in self._steps.values()]
        if "started" in states:
            return WORKING.format(len(states))
        told = [count(len(states), "step"), *([seconds_told(self._seconds)] if self._seconds else [])]
        failed = states.count("failed")
        return " · ".join([*told, *([f"{failed} failed"] if failed else [])])


def _apart(step: Step, others: Sequence[Step]) -> str:
    """In the card's own words where these differ, else by the arguments that do."""
    if not others:
        return step.title
    words = str(step.about.get("words") or "")
    if words and any(each.about.get("words") != words for each in others):
        server, named, _ = step.title.partition(": ")
        return f"{server}: {words}" if named else words[:1].upper() + words[1:]
    given = step.about.get("given") or {}
    differing = [
        str(value)
        for name, value in given.items()
        if any((each.about.get("given") or {}).get(name) != value for each in others)
    ]
    return " · ".join([step.title, *([", ".join(differing)] if differing else [])])
