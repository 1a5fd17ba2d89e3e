"""What was used, line by line, for programs: of one member or of a workspace, by whatever is asked about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.gathering import Key, Used
from storage.tables.watch.usage_days import AGENT, LINK

CONNECTION = "connection"


@dataclass(frozen=True)
class Line:
    key: str
    """What it is about: a member, a card, an agent (empty: in person), a link, a connection, a model, a purpose."""
    tool: str
    """Of a card."""
    title: str
    """Of a link, an agent or a connection that is still there."""
    used: Used


async def of_member(db: Database, member: Member, by: str, since: datetime) -> list[Line]:
    """With guests on their links; in the order of key and tool."""
    async with db.read() as tables:
        if by == CONNECTION:
            return await _by_connection(tables, member, since)
        used = await tables.insights.of_member(member.workspace, by, since, member.id)
        return _lines(used, await _titles(tables, member.workspace, by, used))


async def of_workspace(db: Database, workspace: str, by: str, since: datetime) -> list[Line]:
    async with db.read() as tables:
        used = await tables.insights.used(workspace, by, since)
        return _lines(used, await _titles(tables, workspace, by, used))


async def _by_connection(tables: Tables, member: Member, since: datetime) -> list[Line]:
    mine = {each.id: each for each in await tables.connections.of(member.workspace, member.id)}
    calls = await tables.insights.calls_by_connection(member.workspace, list(mine), since) if mine else {}
    return _lines({(id_, ""): _used(each) for id_, each in calls.items()}, {id_: mine[id_].title for id_ in calls})


def _used(calls: Calls) -> Used:
    told = {"milliseconds": calls.milliseconds, "cost": calls.money}
    return Used(calls.done, calls.failed, calls.refused, **told, last=calls.last)


async def _titles(tables: Tables, workspace: str, by: str, used: Iterable[Key]) -> Mapping[str, str]:
    if by == LINK:
        return {each.id: each.title for each in await tables.links.these(workspace, [key for key, _ in used])}
    if by == AGENT:
        return {each.id: each.name for each in await tables.agents.of(workspace, archived=True)}
    return {}


def _lines(used: Mapping[Key, Used], titles: Mapping[str, str]) -> list[Line]:
    return [Line(key, tool, titles.get(key, ""), each) for (key, tool), each in sorted(used.items())]
