"""Turns: queued by a door, claimed by one process under a lease, and fenced from then on."""

from collections.abc import Collection
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from storage.repositories.repository import Repository, values_of
from storage.tables import Conversation, Message, Turn


def _runnable(now: datetime, besides: Collection[str]) -> sa.Select[str]:
    """The turns that may run: those whose lease has lapsed, and the first waiting where none runs.

    What goes on from an approval goes before messages that were waiting: its calls are the last word of the history.
    """
    other = aliased(Turn)
    here = other.conversation_id == Turn.conversation_id
    older = sa.and_(
        other.status == "queued",
        Turn.kind != "resume",
        sa.or_(
            other.kind == "resume",
            other.created_at < Turn.created_at,
            sa.and_(other.created_at == Turn.created_at, other.id < Turn.id),
        ),
    )
    in_the_way = sa.exists().where(here, sa.or_(other.status == "running", older)).correlate(Turn)
    lapsed = sa.or_(Turn.lease_until.is_(None), Turn.lease_until < now)
    free = sa.or_(
        sa.and_(Turn.status == "queued", ~in_the_way),
        sa.and_(Turn.status == "running", lapsed),
    )
    return sa.select(Turn.id).where(Turn.status.in_(["queued", "running"]), free, _none_of(besides))


def _untold(now: datetime, most: int, besides: Collection[str]) -> sa.Select[str]:
    """The turns that ended unseen, ``most`` bounding the claims of each."""
    # Over is what has an end: asked by its states, SQLite would look through all turns there ever were.
    unseen = (sa.not_(Turn.told), Turn.ended_at.is_not(None), Turn.attempts < most, _none_of(besides))
    return sa.select(Turn.id).where(*unseen, sa.or_(Turn.lease_until.is_(None), Turn.lease_until < now))


def _first(found: sa.Select[str], name: str) -> sa.Select[str]:
    """One that no other process is taking now."""
    # A CTE, since PostgreSQL may run a plain subquery several times and so take more than one.
    taken = found.limit(1).with_for_update(skip_locked=True, of=Turn).cte(name)
    return sa.select(taken.c.id)


def _none_of(ids: Collection[str]) -> sa.ColumnElement[bool]:
    return Turn.id.not_in(ids) if ids else sa.true()


def _held(turn: Turn) -> tuple[sa.ColumnElement[bool], ...]:
    """The fence: true as long as nobody has claimed the turn since."""
    return Turn.id == turn.id, Turn.attempts == turn.attempts


def _live_in(workspace: str, conversation_id: str, *states: str) -> tuple[sa.ColumnElement[bool], ...]:
    ours = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
    return *ours, Turn.status.in_(states)


