"""The statements by which turns are found and taken; each goes along an index, however many wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased

from storage.repositories.conversations.among import DOORS
from storage.repositories.conversations.in_line import QUEUED, RUNNING, holds_up
from storage.repositories.repository import table_of
from storage.tables import Turn

_TABLE = table_of(Turn)
HOLDS_UP = 4
"""Claims of a turn after which those behind it are shown before it."""

_FREE = sa.or_(Turn.lease_until.is_(None), Turn.lease_until < sa.bindparam("now"))
_BY_AGE = (Turn.created_at, Turn.id)
# One member after the other, each by the age of what they have waiting: a busy one holds up no other.
_BY_TURNS = (Turn.asker, *_BY_AGE)
_TAKEN = {
    "attempts": _TABLE.c.attempts + 1,
    "lease_owner": sa.bindparam("owner"),
    "lease_until": sa.bindparam("until", type_=_TABLE.c.lease_until.type),
}


@dataclass(frozen=True)
class Statements:
    due: sa.Executable
    lapsed: sa.Executable
    waiting: Mapping[str, sa.Executable]
    """By door."""
    untold: sa.Executable


@cache
def statements(on_postgres: bool) -> Statements:
    return _Statements(on_postgres).all()


class _Statements:
    """For one database: a list is one parameter, so that the text is the same however long it is."""

    def __init__(self, on_postgres: bool) -> None:
        self._on_postgres = on_postgres

    def all(self) -> Statements:
        lapsed = sa.select(Turn.id).where(Turn.status == RUNNING, _FREE, self._not_ours(), self._among("open"))
        # Over is what has an end: asked by its states, SQLite would look through all turns there ever were.
        untold = sa.select(Turn.id).where(
            sa.not_(Turn.told),
            Turn.ended_at.is_not(None),
            Turn.attempts < sa.bindparam("most"),
            self._not_ours(),
            _FREE,
            _told_first(),
            self._among("showing"),
        )
        following = _taken(untold.order_by(Turn.ended_at, Turn.id), "following")
        return Statements(
            due=sa.select(_there(lapsed), _there(untold.order_by(Turn.ended_at)), *map(self._next_workspace, DOORS)),
            lapsed=_claim(_taken(lapsed.order_by(*_BY_AGE), "lapsed")),
            waiting={door: self._claim_by(door) for door in DOORS},
            untold=sa.update(_TABLE).where(_TABLE.c.id.in_(following)).values(_TAKEN).returning(*_TABLE.c),
        )

    def _among(self, name: str, column: Any = Turn.door) -> sa.ColumnElement[bool]:
        if self._on_postgres:
            return sa.cast(column, sa.Text) == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(sa.Text)))
        each = sa.func.json_each(sa.bindparam(name, type_=sa.JSON)).table_valued("value", name="given")
        found: sa.ColumnElement[bool] = column.in_(sa.select(each.c.value))
        return found

    def _not_ours(self) -> sa.ColumnElement[bool]:
        return sa.not_(self._among("besides", Turn.id))

    def _waiting(self, door: str) -> sa.Select[str]:
        """The first of each conversation where none runs, by a door where there is room; as `_BY_TURNS`."""
        there = sa.select(_OTHER.id).where(_OTHER.conversation_id == Turn.conversation_id)
        runs = _there(there.where(_OTHER.status == RUNNING))
        goes_first = _there(there.where(_OTHER.status == QUEUED, holds_up(_OTHER, Turn)))
        busy = self._among(f"busy_{door}", Turn.asker)
        front = sa.select(Turn.id).where(Turn.status == QUEUED, Turn.door == _text(door), sa.not_(Turn.behind))
        return front.where(~busy, ~runs, ~goes_first, self._not_ours()).order_by(*_BY_TURNS)

    def _next_workspace(self, door: str) -> sa.ColumnElement[str]:
        """The one after that which was served last."""
        after, again = (self._first_workspace(door, name) for name in (f"after_{door}", f"first_{door}"))
        return sa.func.coalesce(after, again)

    def _first_workspace(self, door: str, after: str) -> sa.ScalarSelect[str]:
        """From one in which somebody waits to the next: all who wait in those that are full are passed over."""
        begin = _onward(door, sa.bindparam(after, type_=sa.String)).where(self._among("open", _text(door)))
        each = sa.select(begin.scalar_subquery().label("id")).cte(f"from_{after}", recursive=True, nesting=True)
        onward = _onward(door, each.c.id).correlate(each).scalar_subquery()
        each = each.union_all(sa.select(onward).where(each.c.id.is_not(None)))
        served = _there(self._waiting(door).where(Turn.workspace_id == each.c.id).correlate(each))
        full = self._among(f"full_{door}", each.c.id)
        return sa.select(each.c.id).where(each.c.id.is_not(None), ~full, served).limit(_ONE).scalar_subquery()

    def _claim_by(self, door: str) -> sa.Executable:
        here = self._waiting(door).where(Turn.workspace_id == sa.bindparam("workspace"))
        return _claim(_taken(here.where(Turn.asker > sa.bindparam("served")), "next"), _taken(here, "again"))


_OTHER = aliased(Turn)
_ONE: sa.ColumnElement[int] = sa.literal_column("1")


def _there(found: sa.Select[str]) -> sa.Exists:
    """Looked for row by row: without the OFFSET, PostgreSQL may join all that wait with all others."""
    return found.offset(sa.literal_column("0")).exists()


def _text(word: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{word}'", sa.String)


def _onward(door: str, workspace: Any) -> sa.Select[str]:
    """The next workspace in which somebody waits by this door."""
    # As one comparison of all three: by any other index PostgreSQL would have to sort.
    place = (Turn.door, Turn.behind, Turn.workspace_id)
    found = sa.case((sa.and_(Turn.door == _text(door), sa.not_(Turn.behind)), Turn.workspace_id))
    beyond = sa.tuple_(*place) > sa.tuple_(_text(door), sa.false(), workspace)
    return sa.select(found).where(Turn.status == QUEUED, beyond).order_by(*place).limit(_ONE)


def _told_first() -> sa.ColumnElement[bool]:
    """Answers of one conversation are shown in the order in which they came; one that fails on and on holds up none."""
    older = sa.or_(_OTHER.ended_at < Turn.ended_at, sa.and_(_OTHER.ended_at == Turn.ended_at, _OTHER.id < Turn.id))
    here = (sa.not_(_OTHER.told), _OTHER.conversation_id == Turn.conversation_id, _OTHER.attempts < HOLDS_UP)
    return ~_there(sa.select(_OTHER.id).where(*here, older))


def _taken(found: sa.Select[str], name: str) -> sa.Select[str]:
    """The first that no other process is taking now."""
    # A CTE, since PostgreSQL may run a plain subquery several times and so take more than one.
    taken = found.limit(_ONE).with_for_update(skip_locked=True, of=Turn).cte(name)
    return sa.select(taken.c.id)


def _claim(*looks: sa.Select[str]) -> sa.Executable:
    # Each along an index: with all in one, all that waits would be sorted to take one.
    found = sa.union_all(*looks).limit(_ONE) if len(looks) > 1 else looks[0]
    return sa.update(_TABLE).where(_TABLE.c.id.in_(found)).values(status="running", **_TAKEN).returning(*_TABLE.c)
