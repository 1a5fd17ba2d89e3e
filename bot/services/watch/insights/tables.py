"""What was used, as CSV: counts and names, never what was said, asked or found."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.services.files.spreadsheets import Cell, csv_of
from bot.services.limits.budgets.months import first_of
from bot.services.limits.prices import DOLLAR
from bot.services.watch.insights.insights import Person, most_called, people
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.insights.gathering import Used
from storage.schema import now
from storage.tables.watch.usage_days import AGENT, LINK, TOOL

MOST = 2_000
OF_CALLS = ["Calls", "Failed", "Refused by a rule", "Went well", "Seconds each", "US dollars, about"]
OF_TOKENS = ["Tokens its results brought", "Tokens left out of its results, about"]
HEAD = ["What", "Which", *OF_CALLS, *OF_TOKENS]
OF_LINKS = ["Chat link", "Id", "Made by", "Answers", *OF_CALLS, "Tokens", "US dollars for answers, about"]
OF_PEOPLE = ["Member", "Connections", "Not working", "Calls", "Failed", "Links alive", "US dollars, about"]
CHARACTERS = 4
"""Of a token, about: what was left out no model has counted."""
IN_PERSON, GONE = "in person", "(deleted)"


async def of_member(db: Database, member: Member) -> str:
    """This month's calls, a row a tool."""
    async with db.read() as tables:
        found = await tables.insights.of_member(member.workspace, TOOL, first_of(now()), member.id)
    return csv_of([HEAD, *(_row(card, tool, used) for card, tool, used in most_called(found)[:MOST])])


async def of_workspace(db: Database, workspace: str, since: datetime) -> str:
    """A row a tool, an agent; below, a row a chat link, and a row a member."""
    async with db.read() as tables:
        tools = most_called(await tables.insights.used(workspace, TOOL, since))
        agents = await tables.insights.used(workspace, AGENT, since)
        names = {each.id: each.name for each in await tables.agents.of(workspace, archived=True)}
        links = await _links(tables, workspace, await tables.insights.used(workspace, LINK, since))
        everybody = await people(tables, workspace, since)
    rows = [_row(card, tool, used) for card, tool, used in tools[:MOST]]
    rows += [_row("agent", names.get(id_, id_ or IN_PERSON), used) for (id_, _), used in agents.items()]
    of_people = [_person(each) for each in everybody[:MOST]]
    return csv_of([HEAD, *rows, [], OF_LINKS, *links, [], OF_PEOPLE, *of_people])


async def _links(tables: Tables, workspace: str, used: Mapping[tuple[str, str], Used]) -> Sequence[Sequence[Cell]]:
    """The dearest first; of those that are deleted the id is left."""
    dearest = sorted(used.items(), key=lambda each: (-each[1].money, -each[1].requests, each[0]))[:MOST]
    known = {each.id: each for each in await tables.links.these(workspace, [id_ for (id_, _), _ in dearest])}
    rows: list[Sequence[Cell]] = []
    for (id_, _), each in dearest:
        link = known.get(id_)
        named: list[Cell] = [link.title, id_, link.creator_id] if link else [GONE, id_, ""]
        rows.append([*named, each.turns, *_calls(each), each.asked.tokens, each.money / DOLLAR])
    return rows


def _row(what: str, which: str, used: Used) -> Sequence[Cell]:
    return [what, which, *_calls(used), used.brought, round(used.left_out / CHARACTERS)]


def _calls(used: Used) -> list[Cell]:
    calls = used.calls
    success = None if calls.success is None else round(calls.success, 3)
    return [calls.sent, calls.failed, calls.refused, success, round(calls.seconds, 2), calls.money / DOLLAR]


def _person(each: Person) -> Sequence[Cell]:
    holds, used = each.holds, each.used
    own: list[Cell] = [each.member, holds.connections, holds.troubled, each.calls, used.failed, holds.links]
    return [*own, used.money / DOLLAR]
