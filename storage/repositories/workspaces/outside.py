"""Who may ask besides members: the rules of a workspace, and what is known of those who have asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.rules.outside import Kind, Rule, State
from storage.schema import now
from storage.tables import OutsidePerson, OutsideRule, Workspace

NOTHING: dict[str, Any] = {}
_NOT_ASKED = {"asked_at": None, "expires_at": None, "question": NOTHING, "told": NOTHING}
_OF_OLDER_VERSIONS = {Kind.GUESTS: "slack_guests_allowed", Kind.OUTSIDERS: "outsiders_allowed"}
"""What they ask: while one of them still runs it lets in nobody whom this one would not."""


@dataclass(frozen=True)
class Found:
    """The rule of a kind, and what is known of one who says to be of it."""

    rule: str | None
    channels: Sequence[str]
    person: OutsidePerson | None
    """None too for one who was of another kind when last seen: they are judged anew."""


class Outside(Repository):
    async def rules(self, workspace: str) -> list[OutsideRule]:
        return await self._rows(sa.select(OutsideRule).where(OutsideRule.workspace_id == workspace))

    async def set_rule(self, workspace: str, kind: Kind, rule: Rule, channels: Sequence[str], *, by: str) -> None:
        """The workspace has to be there."""
        values = {"rule": rule.value, "channels": list(channels), "set_by": by, "set_at": now()}
        insert = self._insert(OutsideRule).values(workspace_id=workspace, kind=kind.value, **values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=["workspace_id", "kind"], set_=values))
        if switch := _OF_OLDER_VERSIONS.get(kind):
            open_to = {switch: rule is Rule.ALLOW and not channels}
            await self._session.execute(sa.update(Workspace).where(Workspace.id == workspace).values(open_to))

    async def look(self, workspace: str, kind: Kind, member: str) -> Found:
        """In one statement."""
        whose = sa.and_(
            OutsidePerson.workspace_id == OutsideRule.workspace_id,
            OutsidePerson.kind == OutsideRule.kind,
            OutsidePerson.member_id == member,
        )
        query = sa.select(OutsideRule, OutsidePerson).outerjoin(OutsidePerson, whose)
        of_kind = (OutsideRule.workspace_id == workspace, OutsideRule.kind == kind.value)
        row = (await self._session.execute(query.where(*of_kind))).one_or_none()
        return Found(row[0].rule, row[0].channels, row[1]) if row else Found(None, (), None)

    async def person(self, workspace: str, member: str) -> tuple[OutsidePerson, str | None] | None:
        """With the rule of their kind; None for whom nothing is known of."""
        of_kind = sa.and_(
            OutsideRule.workspace_id == OutsidePerson.workspace_id, OutsideRule.kind == OutsidePerson.kind
        )
        query = sa.select(OutsidePerson, OutsideRule.rule).outerjoin(OutsideRule, of_kind)
        row = (await self._session.execute(query.where(*_one(workspace, member)))).one_or_none()
        return (row[0], row[1]) if row else None

    async def meet(self, workspace: str, member: str, kind: Kind, home: str) -> None:
        """Note that they are from outside; what was said of them as another kind holds no more."""
        values = {"kind": kind.value, "home": home, "state": State.MET.value, **_NOT_ASKED}
        values |= {"decided_by": "", "decided_at": None}
        insert = self._insert(OutsidePerson).values(workspace_id=workspace, member_id=member, **values)
        other = OutsidePerson.kind != kind.value
        await self._session.execute(
            insert.on_conflict_do_update(index_elements=["workspace_id", "member_id"], set_=values, where=other)
        )

    async def ask(
        self, workspace: str, member: str, kind: Kind, home: str, question: dict[str, Any], until: datetime
    ) -> bool:
        """False when an admin has been asked already, or has said what holds."""
        await self.meet(workspace, member, kind, home)
        asked = {"state": State.ASKED.value, "asked_at": now(), "expires_at": until, "question": question}
        waits_no_longer = sa.or_(
            OutsidePerson.state == State.MET.value,
            sa.and_(OutsidePerson.state == State.ASKED.value, OutsidePerson.expires_at <= now()),
        )
        change = sa.update(OutsidePerson).where(*_one(workspace, member), waits_no_longer)
        return await self._did(change.values(**asked, told=NOTHING))

    async def answer(self, workspace: str, member: str, state: State, by: str) -> OutsidePerson | None:
        """The first answer to a question that is still open; None for any later one."""
        opened = (OutsidePerson.state == State.ASKED.value, OutsidePerson.expires_at > now())
        return await self._said(workspace, member, state, by, *opened)

    async def put(self, workspace: str, member: str, state: State, by: str) -> OutsidePerson | None:
        """Whatever was said before; None for whom nothing is known of."""
        return await self._said(workspace, member, state, by)

    async def lapse(self, workspace: str, member: str) -> OutsidePerson | None:
        """Nobody has answered in time; None where that is not so. The question stays until they were told."""
        over = (OutsidePerson.state == State.ASKED.value, OutsidePerson.expires_at <= now())
        return await self._said(workspace, member, State.MET, "", *over)

    async def _said(
        self, workspace: str, member: str, state: State, by: str, *only: sa.ColumnElement[bool]
    ) -> OutsidePerson | None:
        change = sa.update(OutsidePerson).where(*_one(workspace, member), *only)
        values = {"state": state.value, "decided_by": by, "decided_at": now(), "expires_at": None}
        return await self._session.scalar(change.values(values).returning(OutsidePerson))

    async def asked_of(self, workspace: str, member: str, told: dict[str, Any]) -> None:
        """Where admins were asked."""
        await self._session.execute(sa.update(OutsidePerson).where(*_one(workspace, member)).values(told=told))

    async def reword(self, workspace: str, member: str, question: dict[str, Any]) -> None:
        """What is kept of theirs; empty for nothing."""
        change = sa.update(OutsidePerson).where(*_one(workspace, member))
        await self._session.execute(change.values(question=question))

    async def settled(self, workspace: str, member: str) -> None:
        """They and the admins were told how it ended, and nothing of it is needed any more."""
        over = OutsidePerson.state != State.ASKED.value
        change = sa.update(OutsidePerson).where(*_one(workspace, member), over)
        await self._session.execute(change.values(question=NOTHING, told=NOTHING))

    async def forget(self, workspace: str, member: str) -> bool:
        """They are a member now, or nobody any more."""
        return await self._did(sa.delete(OutsidePerson).where(*_one(workspace, member)))

    async def of_kind(self, workspace: str, kind: Kind, state: State | None = None) -> list[str]:
        """All whom the rule of a kind concerns, or those in one state."""
        query = sa.select(OutsidePerson.member_id).where(
            OutsidePerson.workspace_id == workspace, OutsidePerson.kind == kind.value
        )
        query = query.where(OutsidePerson.state == state.value) if state else query
        return list(await self._session.scalars(query.order_by(OutsidePerson.member_id)))

    async def known(self, workspace: str, start: int, limit: int) -> tuple[list[OutsidePerson], int]:
        """Those who wait first, then those whom an admin let in or refused, the newest first; and how many."""
        said = OutsidePerson.state.in_([State.ASKED.value, State.ALLOWED.value, State.REFUSED.value])
        ours = (OutsidePerson.workspace_id == workspace, said)
        order = (
            OutsidePerson.state != State.ASKED.value,
            sa.func.coalesce(OutsidePerson.decided_at, OutsidePerson.asked_at).desc(),
            OutsidePerson.member_id,
        )
        query = sa.select(OutsidePerson).where(*ours).order_by(*order).offset(start).limit(limit)
        total = await self._session.scalar(sa.select(sa.func.count()).select_from(OutsidePerson).where(*ours))
        return await self._rows(query), total or 0


def _one(workspace: str, member: str) -> tuple[sa.ColumnElement[bool], ...]:
    return OutsidePerson.workspace_id == workspace, OutsidePerson.member_id == member
