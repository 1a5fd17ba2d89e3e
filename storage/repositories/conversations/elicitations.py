"""What servers ask people in the middle of a call; one UPDATE decides how a question ends."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.schema import now
from storage.tables import Elicitation, Turn
from storage.tables.elicitations import WAITING


def _one(workspace: str, number: str, *states: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Elicitation.workspace_id == workspace, Elicitation.id == number, Elicitation.state.in_(states)


def _held(at: datetime) -> sa.ColumnElement[bool]:
    """Some process is at the call that asked."""
    of_turn = sa.exists().where(
        Turn.id == Elicitation.turn_id,
        Turn.attempts == Elicitation.attempt,
        Turn.status == "running",
        Turn.lease_until > at,
    )
    by_hand = sa.and_(Elicitation.held_until.is_not(None), Elicitation.held_until > at)
    return sa.or_(of_turn, by_hand)


class Elicitations(Repository):
    async def add(self, elicitation: Elicitation) -> Elicitation:
        await self._add(elicitation)
        return elicitation

    async def get(self, workspace: str, number: str) -> Elicitation | None:
        mine = (Elicitation.workspace_id == workspace, Elicitation.id == number)
        return await self._session.scalar(sa.select(Elicitation).where(*mine))

    async def answer(
        self, workspace: str, number: str, member: str, state: str, content: dict[str, Any] | None
    ) -> Elicitation | None:
        """As it is then; None when it is not this member's, was closed before, or its call is gone."""
        at = now()
        mine = (*_one(workspace, number, "asked"), Elicitation.member_id == member)
        seconds = await self._session.scalar(sa.select(Elicitation.hold_seconds).where(*mine)) or 0.0
        decided: dict[str, Any] = {"state": state, "answer": content, "decided_at": at}
        if seconds and state == "answered":
            decided |= {"state": "opened", "expires_at": at + timedelta(seconds=seconds)}
        change = sa.update(Elicitation).where(*mine, Elicitation.expires_at > at, _held(at))
        return await self._session.scalar(change.values(**decided).returning(Elicitation))

    async def go_on(self, workspace: str, number: str, member: str) -> Elicitation | None:
        """All is done on the page, says the member; None as for an answer."""
        at = now()
        mine = (*_one(workspace, number, "opened"), Elicitation.member_id == member)
        change = sa.update(Elicitation).where(*mine, _held(at)).values(state="went_on", decided_at=at)
        return await self._session.scalar(change.returning(Elicitation))

    async def hold(self, workspace: str, number: str, until: datetime) -> bool:
        """Some process is still at the call, which is part of no turn."""
        waiting = (*_one(workspace, number, *WAITING), Elicitation.turn_id.is_(None))
        return await self._did(sa.update(Elicitation).where(*waiting).values(held_until=until))

    async def close(self, workspace: str, number: str, state: str) -> Elicitation | None:
        """None when it was closed before."""
        waiting = _one(workspace, number, *WAITING)
        change = sa.update(Elicitation).where(*waiting).values(state=state, decided_at=now())
        return await self._session.scalar(change.returning(Elicitation))

    async def taken(self, workspace: str, number: str) -> bool:
        """The call has its answer: nothing of it is kept."""
        mine = (Elicitation.workspace_id == workspace, Elicitation.id == number)
        return await self._did(sa.update(Elicitation).where(*mine).values(answer=sa.null()))

    async def completed(self, workspace: str, connection_id: str, number: str) -> list[Elicitation]:
        """Of pages that were opened, those which the server calls so."""
        change = sa.update(Elicitation).where(
            Elicitation.workspace_id == workspace,
            Elicitation.connection_id == connection_id,
            Elicitation.number == number,
            Elicitation.state.in_(("answered", "opened")),
        )
        return await self._rows(change.values(state="completed").returning(Elicitation))

    async def close_left(self, at: datetime, late: datetime) -> list[Elicitation]:
        """Those that wait for a call that nobody holds any more, or whose time was up by then, in all workspaces."""
        left = sa.or_(~_held(at), Elicitation.expires_at <= late)
        change = sa.update(Elicitation).where(Elicitation.state.in_(WAITING), left)
        return await self._rows(change.values(state="gone", decided_at=at).returning(Elicitation))

    async def set_message(self, workspace: str, number: str, message: dict[str, Any]) -> bool:
        """Where in Slack it was asked."""
        mine = (Elicitation.workspace_id == workspace, Elicitation.id == number)
        return await self._did(sa.update(Elicitation).where(*mine).values(message=message))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(Elicitation, most, Elicitation.created_at < before)
