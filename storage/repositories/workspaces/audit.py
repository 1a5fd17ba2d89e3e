"""Who did what, each entry chained to the one before it by a keyed seal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from storage.engines.one_transaction import OneTransaction
from storage.engines.plain_text import plain
from storage.members import BY_TOKEN
from storage.repositories.repository import Repository, table_of, values_of
from storage.repositories.workspaces.audit_chain import (
    DONE,
    NO_KEY,
    OF_ACTION,
    RESTARTED,
    AuditKeys,
    body_of,
    seal,
    start,
)
from storage.repositories.workspaces.audit_verifying import Anchor, Front, Verdict, Walk, verified
from storage.schema import now
from storage.tables import Agent, AuditEntry, AuditHead, Connection, FormerAuditEntry, Link

USHER = "usher"
CUT = "retention.removed"
"""The entry that says up to which number older ones were removed, and the seal of the last of them."""

HEADS = table_of(AuditHead)
MOVED = sa.update(HEADS).where(HEADS.c.workspace_id == sa.bindparam("of"))


@dataclass(frozen=True)
class Cut:
    """``count`` entries are gone, up to the number ``upto``, whose seal was ``hash``."""

    count: int
    upto: int
    hash: str


@dataclass(frozen=True)
class Asked:
    """Which entries are looked for; empty: all."""

    actor: str = ""
    actions: Collection[str] = ()
    outcome: str = ""
    since: datetime | None = None
    before: int | None = None
    """Older than this number: where a page ended."""


class Audit(Repository):
    def __init__(self, transaction: OneTransaction, keys: AuditKeys | None = None) -> None:
        super().__init__(transaction)
        self._keys = keys or AuditKeys({})

    async def add(
        self,
        workspace: str,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        outcome: str = "",
    ) -> AuditEntry:
        """Let it be the last act of its transaction: it holds up all other entries of the workspace.

        Raises `NoKey` where the database was opened without one.
        """
        head = await self._head_held(workspace)
        if head.number and head.key_id == NO_KEY:
            head = await self._restart(workspace, head)
        told = {**(detail or {}), **({"token": token} if (token := BY_TOKEN.get()) else {})}
        return await self._append(workspace, head, (actor, action, subject), told, outcome)

    async def restart(self, workspace: str) -> bool:
        """Where the newest entry has no key yet, add the one from which on all have; was it so?"""
        head = await self._head_held(workspace)
        if not head.number or head.key_id != NO_KEY:
            return False
        await self._restart(workspace, head)
        return True

    async def unsealed_heads(self) -> list[str]:
        """Workspaces whose newest entry has no key."""
        query = sa.select(AuditHead.workspace_id).where(AuditHead.key_id == NO_KEY, AuditHead.number > 0)
        return list(await self._session.scalars(query))

    async def take_late(self, most: int) -> int:
        """Entries that a process of the version before has written since, added here with the time that they had."""
        query = sa.select(FormerAuditEntry).order_by(FormerAuditEntry.workspace_id, FormerAuditEntry.number)
        late = await self._rows(query.limit(most).with_for_update(skip_locked=True))
        for each in late:
            await self._count(sa.delete(FormerAuditEntry).where(FormerAuditEntry.id == each.id))
            detail = {**each.detail, "written": each.at.isoformat()}
            await self.add(each.workspace_id, each.actor, each.action, each.subject, detail)
        return len(late)

    async def _restart(self, workspace: str, head: AuditHead) -> AuditHead:
        detail = {"upto": head.number, "hash": head.mac}
        entry = await self._append(workspace, head, (USHER, RESTARTED, workspace), detail)
        return AuditHead(workspace_id=workspace, number=entry.number, mac=entry.mac, key_id=entry.key_id)

    async def _append(
        self,
        workspace: str,
        head: AuditHead,
        act: tuple[str, str, str],
        detail: Mapping[str, Any],
        outcome: str = "",
    ) -> AuditEntry:
        actor, action, subject = map(plain, act)
        key_id, key = self._keys.newest
        entry = AuditEntry(
            workspace_id=workspace,
            number=head.number + 1,
            at=now(),
            actor=actor,
            action=action,
            subject=subject,
            outcome=outcome or OF_ACTION.get(action, DONE),
            key_id=key_id,
        )
        entry.body = body_of(entry, detail)
        entry.mac = seal(key, head.mac if head.number else start(key, workspace), entry.number, entry.body)
        await self._session.execute(sa.insert(table_of(AuditEntry)), values_of(entry))
        moved = {"of": workspace, "number": entry.number, "mac": entry.mac, "key_id": key_id}
        await self._session.execute(MOVED, moved)
        return entry

    async def _head_held(self, workspace: str) -> AuditHead:
        """Its row is the queue: whoever has it adds, all others of the workspace wait."""
        query = sa.select(AuditHead).where(AuditHead.workspace_id == workspace).with_for_update()
        if head := await self._session.scalar(query):
            return head
        fresh = self._insert(AuditHead).values(workspace_id=workspace, number=0, mac="", key_id=NO_KEY)
        await self._session.execute(fresh.on_conflict_do_nothing())
        return (await self._session.scalars(query)).one()

    async def of(self, workspace: str, limit: int = 100) -> list[AuditEntry]:
        """The newest first."""
        return await self.found(workspace, Asked(), limit)

    async def page(self, workspace: str, after: int, limit: int) -> list[AuditEntry]:
        """The oldest first, from the one behind this number on."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace, AuditEntry.number > after)
        return await self._rows(query.order_by(AuditEntry.number).limit(limit))

    async def found(self, workspace: str, asked: Asked, limit: int) -> list[AuditEntry]:
        """The newest first; the next page is what is before the last number of this one."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace, *_conditions(asked))
        return await self._rows(query.order_by(AuditEntry.number.desc()).limit(limit))

    async def count(self, workspace: str, asked: Asked, most: int) -> int:
        """How many there are, counted no further than ``most``."""
        some = sa.select(AuditEntry.number).where(AuditEntry.workspace_id == workspace, *_conditions(asked))
        return await self._session.scalar(sa.select(sa.func.count()).select_from(some.limit(most).subquery())) or 0

    async def about(self, workspace: str, subject: str, actions: Collection[str], most: int = 200) -> list[AuditEntry]:
        """The newest entries of these kinds about one thing, the newest first."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace, AuditEntry.subject == subject)
        query = query.where(AuditEntry.action.in_(list(actions)))
        return await self._rows(query.order_by(AuditEntry.number.desc()).limit(most))

    async def titles(self, workspace: str, ids: Collection[str]) -> dict[str, str]:
        """What connections, links and agents of these ids are called, by id."""
        named = sa.union_all(
            *(
                sa.select(each.id, title.label("title")).where(each.workspace_id == workspace, each.id.in_(list(ids)))
                for each, title in ((Connection, Connection.title), (Link, Link.title), (Agent, Agent.name))
            )
        )
        return {row.id: row.title for row in await self._session.execute(named)}

    async def details(self, workspace: str, action: str, since: datetime) -> list[dict[str, Any]]:
        """Of all entries of this kind since then."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace, AuditEntry.at >= since)
        return [each.detail for each in await self._rows(query.where(AuditEntry.action == action))]

    async def count_before(self, workspace: str, before: datetime, most: int) -> int:
        """Entries that are older, counted no further than ``most``."""
        some = sa.select(AuditEntry.number).where(AuditEntry.workspace_id == workspace, AuditEntry.at < before)
        return await self._session.scalar(sa.select(sa.func.count()).select_from(some.limit(most).subquery())) or 0

    async def cut(self, workspace: str, before: datetime, most: int) -> Cut | None:
        """Remove the oldest; None when none is as old. In the same transaction, add the entry that says so.

        What is cut has to be the front of the chain, whatever the clock said when its entries were made.
        """
        await self._head_held(workspace)
        of_it = AuditEntry.workspace_id == workspace
        front = sa.select(AuditEntry.number, AuditEntry.at, AuditEntry.mac).where(of_it)
        found = (await self._session.execute(front.order_by(AuditEntry.number).limit(most + 1))).all()
        # One more than goes: the newest of all stays, since the next hangs on it.
        oldest = list(takewhile(lambda each: each.at < before, found[:-1]))
        if not oldest:
            return None
        last = oldest[-1]
        await self._count(sa.delete(AuditEntry).where(of_it, AuditEntry.number <= last.number))
        return Cut(len(oldest), last.number, last.mac)

    async def head(self, workspace: str) -> Anchor | None:
        """Of the newest entry: to be kept elsewhere, so that an end that is cut off shows."""
        head = await self._session.scalar(sa.select(AuditHead).where(AuditHead.workspace_id == workspace))
        return Anchor(head.number, head.mac) if head and head.number else None

    async def heads(self) -> dict[str, Anchor]:
        """By workspace."""
        query = sa.select(AuditHead).where(AuditHead.number > 0).order_by(AuditHead.workspace_id)
        return {each.workspace_id: Anchor(each.number, each.mac) for each in await self._rows(query)}

    async def verify(self, workspace: str, anchor: Anchor | None = None) -> Verdict:
        """Whether nothing was changed, put between or taken out; without an anchor, what was cut off at the end
        together with its head does not show.
        """
        head = await self._session.scalar(sa.select(AuditHead).where(AuditHead.workspace_id == workspace))
        walk = Walk(workspace, self._keys, await self._front(workspace), anchor)
        return await verified(self._session, walk, head)

    async def _front(self, workspace: str) -> Front:
        """What the oldest entry has to hang on: the start, or what the last cut left word of."""
        of_it = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace, AuditEntry.action == CUT)
        cut = await self._session.scalar(of_it.order_by(AuditEntry.number.desc()).limit(1))
        return Front(cut.detail["upto"], cut.detail["hash"]) if cut else Front()


def _conditions(asked: Asked) -> list[sa.ColumnElement[bool]]:
    given: list[sa.ColumnElement[bool]] = []
    if asked.actor:
        given.append(AuditEntry.actor == asked.actor)
    if asked.actions:
        given.append(AuditEntry.action.in_(sorted(asked.actions)))
    if asked.outcome:
        given.append(AuditEntry.outcome == asked.outcome)
    if asked.since:
        given.append(AuditEntry.at >= asked.since)
    if asked.before is not None:
        given.append(AuditEntry.number < asked.before)
    return given
