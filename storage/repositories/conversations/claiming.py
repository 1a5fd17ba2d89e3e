"""The statements by which turns are found and taken; each goes along an index, however many wait."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storage.repositories.conversations.among import DOORS
from storage.tables import Turn

HOLDS_UP = 4
"""Claims of a turn after which those behind it are shown before it."""

# In the text, since PostgreSQL plans a question that is asked often without looking at its parameters.
QUEUED: sa.ColumnElement[str] = sa.literal_column("'queued'")
RUNNING: sa.ColumnElement[str] = sa.literal_column("'running'")
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
        other.status == QUEUED,
        Turn.kind != "resume",
        sa.or_(
            other.kind == "resume",
            other.created_at < Turn.created_at,
            sa.and_(other.created_at == Turn.created_at, other.id < Turn.id),
        ),
    )
    in_the_way = sa.exists().where(here, sa.or_(other.status == RUNNING, older)).correlate(Turn)
    by: sa.ColumnElement[str] = sa.literal_column(f"'{door}'")
    shares = ~_among(f"full_{door}", Turn.workspace_id), ~_among(f"busy_{door}", Turn.asker)
    return Turn.status == QUEUED, Turn.door == by, _among("open", by), *shares, ~in_the_way, _NOT_OURS


def _next_workspace(door: str) -> sa.ColumnElement[str]:
    """The one after that which was served last."""
    of = sa.select(Turn.workspace_id).where(*_waiting(door)).order_by(Turn.workspace_id).limit(1)
    after = of.where(Turn.workspace_id > sa.bindparam(f"after_{door}"))
    return sa.func.coalesce(after.scalar_subquery(), of.scalar_subquery())


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
_LAPSED = sa.select(Turn.id).where(Turn.status == RUNNING, _FREE, _NOT_OURS, _among("open"))
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
DUE = sa.select(_LAPSED.exists(), _UNTOLD.exists(), *map(_next_workspace, DOORS))
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


CLAIM_LAPSED = _claim(_first(_LAPSED, "lapsed", *_BY_AGE))
CLAIM = {door: _claim_by(door) for door in DOORS}
_FOLLOWING = _first(_UNTOLD, "following", Turn.ended_at, Turn.id)
CLAIM_UNTOLD = sa.update(Turn).where(Turn.id.in_(_FOLLOWING)).values(_TAKEN).returning(Turn)
