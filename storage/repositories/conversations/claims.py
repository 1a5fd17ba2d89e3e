"""Who runs a turn: the process that took it in, or one that claimed it; under a lease, and fenced from then on."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from storage.repositories.repository import Repository, insert_into, table_of, values_of
from storage.tables import Approval, Conversation, Job, Turn

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
    theirs: int
    """Messages of the same member that wait, there and elsewhere; not counted for guests."""
    asks: bool
    """An approval waits there for its member."""
    overtaken: dict[str, Any] | None = None
    """What came of its message before the message did."""


DOORS = ("slack", "link")
"""Each has places of its own: whoever comes by one waits for nobody of the other."""


@dataclass(frozen=True)
class Among:
    """What a process has room for, and whom it served last: workspaces are served by turns, in each its members.

    Who asks is a member, or for guests their link. ``full`` are workspaces that have their share of a door's places,
    ``busy`` who asks and has theirs.
    """

    doors: Collection[str] = DOORS
    """With room for one more that runs."""
    showing: Collection[str] = DOORS
    """With room for one more that is only shown."""
    full: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By door, as ``busy`` is."""
    busy: Mapping[str, Collection[str]] = field(default_factory=dict)
    after: str = ""
    """The workspace."""
    served: Mapping[str, str] = field(default_factory=dict)
    """Who asked last, by workspace."""
    besides: Collection[str] = ()
    """Turns that the caller is at: a lease may lapse while a process sleeps and yet lives."""

    def asked(self) -> dict[str, Any]:
        lists = {"open": list(self.doors), "showing": list(self.showing), "besides": list(self.besides)}
        full = {f"full_{door}": list(self.full.get(door, ())) for door in DOORS}
        busy = {f"busy_{door}": list(self.busy.get(door, ())) for door in DOORS}
        return {**lists, **full, **busy, "after": self.after}


ANYTHING = Among()


@dataclass(frozen=True)
class Due:
    """What a look has found: a turn whose process died, by door the workspace whose turn it is, one to be shown."""

    lapsed: bool
    waiting: Mapping[str, str]
    untold: bool

    def __bool__(self) -> bool:
        return self.lapsed or bool(self.waiting) or self.untold


# In the text, since PostgreSQL plans a question that is asked often without looking at its parameters.
_QUEUED: sa.ColumnElement[str] = sa.literal_column("'queued'")
_RUNNING: sa.ColumnElement[str] = sa.literal_column("'running'")
_FREE = sa.or_(Turn.lease_until.is_(None), Turn.lease_until < sa.bindparam("now"))
_NOT_OURS = Turn.id.not_in(sa.bindparam("besides", expanding=True))


def _among(name: str, column: Any = Turn.door) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = column.in_(sa.bindparam(name, expanding=True))
    return found


