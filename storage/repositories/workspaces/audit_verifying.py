"""Reads an audit from its front to its head, and says where the first thing is wrong."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.repository import table_of
from storage.repositories.workspaces.audit_chain import NO_KEY, START, AuditKeys, holds_unsealed, seal, start
from storage.tables import AuditEntry, AuditHead

PAGE = 1_000
CHANGED = "it was changed, or the one before it"
COLUMNS = "its columns are not what was sealed"
TOO_OLD = "What the anchor was made of has been removed since, when its time was over: it says nothing any more."
COPIES = ("actor", "action", "subject", "outcome")
"""Columns that repeat what the sealed text says; a change of theirs alone would mislead whoever searches."""


@dataclass(frozen=True)
class Anchor:
    """A head that was noted elsewhere: without one, an end that is cut off together with the head does not show."""

    number: int
    mac: str

    def __str__(self) -> str:
        return f"{self.number}:{self.mac}"


@dataclass(frozen=True)
class Front:
    """Up to ``number`` all was removed when its time was over; ``mac`` is what the next one hangs on."""

    number: int = 0
    mac: str = ""


@dataclass(frozen=True)
class Verdict:
    """True where all is as it was written. ``broken_at`` is the first entry that is wrong or missing.

    ``unsealed`` are entries of before there was a key, ``unread`` those whose master key is not there any more: both
    are held only by what came after them. ``why`` may also say that an anchor was of no use.
    """

    checked: int
    head: Anchor | None = None
    broken_at: int | None = None
    why: str = ""
    unsealed: int = 0
    unread: int = 0

    def __bool__(self) -> bool:
        return self.broken_at is None


@dataclass
class Walk:
    """One verification, entry after entry."""

    workspace: str
    keys: AuditKeys
    front: Front
    anchor: Anchor | None
    last: AuditEntry | None = None
    checked: int = 0
    unsealed: int = 0
    unread: int = 0

    @property
    def number(self) -> int:
        return self.last.number if self.last else self.front.number

    def step(self, entry: AuditEntry) -> str:
        """Why it is wrong; empty when it is right."""
        if entry.number != self.number + 1:
            return "entries are missing before it"
        if why := self._wrong(entry):
            return why
        if self.anchor and entry.number == self.anchor.number and entry.mac != self.anchor.mac:
            return "it is not the one that the anchor was made of"
        self.last = entry
        self.checked += 1
        return ""

    def _wrong(self, entry: AuditEntry) -> str:
        try:
            return self._unlike(entry)
        except (ValueError, TypeError, KeyError):  # no text of ours
            return CHANGED

    def _unlike(self, entry: AuditEntry) -> str:
        before = self.last.mac if self.last else self.front.mac
        if entry.key_id == NO_KEY:
            # Else whoever can write the table could go on without a key, from anywhere.
            if self.last and self.last.key_id != NO_KEY:
                return "it has no seal"
            self.unsealed += 1
            return "" if holds_unsealed(entry, before or START) else CHANGED
        key = self.keys.of(entry.key_id)
        if key is None:
            # Only in front of what can be read: one that came later would be nobody's.
            if self.checked > self.unread + self.unsealed:
                return "it is sealed by a key that is not there"
            self.unread += 1
            return "" if _copies_are_right(entry) else COLUMNS
        if not hmac.compare_digest(
            entry.mac, seal(key, before or start(key, self.workspace), entry.number, entry.body)
        ):
            return CHANGED
        return "" if _copies_are_right(entry) else COLUMNS


def _copies_are_right(entry: AuditEntry) -> bool:
    said = json.loads(entry.body)
    return datetime.fromisoformat(said["at"]) == entry.at and all(said[each] == getattr(entry, each) for each in COPIES)


async def verified(session: AsyncSession, walk: Walk, head: AuditHead | None) -> Verdict:
    while True:
        page = await _page(session, walk.workspace, walk.number)
        for entry in page:
            if why := walk.step(entry):
                return _broken(walk, walk.number + 1, why)
        if len(page) < PAGE:
            return _ended(walk, head)


async def _page(session: AsyncSession, workspace: str, after: int) -> list[AuditEntry]:
    table = table_of(AuditEntry)
    query = sa.select(*table.c).where(table.c.workspace_id == workspace, table.c.number > after)
    rows = await session.execute(query.order_by(table.c.number).limit(PAGE))
    return cast("list[AuditEntry]", rows.all())  # named alike, and a million rows as objects would take twice as long


def _ended(walk: Walk, head: AuditHead | None) -> Verdict:
    number, last, anchor = walk.number, walk.last, walk.anchor
    if number < max(head.number if head else 0, anchor.number if anchor else 0) or (last and head is None):
        return _broken(walk, number + 1, "the newest entries are missing")
    if last and head and (last.number, last.mac) != (head.number, head.mac):
        return _broken(walk, last.number, "the head is not the newest entry")
    if last and last.key_id != NO_KEY and walk.keys.of(last.key_id) is None:
        return _broken(walk, last.number, "it is sealed by a key that is not there")
    if anchor and anchor.number == walk.front.number and anchor.mac != walk.front.mac:
        return _broken(walk, anchor.number, "it is not the one that the anchor was made of")
    gone = TOO_OLD if anchor and anchor.number < walk.front.number else ""
    whole = Anchor(head.number, head.mac) if head and head.number else None
    return Verdict(walk.checked, whole, None, gone, walk.unsealed, walk.unread)


def _broken(walk: Walk, number: int, why: str) -> Verdict:
    return Verdict(walk.checked, None, number, why, walk.unsealed, walk.unread)
