"""Who runs a turn: the process that took it in, or one that claimed it; under a lease, and fenced from then on."""

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from storage.repositories.repository import Repository, insert_into, table_of, values_of
from storage.tables import Approval, Job, Turn

_OF = table_of(Turn).c
HOLDS_UP = 4
"""Claims of a turn after which those behind it are shown before it."""


@dataclass(frozen=True)
class Lease:
    """Who has a turn, and until when nobody else may take it."""

    owner: str
    until: datetime


@dataclass(frozen=True)
class TakenIn:
    """A new turn, and how it finds its conversation."""

    turn: Turn
    waiting: int
    """Others that wait there."""
    asks: bool
    """An approval waits there for its member."""
    overtaken: dict[str, Any] | None = None
    """What came of its message before the message did."""


# In the text, since PostgreSQL plans a question that is asked often without looking at its parameters.
_QUEUED: sa.ColumnElement[str] = sa.literal_column("'queued'")
_RUNNING: sa.ColumnElement[str] = sa.literal_column("'running'")
_FREE = sa.or_(Turn.lease_until.is_(None), Turn.lease_until < sa.bindparam("now"))
_HAS_ROOM = Turn.workspace_id.not_in(sa.bindparam("full", expanding=True))
_NOT_OURS = Turn.id.not_in(sa.bindparam("besides", expanding=True))


def _waiting() -> sa.Select[str]:
    """The first of each conversation where none runs.

    What goes on from an approval goes before messages that were waiting: its calls are the last word of the history.
    """
    other = aliased(Turn)
    here = other.conversation_id == Turn.conversation_id
    older = sa.and_(
        other.status == _QUEUED,
        Turn.kind != "resume",
        sa.or_(
            other.kind == "resume",
            other.created_at < Turn.created_at,
            sa.and_(other.created_at == Turn.created_at, other.id < Turn.id),
        ),
    )
    in_the_way = sa.exists().where(here, sa.or_(other.status == _RUNNING, older)).correlate(Turn)
    return sa.select(Turn.id).where(Turn.status == _QUEUED, ~in_the_way, _NOT_OURS, _HAS_ROOM)


def _told_first() -> sa.Exists:
    """Answers of one conversation are shown in the order in which they came; one that fails on and on holds up none."""
    other = aliased(Turn)
    older = sa.or_(other.ended_at < Turn.ended_at, sa.and_(other.ended_at == Turn.ended_at, other.id < Turn.id))
    here = (sa.not_(other.told), other.conversation_id == Turn.conversation_id, other.attempts < HOLDS_UP)
    return sa.exists().where(*here, older).correlate(Turn)


def _first(found: sa.Select[str], name: str, *order: sa.ColumnElement[Any] | Any) -> sa.Select[str]:
    """One that no other process is taking now."""
    # A CTE, since PostgreSQL may run a plain subquery several times and so take more than one.
    taken = found.order_by(*order).limit(1).with_for_update(skip_locked=True, of=Turn).cte(name)
    return sa.select(taken.c.id)


_BY_AGE = (Turn.created_at, Turn.id)
# One workspace after the other, each by the age of what it has waiting: a busy one holds up no other.
_BY_TURNS = (Turn.workspace_id, *_BY_AGE)
_AFTER = Turn.workspace_id > sa.bindparam("after")
_LAPSED = sa.select(Turn.id).where(Turn.status == _RUNNING, _FREE, _NOT_OURS)
# Over is what has an end: asked by its states, SQLite would look through all turns there ever were.
_UNTOLD = sa.select(Turn.id).where(
    sa.not_(Turn.told),
    Turn.ended_at.is_not(None),
    Turn.attempts < sa.bindparam("most"),
    _NOT_OURS,
    _FREE,
    ~_told_first(),
)
_ANY_DUE = sa.select(sa.or_(*(each.exists() for each in (_LAPSED, _waiting(), _UNTOLD))))
_TAKEN = {
    "attempts": Turn.attempts + 1,
    "lease_owner": sa.bindparam("owner"),
    "lease_until": sa.bindparam("until", type_=Turn.lease_until.type),
}
# Three looks, each along an index: with them in one, all that waits would be sorted to take one.
_NEXT = sa.union_all(
    _first(_LAPSED, "lapsed", *_BY_AGE),
    _first(_waiting().where(_AFTER), "next", *_BY_TURNS),
    _first(_waiting(), "again", *_BY_TURNS),
).limit(1)
_CLAIM = sa.update(Turn).where(Turn.id.in_(_NEXT)).values(status="running", **_TAKEN).returning(Turn)
_FOLLOWING = _first(_UNTOLD, "following", Turn.ended_at, Turn.id)
_CLAIM_UNTOLD = sa.update(Turn).where(Turn.id.in_(_FOLLOWING)).values(_TAKEN).returning(Turn)


