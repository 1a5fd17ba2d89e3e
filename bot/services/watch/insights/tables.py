"""What was used, as CSV: counts and names, never what was said, asked or found."""

from collections.abc import Sequence
from datetime import datetime

from bot.services.files.spreadsheets import Cell, csv_of
from bot.services.limits.budgets.months import first_of
from bot.services.limits.prices import DOLLAR
from storage.database import Database
from storage.members import Member
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.people import Person
from storage.schema import now

MOST = 2_000
HEAD = ["What", "Which", "Calls", "Failed", "Refused by a rule", "Went well", "Seconds each", "US dollars, about"]
OF_PEOPLE = ["Member", "Connections", "Not working", "Calls", "Failed", "Links alive", "US dollars, about"]


async def of_member(db: Database, member: Member) -> str:
    """This month's calls, a row a tool."""
    async with db.read() as tables:
        found = await tables.insights.calls_by_tool(member.workspace, first_of(now()), MOST, member.id)
    return csv_of([HEAD, *(_calls(card, tool, calls) for card, tool, calls in found)])


async def of_workspace(db: Database, workspace: str, since: datetime) -> str:
    """A row a tool, a card, an agent; below, a row a member."""
    async with db.read() as tables:
        tools = await tables.insights.calls_by_tool(workspace, since, MOST)
        agents = await tables.insights.calls_by_agent(workspace, since)
        names = {each.id: each.name for each in await tables.agents.of(workspace, archived=True)}
        people, _ = await tables.insights.most_active(workspace, since, now(), 0, MOST)
    rows = [_calls(card, tool, calls) for card, tool, calls in tools]
    rows += [_calls("agent", names.get(id_, id_ or "in person"), calls) for id_, calls in agents.items()]
    return csv_of([HEAD, *rows, [], OF_PEOPLE, *(_person(each) for each in people)])


def _calls(what: str, which: str, calls: Calls) -> Sequence[Cell]:
    success = None if calls.success is None else round(calls.success, 3)
    numbers: list[Cell] = [calls.sent, calls.failed, calls.refused, success, round(calls.seconds, 2)]
    return [what, which, *numbers, calls.money / DOLLAR]


def _person(each: Person) -> Sequence[Cell]:
    return [each.member, each.connections, each.troubled, each.calls, each.failed, each.links, each.money / DOLLAR]