def _waiting(door: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Of the first of each conversation where none runs, by a door where there is room.

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
    by: sa.ColumnElement[str] = sa.literal_column(f"'{door}'")
    shares = ~_among(f"full_{door}", Turn.workspace_id), ~_among(f"busy_{door}", Turn.asker)
    return Turn.status == _QUEUED, Turn.door == by, _among("open", by), *shares, ~in_the_way, _NOT_OURS


def _next_workspace(door: str) -> sa.ColumnElement[str]:
    """The one after that which was served last."""
    of = sa.select(Turn.workspace_id).where(*_waiting(door)).order_by(Turn.workspace_id).limit(1)
    return sa.func.coalesce(of.where(Turn.workspace_id > sa.bindparam("after")).scalar_subquery(), of.scalar_subquery())


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
# One member after the other, each by the age of what they have waiting: a busy one holds up no other.
_BY_TURNS = (Turn.asker, *_BY_AGE)
_LAPSED = sa.select(Turn.id).where(Turn.status == _RUNNING, _FREE, _NOT_OURS, _among("open"))
# Over is what has an end: asked by its states, SQLite would look through all turns there ever were.
_UNTOLD = sa.select(Turn.id).where(
    sa.not_(Turn.told),
    Turn.ended_at.is_not(None),
    Turn.attempts < sa.bindparam("most"),
    _NOT_OURS,
    _FREE,
    ~_told_first(),
    _among("showing"),
)
_DUE = sa.select(_LAPSED.exists(), _UNTOLD.exists(), *map(_next_workspace, DOORS))
_TAKEN = {
    "attempts": Turn.attempts + 1,
    "lease_owner": sa.bindparam("owner"),
    "lease_until": sa.bindparam("until", type_=Turn.lease_until.type),
}


def _claim(*looks: sa.Select[str]) -> sa.Executable:
    # Each along an index: with all in one, all that waits would be sorted to take one.
    found = sa.union_all(*looks).limit(1) if len(looks) > 1 else looks[0]
    return sa.update(Turn).where(Turn.id.in_(found)).values(status="running", **_TAKEN).returning(Turn)


def _claim_by(door: str) -> sa.Executable:
    here = sa.select(Turn.id).where(*_waiting(door), Turn.workspace_id == sa.bindparam("workspace"))
    after = here.where(Turn.asker > sa.bindparam("served"))
    return _claim(_first(after, "next", *_BY_TURNS), _first(here, "again", *_BY_TURNS))


_CLAIM_LAPSED = _claim(_first(_LAPSED, "lapsed", *_BY_AGE))
_CLAIM = {door: _claim_by(door) for door in DOORS}
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
    theirs = sa.select(sa.func.count()).where(
        *(other[name] == mine[name] for name in ("door", "workspace_id", "asker")),
        other.status == _QUEUED,
        other.id != mine["id"],
    )
    kept = table_of(Job).c
    overtaken = sa.select(kept.payload).where(kept.once == sa.bindparam("overtaken_by")).scalar_subquery()
    new = insert_into(table_of(Turn), on_postgres).values(values).on_conflict_do_nothing()
    queued = sa.case((mine["door"] == "slack", theirs.scalar_subquery()), else_=0)
    counted = waiting.scalar_subquery().label("waiting"), queued.label("theirs")
    beside = (*counted, asks.label("asks"), overtaken.label("overtaken"))
    return new.returning(*_OF, *beside)


def _whose(conversation_id: str) -> dict[str, Any]:
    """By which door, and who asks."""
    there = sa.select(Conversation.door).where(Conversation.id == conversation_id)
    link = sa.type_coerce(Conversation.place, sa.JSON)["link_id"].as_string()
    asker = sa.case((Conversation.door == "link", link), else_=Conversation.member_id)
    return {
        "door": there.scalar_subquery(),
        "asker": sa.select(sa.func.coalesce(asker, "")).where(Conversation.id == conversation_id).scalar_subquery(),
    }


class Claims(Repository):
    async def queue(self, turn: Turn) -> Turn | None:
        """The turn as stored, in the queue of whoever asks in its conversation; None: its source was seen before."""
        insert = self._insert(Turn).values(**values_of(turn) | _whose(turn.conversation_id))
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
        waiting, theirs, asks, overtaken = (stored.pop(name) for name in ("waiting", "theirs", "asks", "overtaken"))
        return TakenIn(Turn(**stored), waiting, theirs, bool(asks), overtaken)

    async def due(self, now: datetime, most: int, among: Among = ANYTHING) -> Due:
        """Whether `claim` or `claim_untold` would find one; only looks."""
        asked = {**among.asked(), "now": now, "most": most}
        lapsed, untold, *next_of = (await self._session.execute(_DUE, asked)).one()
        waiting = {door: workspace for door, workspace in zip(DOORS, next_of, strict=True) if workspace is not None}
        return Due(bool(lapsed), waiting, bool(untold))

    async def claim(
        self, owner: str, now: datetime, lease_seconds: float, among: Among = ANYTHING, due: Due | None = None
    ) -> Turn | None:
        """Take a turn that may run; never one of a conversation in which another is running.

        ``due`` is what a look has found just now. Of several doors by which somebody waits the first of ``among``
        is served.
        """
        due = due or await self.due(now, 0, among)
        asked = {**among.asked(), "now": now, "owner": owner, "until": now + timedelta(seconds=lease_seconds)}
        if due.lapsed and (turn := await self._claimed(_CLAIM_LAPSED, asked)):
            return turn
        door = next((each for each in among.doors if each in due.waiting), None)
        if door is None:
            return None
        workspace = due.waiting[door]
        asked |= {"workspace": workspace, "served": among.served.get(workspace, "")}
        return await self._claimed(_CLAIM[door], asked)

    async def _claimed(self, statement: sa.Executable, asked: dict[str, Any]) -> Turn | None:
        try:
            # SQLite undoes the statement alone, and has one process.
            async with self._session.begin_nested() if self._on_postgres else nullcontext():
                found: Turn | None = await self._session.scalar(statement, asked)
                return found
        except IntegrityError:
            # Clocks differ and two were thought the first of one conversation: the unique index let one pass.
            return None

    async def claim_untold(
        self, owner: str, now: datetime, lease_seconds: float, most: int, among: Among = ANYTHING
    ) -> Turn | None:
        """Take a turn that ended unseen, its face's process having died; ``most`` bounds all claims of one turn."""
        asked = {**among.asked(), "now": now, "most": most, "owner": owner}
        asked["until"] = now + timedelta(seconds=lease_seconds)
        return await self._session.scalar(_CLAIM_UNTOLD, asked)