def live_in(workspace: str, conversation_id: str, *states: str) -> tuple[sa.ColumnElement[bool], ...]:
    ours = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
    return *ours, Turn.status.in_(states)


def overtaken_by(workspace: str, source: str) -> str:
    """The name of the job that keeps what came of a message before it."""
    return f"overtaken:{workspace}:{source}"


@cache
def _new(names: tuple[str, ...], on_postgres: bool) -> sa.Executable:
    """A row of these columns; with a lease among them, it is begun where nothing else runs or waits."""
    mine = {name: sa.bindparam(f"new_{name}", type_=_OF[name].type) for name in names}
    other = table_of(Turn).alias("other").c
    here = (other.workspace_id == mine["workspace_id"], other.conversation_id == mine["conversation_id"])
    busy = sa.exists().where(*here, other.status.in_(("queued", "running")))
    # Of a turn that waits, a lease means nothing.
    alone = {"status": sa.case((busy, "queued"), else_="running"), "attempts": sa.case((busy, 0), else_=1)}
    values = mine | (alone if "lease_until" in mine else {})
    waiting = sa.select(sa.func.count()).where(*here, other.status == "queued", other.id != mine["id"])
    asked = table_of(Approval).c
    asks = sa.exists().where(
        asked.workspace_id == mine["workspace_id"],
        asked.conversation_id == mine["conversation_id"],
        asked.state == "asked",
    )
    kept = table_of(Job).c
    overtaken = sa.select(kept.payload).where(kept.once == sa.bindparam("overtaken_by")).scalar_subquery()
    new = insert_into(table_of(Turn), on_postgres).values(values).on_conflict_do_nothing()
    beside = (waiting.scalar_subquery().label("waiting"), asks.label("asks"), overtaken.label("overtaken"))
    return new.returning(*_OF, *beside)


class Claims(Repository):
    async def queue(self, turn: Turn) -> Turn | None:
        """The turn as stored; None when its source was seen before."""
        insert = self._insert(Turn).values(**values_of(turn))
        new = insert.on_conflict_do_nothing(index_elements=["workspace_id", "source"]).returning(Turn)
        return await self._session.scalar(new)

    async def take_in(self, turn: Turn, lease: Lease | None = None) -> TakenIn | None:
        """As `queue`; with a ``lease`` it is begun at once, where nothing else runs or waits."""
        row = values_of(turn)
        if lease and (begun := await self._taken_in(row | {"lease_owner": lease.owner, "lease_until": lease.until})):
            return begun
        # Seen before; or two came at once, of which one runs already.
        return await self._taken_in(row)

    async def _taken_in(self, row: dict[str, Any]) -> TakenIn | None:
        new = _new(tuple(row), self._on_postgres)
        asked = {f"new_{name}": value for name, value in row.items()}
        asked["overtaken_by"] = overtaken_by(row["workspace_id"], row["source"])
        found = (await self._session.execute(new, asked)).one_or_none()
        if found is None:
            return None
        stored = dict(found._mapping)
        waiting, asks, overtaken = (stored.pop(name) for name in ("waiting", "asks", "overtaken"))
        return TakenIn(Turn(**stored), waiting, bool(asks), overtaken)

    async def any_due(
        self, now: datetime, most: int, *, besides: Collection[str] = (), full: Collection[str] = ()
    ) -> bool:
        """Whether `claim` or `claim_untold` would find one; only looks."""
        asked = {"now": now, "most": most, "besides": list(besides), "full": list(full)}
        return bool(await self._session.scalar(_ANY_DUE, asked))

    async def claim(
        self,
        owner: str,
        now: datetime,
        lease_seconds: float,
        *,
        besides: Collection[str] = (),
        after: str = "",
        full: Collection[str] = (),
    ) -> Turn | None:
        """Take a turn that may run; never one of a conversation in which another is running.

        ``besides`` are those that the caller is at: a lease may lapse while a process sleeps and yet lives.
        Workspaces are served by turns: the one that follows ``after`` is next, and those that are ``full`` wait.
        """
        asked = {"now": now, "besides": list(besides), "owner": owner, "after": after, "full": list(full)}
        asked["until"] = now + timedelta(seconds=lease_seconds)
        try:
            # SQLite undoes the statement alone, and has one process.
            async with self._session.begin_nested() if self._on_postgres else nullcontext():
                return await self._session.scalar(_CLAIM, asked)
        except IntegrityError:
            # Clocks differ and two were thought the first of one conversation: the unique index let one pass.
            return None

    async def claim_untold(
        self, owner: str, now: datetime, lease_seconds: float, most: int, *, besides: Collection[str] = ()
    ) -> Turn | None:
        """Take a turn that ended unseen, its face's process having died; ``most`` bounds all claims of one turn."""
        asked = {"now": now, "most": most, "besides": list(besides), "owner": owner}
        asked["until"] = now + timedelta(seconds=lease_seconds)
        return await self._session.scalar(_CLAIM_UNTOLD, asked)
