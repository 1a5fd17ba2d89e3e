"""All stages in their order. They are telemetry, not the control: what guests may do is bounded elsewhere."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.services.watch.content.canary import Canary
from bot.services.watch.content.cleaning import Cleaning
from bot.services.watch.content.leaks import Leaks
from bot.services.watch.content.private_things import PrivateThings
from bot.services.watch.content.running_text import RunningText
from bot.services.watch.content.values import Direction, Finding, Passed, Said, Stage, Verdict
from storage.database import Tables

ACTION = "link.filtered"
BUILT_IN: tuple[Stage, ...] = (Cleaning(), PrivateThings(), Canary(), Leaks())

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    text: str
    findings: tuple[Finding, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(each.verdict is Verdict.BLOCK for each in self.findings)


class Content:
    """``more`` are an installation's own, after the built-in ones."""

    def __init__(self, more: Sequence[Stage] = ()) -> None:
        self._stages = (*BUILT_IN, *more)

    def passed(self, said: Said) -> Outcome:
        """Through all stages for its direction, or until one blocks it."""
        findings: list[Finding] = []
        for stage in self._for(said.direction):
            result = _asked(stage, said) or Passed(said.text)
            if result.verdict is not Verdict.ALLOW:
                findings += [Finding(stage.name, result.verdict, each) for each in result.found or (stage.name,)]
            if result.verdict is Verdict.BLOCK:
                break
            if result.verdict is Verdict.REDACT:
                said = replace(said, text=result.text)
        return Outcome(said.text, tuple(findings))

    def running(self, about: Said) -> RunningText:
        """For an answer that is shown as it comes; ``about`` is all that is known of it but its text."""
        return RunningText(self._for(about.direction), about, _asked)

    def _for(self, direction: Direction) -> list[Stage]:
        return [stage for stage in self._stages if direction in stage.directions]

    def relayed(self, text: str) -> str:
        """As it may stand in Slack."""
        outcome = self.passed(Said(text, Direction.RELAY))
        return "(withheld by a filter)" if outcome.blocked else outcome.text


def _asked(stage: Stage, said: Said) -> Passed | None:
    try:
        return stage(said)
    except Exception:  # one that is broken must not end all chats
        log.exception("the content stage %s failed, and what was said goes on without it", stage.name)
        return None


async def record(
    tables: Tables, workspace: str, link_id: str, session_id: str, direction: Direction, outcome: Outcome
) -> None:
    """In the audit, the kind alone, and each once a chat: a flood of them makes no flood there."""
    for each in outcome.findings:
        once = f"{workspace}:filtered:{session_id}:{direction}:{each.stage}:{each.found}:{each.verdict}"
        if not await tables.handled.first_time(workspace, once[:255]):
            continue
        detail = {"session": session_id, "direction": str(direction), "stage": each.stage}
        detail |= {"verdict": str(each.verdict), "found": each.found}
        await tables.audit.add(workspace, "usher", ACTION, link_id, detail)