class Turns(Repository):
    async def queue(self, turn: Turn) -> Turn | None:
        """The turn as stored; None when its source was seen before."""
        insert = self._insert(Turn).values(**values_of(turn))
        new = insert.on_conflict_do_nothing(index_elements=["workspace_id", "source"]).returning(Turn)
        return await self._session.scalar(new)

    async def get(self, workspace: str, turn_id: str) -> Turn | None:
        return await self._session.scalar(sa.select(Turn).where(Turn.workspace_id == workspace, Turn.id == turn_id))

    async def by_source(self, workspace: str, source: str) -> Turn | None:
        return await self._session.scalar(sa.select(Turn).where(Turn.workspace_id == workspace, Turn.source == source))

    async def between(self, workspace: str, member: str, first: str, last: str) -> list[tuple[Turn, dict[str, Any]]]:
        """This member's turns whose sources lie from ``first`` to ``last``, each with the place of its conversation."""
        query = (
            sa.select(Turn, Conversation.place)
            .join(Conversation, Conversation.id == Turn.conversation_id)
            .where(Turn.workspace_id == workspace, Turn.source >= first, Turn.source <= last)
            .where(Conversation.member_id == member, Conversation.workspace_id == workspace)
        )
        rows = await self._session.execute(query.order_by(Turn.source).limit(50))
        return [(turn, place) for turn, place in rows]

    async def lately_in(self, workspace: str, conversation_id: str, most: int = 20) -> list[Turn]:
        """The newest turns of a conversation, newest first."""
        here = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
        return await self._rows(sa.select(Turn).where(*here).order_by(Turn.created_at.desc(), Turn.id).limit(most))

    async def reword(self, workspace: str, source: str, text: str) -> bool:
        """Other words for a message that nobody has begun to answer."""
        waiting = (Turn.workspace_id == workspace, Turn.source == source, Turn.status == "queued")
        return await self._did(sa.update(Turn).where(*waiting).values(text=text))

    async def reword_unsaid(self, workspace: str, source: str, text: str) -> bool:
        """Other words for what a person is to say to a guest, none for no words; False when it was said.

        Who is about to say it is fenced off, and it begins anew.
        """
        unsaid = (Turn.workspace_id == workspace, Turn.source == source, Turn.status.in_(["queued", "running"]))
        change = sa.update(Turn).where(*unsaid, Turn.kind == "host")
        again = {"status": "queued", "attempts": Turn.attempts + 1, "lease_until": sa.null()}
        return await self._did(change.values(text=text, **again))

    async def forget_whisper(self, workspace: str, source: str) -> bool:
        """As if the host had never told the agent so; False when it has begun to act on it."""
        waiting = (Turn.workspace_id == workspace, Turn.source == source, Turn.status == "queued")
        return await self._did(sa.delete(Turn).where(*waiting, Turn.kind == "whisper"))

    async def ask_stop_of(self, workspace: str, source: str) -> str | None:
        """Ask the turn of one message to stop; its conversation, when it runs or waits."""
        live = (Turn.workspace_id == workspace, Turn.source == source, Turn.status.in_(["queued", "running"]))
        ask = sa.update(Turn).where(*live).values(stop_asked=True).returning(Turn.conversation_id)
        return await self._session.scalar(ask)

    async def ask_stop_under(self, workspace: str, member: str, prefix: str) -> set[str]:
        """Ask all of a member's turns to stop whose conversation's key begins so; their conversations."""
        live = sa.select(Turn.id).join(Conversation, Conversation.id == Turn.conversation_id)
        theirs = live.where(
            Turn.workspace_id == workspace,
            Turn.status.in_(["queued", "running"]),
            Conversation.member_id == member,
            Conversation.key.startswith(prefix, autoescape=True),
        )
        ask = sa.update(Turn).where(Turn.id.in_(theirs)).values(stop_asked=True).returning(Turn.conversation_id)
        return set(await self._session.scalars(ask))

    async def any_due(self, now: datetime, most: int, *, besides: Collection[str] = ()) -> bool:
        """Whether `claim` or `claim_untold` would find one; only looks."""
        due = sa.or_(_runnable(now, besides).exists(), _untold(now, most, besides).exists())
        return bool(await self._session.scalar(sa.select(due)))

    async def claim(
        self, owner: str, now: datetime, lease_seconds: float, *, besides: Collection[str] = ()
    ) -> Turn | None:
        """Take a turn that may run; never one of a conversation in which another is running.

        ``besides`` are those that the caller is at: a lease may lapse while a process sleeps and yet lives.
        """
        oldest = _runnable(now, besides).order_by(Turn.created_at, Turn.id)
        take = (
            sa.update(Turn)
            .where(Turn.id.in_(_first(oldest, "next")))
            .values(
                status="running",
                attempts=Turn.attempts + 1,
                lease_owner=owner,
                lease_until=now + timedelta(seconds=lease_seconds),
            )
            .returning(Turn)
        )
        try:
            # SQLite undoes the statement alone, and has one process.
            async with self._session.begin_nested() if self._on_postgres else nullcontext():
                return await self._session.scalar(take)
        except IntegrityError:
            # Clocks differ and two were thought the first of one conversation: the unique index let one pass.
            return None

    async def change(self, turn: Turn, **values: Any) -> bool:
        """Write to a turn that we claimed; False, and nothing written, when another has claimed it since."""
        return await self._did(sa.update(Turn).where(*_held(turn)).values(**values))

    async def opened(self, turn: Turn, start: int) -> list[Message] | None:
        """The history that a turn which we claimed goes on from, as `Messages.of` gives it.

        None when another has claimed the turn since. It cannot be claimed, nor be asked to stop, before the caller's
        transaction ends: whether it was asked to by then, it says of itself.
        """
        query = (
            sa.select(Turn.stop_asked, Message)
            .outerjoin(Message, sa.and_(Message.conversation_id == Turn.conversation_id, Message.position >= start))
            .where(*_held(turn))
            .order_by(Message.position)
        )
        rows = (await self._session.execute(query.with_for_update(of=Turn, key_share=True))).all()
        if not rows:
            return None
        turn.stop_asked = rows[0][0]
        return [message for _, message in rows if message]

    async def waiting_count(self, workspace: str, conversation_id: str) -> int:
        waiting = _live_in(workspace, conversation_id, "queued")
        return await self._session.scalar(sa.select(sa.func.count()).select_from(Turn).where(*waiting)) or 0

    async def resumes(self, workspace: str, conversation_id: str) -> bool:
        """Whether a turn waits there that goes on from an approval."""
        waiting = sa.select(Turn.id).where(*_live_in(workspace, conversation_id, "queued"), Turn.kind == "resume")
        return await self._session.scalar(waiting.limit(1)) is not None

    async def ask_stop(self, workspace: str, conversation_id: str) -> list[str]:
        """Ask all of the agent's that run or wait to stop; their ids, also of those that were asked before."""
        agents = (*_live_in(workspace, conversation_id, "queued", "running"), Turn.kind != "host")
        # In one order, or two who stop the same turns could each wait for a row of the other's.
        in_order = sa.select(Turn.id).where(*agents).order_by(Turn.id).with_for_update()
        ids = list(await self._session.scalars(in_order))
        if ids:
            await self._session.execute(sa.update(Turn).where(Turn.id.in_(ids)).values(stop_asked=True))
        return ids

    async def claim_untold(
        self, owner: str, now: datetime, lease_seconds: float, most: int, *, besides: Collection[str] = ()
    ) -> Turn | None:
        """Take a turn that ended unseen, its face's process having died; ``most`` bounds all claims of one turn."""
        oldest = _untold(now, most, besides).order_by(Turn.ended_at, Turn.id)
        lease = {"lease_owner": owner, "lease_until": now + timedelta(seconds=lease_seconds)}
        take = sa.update(Turn).where(Turn.id.in_(_first(oldest, "following")))
        return await self._session.scalar(take.values(attempts=Turn.attempts + 1, **lease).returning(Turn))

    async def seize(self, workspace: str, owner: str) -> list[Turn]:
        """Take all that run or wait from whoever has them; in the order in which they would have run."""
        live = sa.update(Turn).where(Turn.workspace_id == workspace, Turn.status.in_(["queued", "running"]))
        taken = live.values(attempts=Turn.attempts + 1, lease_owner=owner, lease_until=sa.null()).returning(Turn)
        return sorted(await self._rows(taken), key=lambda turn: (turn.kind != "resume", turn.created_at, turn.id))

    async def release_all(self, owner: str) -> int:
        """Where there is one process, at its start: what any other held may be claimed at once."""
        held = sa.update(Turn).where(sa.not_(Turn.told), Turn.lease_until.is_not(None), Turn.lease_owner != owner)
        return await self._count(held.values(lease_until=sa.null()))
