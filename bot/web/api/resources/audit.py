"""Who did what in the workspace: for admins."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Told
from bot.web.api.paging import Paged, PlaceNumber, cursor_after, place
from storage.repositories.workspaces.audit import Asked as Looked
from storage.tables import AuditEntry


class Narrowed(Paged):
    actor: Annotated[str, Field(max_length=100, description="A member's id, or who acted in no member's name")] = ""
    action: Annotated[str, Field(max_length=64, description="Such as link.created")] = ""


class Entry(Told):
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: dict[str, Any]


class Entries(Told):
    entries: list[Entry]
    """The newest first."""
    next: str | None


async def list_audit(asked: Asked) -> Entries:
    query: Narrowed = asked.query
    found = place(query.cursor, tuple[PlaceNumber])
    before = found[0] if found else None
    looked = Looked(actor=query.actor, actions=(query.action,) if query.action else (), before=before)
    async with asked.services.db.read() as tables:
        rows = await tables.audit.found(asked.member.workspace, looked, query.limit + 1)
    shown = rows[: query.limit]
    return Entries(
        entries=[_told(row) for row in shown], next=cursor_after(shown[-1].number) if len(rows) > len(shown) else None
    )


def _told(row: AuditEntry) -> Entry:
    about = {"actor": row.actor, "action": row.action, "subject": row.subject, "outcome": row.outcome}
    return Entry(number=row.number, at=row.at, **about, detail=row.detail)


OPERATIONS = (
    Operation(
        "listAudit",
        "Audit",
        "GET",
        "/audit",
        "Who did what in the workspace.",
        Scope.AUDIT_READ,
        list_audit,
        Entries,
        query=Narrowed,
        admins=True,
    ),
)
