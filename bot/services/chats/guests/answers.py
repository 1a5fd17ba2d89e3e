"""An answer to a guest passes the content stages: running, before it is shown, and whole, before it is kept."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from bot import words
from bot.agent.loop import NOTES
from bot.services.chats.opening import Opened
from bot.services.watch.content import Content, Direction, Outcome, Said
from bot.services.watch.content.canary import canary_of
from bot.services.watch.content.pipeline import record
from bot.words import Words
from mcp_runtime.tools.tools import Tool
from storage.database import Database


class Passing:
    """Of one turn; a member's passes as it is, since nobody outside reads it."""

    def __init__(self, content: Content, found: Opened, tools: Iterable[Tool]) -> None:
        self._content = content
        self._found = found
        names = [tool.own_name for tool in tools if tool.own_name]
        private, canary = (found.link.instructions, canary_of(found.link)) if found.link else ("", "")
        self._about = Said("", Direction.AGENT, private, names, canary)
        self._running = content.running(self._about)

    def goes_on(self, text: str) -> str:
        """As much of the running answer to a guest as may be shown now."""
        return self._running.goes_on(text)

    def whole(self, text: str) -> Outcome:
        if self._found.link is None:
            return Outcome(text)
        outcome = self._content.passed(replace(self._about, text=text))
        return Outcome(spoken(self._found)("status.withheld"), outcome.findings) if outcome.blocked else outcome


def spoken(found: Opened) -> Words:
    """In which a guest reads what stands in an answer and is not the agent's own."""
    link, session = found.link, found.session
    return words.of((link.language if link else "") or (session.language if session else ""))


def endings(found: Opened) -> dict[str, str]:
    """What is said of an answer's ending, by its name."""
    return _endings(spoken(found))


@cache
def _endings(language: Words) -> dict[str, str]:
    return {ending: language(f"status.{ending}") for ending in NOTES}


async def noted(db: Database, found: Opened, outcome: Outcome) -> None:
    """After the answer is stored, in a transaction of its own: it may cost no turn."""
    if found.link and found.session and outcome.findings:
        async with db.begin() as tables:
            here = (found.link.workspace_id, found.link.id, found.session.id)
            await record(tables, *here, Direction.AGENT, outcome)
