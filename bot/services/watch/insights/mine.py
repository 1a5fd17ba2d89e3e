"""What a member sees of their own use: waiting questions, calls, and what would make things easier, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.services.limits.budgets.months import first_of
from bot.services.watch.insights.insights import most_called
from storage.database import Database
from storage.members import Member
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.gathering import NOTHING, Used
from storage.schema import now
from storage.tables import Approval, Connection, PinnedTool
from storage.tables.watch.usage_days import ALL, TOOL

LATELY, UNUSED = timedelta(days=30), timedelta(days=60)
MOST_TOOLS, MOST_DECISIONS = 5, 200
OFTEN, LAST, MOST_FAILED = 5, 5, 3
ALWAYS, TEST, LEAVE = "always", "test", "leave"


@dataclass(frozen=True)
class Suggestion:
    """``number`` is its evidence: times approved, calls that failed, days unused."""

    kind: str
    connection: str
    title: str
    number: int
    tool: str = ""


@dataclass(frozen=True)
class Mine:
    waiting: Sequence[Approval] = ()
    """Questions that nobody else can answer, the oldest first."""
    calls: Calls = field(default_factory=Calls)
    """This month's."""
    tools: Sequence[tuple[str, str, Used]] = ()
    """Card and tool, those called most this month."""
    outcomes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    decisions: Sequence[tuple[str, Sequence[Any]]] = ()


class MyInsights:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, member: Member) -> Mine:
        at = now()
        here = (member.workspace, member.id)
        async with self._db.read() as tables:
            waiting = [each for each in await tables.approvals.waiting(*here) if each.expires_at > at]
            used = await tables.insights.of_member(member.workspace, ALL, first_of(at), member.id)
            tools = await tables.insights.of_member(member.workspace, TOOL, first_of(at), member.id)
            outcomes = await tables.insights.last_outcomes(*here, at - LATELY, LAST)
            decisions = await tables.insights.decisions(*here, at - LATELY, MOST_DECISIONS)
        return Mine(waiting, used.get(("", ""), NOTHING).calls, most_called(tools)[:MOST_TOOLS], outcomes, decisions)


def suggestions(
    mine: Mine, held: Sequence[tuple[Connection, Sequence[PinnedTool], datetime | None]], at: datetime
) -> list[Suggestion]:
    """``held`` are the member's connections with their tools, and when each was used last."""
    found = _always(mine.decisions, held)
    for connection, _, last in held:
        failed = sum(each != "done" for each in mine.outcomes.get(connection.id, ()))
        idle = at - (last or connection.created_at)
        if failed >= MOST_FAILED and connection.status == "connected":
            found.append(Suggestion(TEST, connection.id, connection.title, failed))
        elif idle >= UNUSED:
            found.append(Suggestion(LEAVE, connection.id, connection.title, idle.days))
    return found


def _always(
    decisions: Sequence[tuple[str, Sequence[Any]]], held: Sequence[tuple[Connection, Sequence[PinnedTool], Any]]
) -> list[Suggestion]:
    """Approved again and again, and never denied; only what asks still, and as it was accepted."""
    yes: Counter[tuple[str, str]] = Counter()
    no = set()
    for state, calls in decisions:
        asked = {(str(call.get("connection_id")), str(call["tool"])) for call in calls if call.get("guarded")}
        yes.update(asked if state != "denied" else ())
        no |= asked if state == "denied" else set()
    return [
        Suggestion(ALWAYS, connection.id, f"{connection.title}: {tool.title or tool.name}", yes[key], tool.name)
        for connection, tools, _ in held
        for tool in tools
        if (key := (connection.id, tool.name)) not in no
        and yes[key] >= OFTEN
        and tool.policy == "ask"
        and tool.state == "accepted"
    ]
