"""Who runs a turn: the process that took it in, or one that claimed it; under a lease, and fenced from then on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storage.repositories.conversations.among import ANYTHING, DOORS, Among, Due
from storage.repositories.conversations.claiming import Statements, statements
from storage.repositories.conversations.in_line import QUEUED, InLine, others_wait
from storage.repositories.repository import insert_into, made, table_of, values_of
from storage.tables import Approval, Conversation, Job, Turn

_OF = table_of(Turn).c


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
    busy = sa.exists().where(*here, sa.or_(other.status == "queued", other.status == "running"))
    # Of a turn that waits, a lease means nothing.
    alone = {"status": sa.case((busy, "queued"), else_="running"), "attempts": sa.case((busy, 0), else_=1)}
    values = {**mine, "followed": others_wait(mine["conversation_id"]), **(alone if "lease_until" in mine else {})}
    waiting = sa.select(sa.func.count()).where(*here, other.status == "queued", other.id != mine["id"])
    asked = table_of(Approval).c
    asks = sa.exists().where(
        asked.workspace_id == mine["workspace_id"],
        asked.conversation_id == mine["conversation_id"],
        asked.state == "asked",
    )
    theirs = sa.select(sa.func.count()).where(
        *(other[name] == mine[name] for name in ("door", "workspace_id", "asker")),
        other.status == QUEUED,
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


class AnotherWasFaster(Exception):
    """Two were thought the first of one conversation, for clocks differ. Rolls the transaction back: look again."""


class Claims(InLine):
    async def queue(self, turn: Turn) -> Turn | None:
        """The turn as stored, in the queue of whoever asks in its conversation; None: its source was seen before."""
        chat = turn.conversation_id
        insert = self._insert(Turn).values(**values_of(turn) | _whose(chat), followed=others_wait(chat))
        new = insert.on_conflict_do_nothing(index_elements=["workspace_id", "source"]).returning(Turn)
        stored: Turn | None = await self._session.scalar(new)
        if stored:
            await self._stand(stored)
        return stored

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
        found = await self._transaction.first(new, asked)
        if found is None:
            return None
        *stored, waiting, theirs, asks, overtaken = found
        turn = made(Turn, stored)
        await self._stand(turn)
        return TakenIn(turn, waiting, theirs, bool(asks), overtaken)

    async def due(self, now: datetime, most: int, among: Among = ANYTHING) -> Due:
        """Whether `claim` or `claim_untold` would find one; only looks."""
        asked = {**among.asked(), "now": now, "most": most}
        ((lapsed, untold, *next_of),) = await self._transaction.rows(self._statements.due, asked)
        waiting = {door: workspace for door, workspace in zip(DOORS, next_of, strict=True) if workspace is not None}
        return Due(bool(lapsed), waiting, bool(untold))

    async def claim(
        self, owner: str, now: datetime, lease_seconds: float, among: Among = ANYTHING, due: Due | None = None
    ) -> Turn | None:
        """Take a turn that may run; never one of a conversation in which another is running.

        ``due`` is what a look has found just now. Of several doors by which somebody waits the first of ``among``
        is served; the next, where another process was faster. Raises `AnotherWasFaster`.
        """
        due = due or await self.due(now, 0, among)
        asked = {**among.asked(), "now": now, "owner": owner, "until": now + timedelta(seconds=lease_seconds)}
        if due.lapsed and (turn := await self._claimed(self._statements.lapsed, asked)):
            return turn
        for door in filter(due.waiting.__contains__, among.doors):
            workspace = due.waiting[door]
            whose = {"workspace": workspace, "served": among.served.get((door, workspace), "")}
            if turn := await self._claimed(self._statements.waiting[door], asked | whose):
                await self._leave(turn)
                return turn
        return None

    async def _claimed(self, statement: sa.Executable, asked: dict[str, Any]) -> Turn | None:
        try:
            return await self._found(Turn, statement, asked)
        except IntegrityError as error:  # the unique index let one of the two pass
            raise AnotherWasFaster from error

    async def claim_untold(
        self, owner: str, now: datetime, lease_seconds: float, most: int, among: Among = ANYTHING
    ) -> Turn | None:
        """Take a turn that ended unseen, its face's process having died; ``most`` bounds all claims of one turn."""
        asked = {**among.asked(), "now": now, "most": most, "owner": owner}
        asked["until"] = now + timedelta(seconds=lease_seconds)
        return await self._found(Turn, self._statements.untold, asked)

    @property
    def _statements(self) -> Statements:
        return statements(self._on_postgres)
