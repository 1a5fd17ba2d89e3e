"""The audit, for administrators: a page of it, whether it is whole, and what was looked for as lines to keep."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.workspaces.audit import Asked
from storage.repositories.workspaces.audit_chain import DONE, FAILED
from storage.repositories.workspaces.audit_verifying import Anchor, Verdict
from storage.tables import AuditEntry

PAGE = 20
MOST_EXPORTED = 10_000
MOST_COUNTED = 1_000
VERIFIED, EXPORTED = "audit.verified", "audit.exported"


@dataclass(frozen=True)
class Check:
    """When the audit was verified last, by whom; and was it whole?"""

    at: datetime
    by: str
    whole: bool


@dataclass(frozen=True)
class Page:
    """``count`` is of all that was asked for, and counted no further than `MOST_COUNTED`."""

    entries: Sequence[AuditEntry]
    asked: Asked
    more: bool
    count: int
    head: Anchor | None
    check: Check | None
    titles: Mapping[str, str] = field(default_factory=dict)
    """Of connections and links that it is about, by their ids."""


class Ledger:
    """The caller knows that it is an administrator who asks."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def page(self, workspace: str, asked: Asked) -> Page:
        async with self._db.read() as tables:
            found = await tables.audit.found(workspace, asked, PAGE + 1)
            count = await tables.audit.count(workspace, replace(asked, before=None), MOST_COUNTED)
            head = await tables.audit.head(workspace)
            check = await _last_check(tables, workspace)
            titles = await tables.audit.titles(workspace, _named_in(found))
        return Page(found[:PAGE], asked, len(found) > PAGE, count, head, check, titles)

    async def checked(self, workspace: str) -> Check | None:
        """When an administrator last had it verified."""
        async with self._db.read() as tables:
            return await _last_check(tables, workspace)

    async def verify(self, admin: Member) -> Verdict:
        """What was found is an entry too, so that the next one to look knows when it was whole."""
        async with self._db.read() as tables:
            found = await tables.audit.verify(admin.workspace)
        detail = {"entries": found.checked} | ({} if found else {"entry": found.broken_at, "why": found.why})
        outcome = DONE if found else FAILED
        async with self._db.begin() as tables:
            await tables.audit.add(admin.workspace, admin.id, VERIFIED, admin.workspace, detail, outcome)
        return found

    async def export(self, admin: Member, asked: Asked) -> tuple[str, int]:
        """The newest `MOST_EXPORTED` of what is asked for, the oldest of them first, and how many these are."""
        async with self._db.read() as tables:
            found = await tables.audit.found(admin.workspace, replace(asked, before=None), MOST_EXPORTED)
        async with self._db.begin() as tables:
            detail = {"entries": len(found)}
            await tables.audit.add(admin.workspace, admin.id, EXPORTED, admin.workspace, detail)
        return "".join(lines(reversed(found))), len(found)


def lines(entries: "Iterator[AuditEntry] | Sequence[AuditEntry]") -> Iterator[str]:
    """JSON Lines: the text of each as it stands, so that a copy can be verified without Usher."""
    for entry in entries:
        told = {"workspace": entry.workspace_id, "number": entry.number, "key": entry.key_id, "mac": entry.mac}
        if not entry.key_id:  # the text of before says less
            told |= {"at": entry.at.isoformat(), "actor": entry.actor, "action": entry.action, "subject": entry.subject}
        yield f"{json.dumps({**told, 'body': entry.body}, ensure_ascii=False)}\n"


async def _last_check(tables: Tables, workspace: str) -> Check | None:
    found = await tables.audit.found(workspace, Asked(actions=[VERIFIED]), 1)
    return Check(found[0].at, found[0].actor, found[0].outcome == DONE) if found else None


def _named_in(entries: Sequence[AuditEntry]) -> set[str]:
    """The ids of what has a name."""
    agents = {str(each.detail["agent"]) for each in entries if each.detail.get("agent")}
    return agents | {each.subject for each in entries}
