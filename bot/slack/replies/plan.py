"""The steps of one answer: a card for each call, and above them in few words how far they are."""

from collections.abc import Sequence

from bot.services.chats.values import CALL_ENDED
from bot.slack.replies.chunks import Chunk, plan, task
from bot.slack.screens.blocks.text import count, safe, seconds_told

STATES = {"started": "in_progress", "done": "complete", "failed": "error"}
TOOK, WORKING = "Took {}", "Working: step {}"


class Plan:
    def __init__(self) -> None:
        self._steps: dict[str, str] = {}
        self._seconds = 0.0
        self._longest = 0.0  # of those that run side by side now: what they take together

    def step(
        self, call: str, name: str, state: str, summary: str = "", seconds: float = 0.0, sources: Sequence[Chunk] = ()
    ) -> list[Chunk]:
        """``name`` and ``summary`` are others' words, and are nothing but text here."""
        self._steps[call] = state
        self._longest = max(self._longest, seconds) if state in CALL_ENDED else self._longest
        if "started" not in self._steps.values():
            self._seconds, self._longest = self._seconds + self._longest, 0.0
        output = safe(summary, 240) if state == "failed" else ""
        took = TOOK.format(seconds_told(seconds)) if state in CALL_ENDED and seconds else ""
        return [plan(self._title()), task(call, safe(name, 240), STATES.get(state, "complete"), output, took, sources)]

    def _title(self) -> str:
        states = list(self._steps.values())
        if "started" in states:
            return WORKING.format(len(states))
        told = [count(len(states), "step"), *([seconds_told(self._seconds)] if self._seconds else [])]
        failed = states.count("failed")
        return " · ".join([*told, *([f"{failed} failed"] if failed else [])])
