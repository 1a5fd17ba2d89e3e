"""What was used between two moments, added up from the rows of calls and of requests to the model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.insights.calls import Calls
from storage.repositories.repository import Repository
from storage.repositories.spending.model_usage import Sum
from storage.tables import Connection, ModelUsage, Session, ToolUsage, Turn
from storage.tables.watch.usage_days import AGENT, ALL, LINK, MEMBER, MODEL, PURPOSE, TOOL

Key = tuple[str, str]
"""Of a kind; and a tool, of that alone."""


@dataclass(frozen=True)
class Used:
    """As the columns of `UsageDay`."""

    done: int = 0
    failed: int = 0
    refused: int = 0
    milliseconds: int = 0
    cost: int = 0
    left_out: int = 0
    """Characters of results that the model was not shown."""
    brought: int = 0
    """Tokens that results brought into prompts, as far as the model's own counts tell it."""
    requests: int = 0
    prompt: int = 0
    cached: int = 0
    output: int = 0
    thoughts: int = 0
    money: int = 0
    saved: int = 0
    priced: int = 0
    measured: int = 0
    turns: int = 0
    """In which the model was asked; one that goes on after midnight (UTC) is counted on both days."""
    last: datetime | None = None

    def __add__(self, other: "Used") -> "Used":
        sums = {name: getattr(self, name) + getattr(other, name) for name in NUMBERS}
        return Used(**sums, last=max(filter(None, (self.last, other.last)), default=None))

    @property
    def calls(self) -> Calls:
        return Calls(self.done, self.failed, self.refused, self.milliseconds, self.cost, last=self.last)

    @property
    def asked(self) -> Sum:
        return Sum(**{each.name: getattr(self, each.name) for each in fields(Sum)})


NUMBERS = tuple(each.name for each in fields(Used) if each.name != "last")
NOTHING = Used()


def _times(*outcomes: str) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((ToolUsage.outcome.in_(outcomes), 1), else_=0))


def _sum(column: Any) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(column), 0)


_SENT = ToolUsage.outcome.in_(("done", "failed", "timed_out"))
CALLS: dict[str, sa.ColumnElement[Any]] = {
    "done": _times("done"),
    "failed": _times("failed", "timed_out"),
    "refused": _times("refused"),
    "milliseconds": sa.func.sum(sa.case((_SENT, ToolUsage.milliseconds), else_=0)),
    "cost": _sum(ToolUsage.money),
    "left_out": _sum(ToolUsage.left_out),
    "last": sa.func.max(ToolUsage.at),
}
REQUESTS: dict[str, sa.ColumnElement[Any]] = {
    "requests": sa.func.count(),
    **{name: _sum(getattr(ModelUsage, name)) for name in ("prompt", "cached", "output", "thoughts", "money", "saved")},
    "priced": sa.func.count(ModelUsage.money),
    "measured": _sum(sa.cast(ModelUsage.measured, sa.Integer)),
    "turns": sa.func.count(sa.distinct(sa.func.nullif(ModelUsage.turn_id, ""))),
}
NONE: sa.ColumnElement[str] = sa.literal_column("''")
CALLS_BY: dict[str, Sequence[Any]] = {
    ALL: (NONE, NONE),
    MEMBER: (ToolUsage.member_id, NONE),
    TOOL: (Connection.card, ToolUsage.tool),
    AGENT: (ToolUsage.agent_id, NONE),
    LINK: (Session.link_id, NONE),
}
REQUESTS_BY: dict[str, Any] = {
    ALL: NONE,
    MEMBER: ModelUsage.member_id,
    LINK: ModelUsage.link_id,
    MODEL: ModelUsage.model,
    PURPOSE: ModelUsage.purpose,
}


class Gathering(Repository):
    async def gathered(
        self, workspace: str, kind: str, since: datetime, until: datetime | None = None, member: str = ""
    ) -> dict[Key, Used]:
        """``kind`` is one of `usage_days`; ``until`` is not in it, and None has no end. Of one ``member``, or of all.

        What guests had on a member's links is that member's.
        """
        calls, requests = (_within(each, workspace, since, until, member) for each in (ToolUsage, ModelUsage))
        found: dict[Key, Used] = {}
        if kind in CALLS_BY:
            rows = await self._session.execute(_calls_by(kind).where(*calls))
            _added(found, CALLS, rows)
        if kind in REQUESTS_BY:
            rows = await self._session.execute(_requests_by(kind).where(*requests))
            _added(found, REQUESTS, ((key, "", *numbers) for key, *numbers in rows))
        if kind in (ALL, TOOL):
            for key, tokens in (await self._brought(workspace, requests)).items():
                key = key if kind == TOOL else ("", "")
                held = found.get(key, NOTHING)
                found[key] = replace(held, brought=held.brought + tokens)
        return found

    async def _brought(self, workspace: str, where: Sequence[sa.ColumnElement[bool]]) -> dict[Key, int]:
        """By card and tool; of connections that are not there any more nothing is said."""
        told = sa.select(ModelUsage.brought).where(*where, ModelUsage.brought.is_not(None))
        lists = list(await self._session.scalars(told))
        ids = {connection for each in lists for connection, _, _ in each or ()}
        theirs = sa.select(Connection.id, Connection.card).where(
            Connection.workspace_id == workspace, Connection.id.in_(ids)
        )
        cards = {id_: card for id_, card in await self._session.execute(theirs)} if ids else {}
        found: dict[Key, int] = {}
        for connection, tool, tokens in (one for each in lists for one in each or ()):
            if card := cards.get(connection):
                found[card, tool] = found.get((card, tool), 0) + int(tokens)
        return found


def _calls_by(kind: str) -> sa.Select[Any]:
    key, tool = CALLS_BY[kind]
    query = sa.select(key.label("key"), tool.label("tool"), *_labelled(CALLS)).select_from(ToolUsage)
    if kind == TOOL:
        query = query.join(Connection, Connection.id == ToolUsage.connection_id)
    if kind == LINK:
        query = query.join(Turn, Turn.id == ToolUsage.turn_id)
        query = query.join(Session, Session.conversation_id == Turn.conversation_id)
    if kind == ALL:
        return query.having(sa.func.count() > 0)
    return query.group_by(key) if tool is NONE else query.group_by(key, tool)


def _requests_by(kind: str) -> sa.Select[Any]:
    by = REQUESTS_BY[kind]
    query = sa.select(by.label("key"), *_labelled(REQUESTS))
    if kind == LINK:
        query = query.where(by != "")
    return query.having(sa.func.count() > 0) if by is NONE else query.group_by(by)


def _labelled(columns: Mapping[str, sa.ColumnElement[Any]]) -> list[sa.Label[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _within(
    table: type[ToolUsage] | type[ModelUsage], workspace: str, since: datetime, until: datetime | None, member: str
) -> Sequence[sa.ColumnElement[bool]]:
    ours = [table.workspace_id == workspace, table.at >= since]
    return [*ours, *([table.at < until] if until else []), *([table.member_id == member] if member else [])]


def _added(found: dict[Key, Used], columns: dict[str, Any], rows: Iterable[Sequence[Any]]) -> None:
    for key, tool, *values in rows:
        told: dict[str, Any] = dict(zip(columns, values, strict=True))
        numbers: dict[str, Any] = {name: value if name == "last" else int(value or 0) for name, value in told.items()}
        found[str(key), str(tool)] = found.get((str(key), str(tool)), NOTHING) + Used(**numbers)
