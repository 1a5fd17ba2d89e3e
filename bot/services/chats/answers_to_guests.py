"""What the agent answers a guest passes the content stages before it is stored."""

from collections.abc import Iterable

from bot.services.chats.opening import Opened
from bot.services.watch.content import Content, Direction, Outcome, Said
from bot.services.watch.content.pipeline import record
from mcp_runtime.tools.tools import Tool
from storage.database import Database

WITHHELD = "(This answer was withheld by a filter.)"


def passed(content: Content, found: Opened, text: str, tools: Iterable[Tool]) -> Outcome:
    """As it is where nobody outside reads it."""
    if found.link is None:
        return Outcome(text)
    names = [tool.own_name for tool in tools if tool.own_name]
    outcome = content.passed(Said(text, Direction.AGENT, found.link.instructions, names))
    return Outcome(WITHHELD, outcome.findings) if outcome.blocked else outcome


async def noted(db: Database, found: Opened, outcome: Outcome) -> None:
    """After the answer is stored, in a transaction of its own: it may cost no turn."""
    if found.link and found.session and outcome.findings:
        async with db.begin() as tables:
            here = (found.link.workspace_id, found.link.id, found.session.id)
            await record(tables, *here, Direction.AGENT, outcome)
