"""The order in which the turns of one conversation wait; whoever claims looks at the first of them alone.

One that waits ``behind`` another is in no claimer's way, however many there are. Whoever takes a turn that may be
``followed`` out of the queue lets the next of these to the front, in the same transaction. So the first is never
behind; and whether one that is not behind may run is asked of the rows, when it is claimed.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storage.repositories.repository import Repository
from storage.tables import Turn

# In the text, since PostgreSQL plans a question that is asked often without looking at its parameters.
QUEUED: sa.ColumnElement[str] = sa.literal_column("'queued'")
RUNNING: sa.ColumnElement[str] = sa.literal_column("'running'")
RESUME: sa.ColumnElement[str] = sa.literal_column("'resume'")
GIVEN_BACK = {"status": "queued", "lease_until": None, "behind": False, "followed": True}
"""Who came since it was taken may wait behind it by now."""

Place = tuple[sa.ColumnElement[Any], sa.ColumnElement[Any], sa.ColumnElement[Any]]
"""In the line of a conversation. What goes on from an approval is first: its calls are the last word of the history."""


def place(turn: Any) -> Place:
    return sa.case((turn.kind == RESUME, 0), else_=1), turn.created_at, turn.id


def holds_up(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """Whether ``other`` waits for ``one`` to be over. Of two that go on from approvals neither waits for the other."""
    return sa.and_(other.kind != RESUME, sa.or_(one.kind == RESUME, _later(place(other)[1:], place(one)[1:])))


def _later(one: tuple[sa.ColumnElement[Any], ...], other: tuple[sa.ColumnElement[Any], ...]) -> sa.ColumnElement[bool]:
    (mine, *rest), (theirs, *others) = one, other
    if not rest:
        return mine > theirs
    return sa.or_(mine > theirs, sa.and_(mine == theirs, _later(tuple(rest), tuple(others))))


def others_wait(conversation: Any) -> sa.Exists:
    """In the statement that adds a turn there."""
    other = aliased(Turn)
    return sa.exists().where(other.conversation_id == conversation, other.status == QUEUED)


_THERE = aliased(Turn)
_MINE: Place = (
    sa.bindparam("rank", type_=sa.Integer),
    sa.bindparam("at", type_=Turn.created_at.type),
    sa.bindparam("mine", type_=Turn.id.type),
)
# Whoever is at it now ends first; if that took it out of the queue, it is the one beyond it.
_NEIGHBOUR = (
    sa.select(_THERE.id)
    .where(_THERE.conversation_id == sa.bindparam("conversation"), _THERE.status == QUEUED)
    .limit(sa.literal_column("1"))
    .with_for_update(of=_THERE)
)
_BEFORE = _NEIGHBOUR.where(_later(_MINE, place(_THERE))).order_by(*(each.desc() for each in place(_THERE)))
# Not the next of all: one that came between them at the same moment is in front, and may know of none behind it.
_AFTER = _NEIGHBOUR.where(_THERE.behind, _later(place(_THERE), _MINE)).order_by(*place(_THERE))
FOLLOWED = sa.update(Turn).where(Turn.id == _BEFORE.scalar_subquery()).values(followed=True)
BEHIND = sa.update(Turn).where(Turn.id == sa.bindparam("mine")).values(behind=True)
AHEAD = sa.update(Turn).where(Turn.id == _AFTER.scalar_subquery(), Turn.behind).values(behind=False)
# Left there by a process of a version that knows of no line.
_FIRST = sa.exists().where(_THERE.conversation_id == Turn.conversation_id, _THERE.status == QUEUED)
LEFT = (
    sa.update(Turn)
    .where(Turn.status == QUEUED, Turn.door.in_(("slack", "link")), Turn.behind)
    .where(~_FIRST.where(holds_up(_THERE, Turn)).correlate(Turn))
    .values(behind=False)
)


class InLine(Repository):
    async def _stand(self, turn: Turn) -> None:
        """Where others wait when it is queued; what goes on from an approval waits behind none of them."""
        others = turn.status == "queued" and turn.followed and turn.kind != "resume"
        if others and await self._did(FOLLOWED, _of(turn)):
            await self._session.execute(BEHIND, {"mine": turn.id})

    async def _leave(self, turn: Turn, *, is_fresh: bool = True) -> None:
        """It is in the queue no more, in this transaction; ``is_fresh``: as its row was when it left."""
        if turn.followed or not is_fresh:
            await self._session.execute(AHEAD, _of(turn))

    async def close_up(self) -> int:
        """Let all to the front before whom nobody waits; how many stood behind somebody all the same."""
        return await self._count(LEFT)


def _of(turn: Turn) -> dict[str, Any]:
    rank = 0 if turn.kind == "resume" else 1
    return {"conversation": turn.conversation_id, "rank": rank, "at": turn.created_at, "mine": turn.id}
