"""Why a question is not decided, or changed, as somebody wants it; and the audit of it: who tried, and why not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.errors import NotYours
from bot.services.approvals.approvals import SOMEBODY_ELSES
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Approval

TOO_LATE = {
    "lapsed": "This was not decided, and the conversation went on. Ask again if you still want it.",
    "expired": "This waited for 24 hours and is closed now. Ask again if you still want it.",
}
DECIDED = "This was decided before. Ask again if you want something else."
STALE = "The arguments were changed after this was shown. Look at the question as it is now, and decide then."
NOT_CHANGEABLE = "The arguments of this call cannot be changed here. Deny it, and tell me what you want instead."


class Unfit(NotYours):
    """Nothing was decided or changed; ``code`` is one word for the audit."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


@asynccontextmanager
async def audited(db: Database, member: Member, approval_id: str) -> AsyncIterator[None]:
    """A refusal is put down in a transaction of its own, since the refused one leaves nothing behind."""
    try:
        yield
    except Unfit as refusal:
        async with db.begin() as tables:
            if await tables.workspaces.get(member.workspace):
                detail = {"by": refusal.code}
                await tables.audit.add(member.workspace, member.id, "approval.refused", approval_id[:64], detail)
        raise


async def why_not(tables: Tables, member: Member, approval_id: str, revision: int) -> Unfit:
    """After an UPDATE that found nothing to change."""
    approval = await tables.approvals.get(member.workspace, approval_id)
    return refusal(approval, member, revision) or Unfit(TOO_LATE["expired"], "expired")


def refusal(approval: Approval | None, member: Member, revision: int) -> Unfit | None:
    """None where this member may decide about what they were shown."""
    if approval is None or approval.member_id != member.id:
        return Unfit(SOMEBODY_ELSES, "another")
    if approval.state != "asked":
        text = approval.why or TOO_LATE.get(approval.state, DECIDED)
        return Unfit(text, approval.state if approval.state in TOO_LATE else "decided")
    if approval.expires_at <= now():
        return Unfit(TOO_LATE["expired"], "expired")
    return Unfit(STALE, "stale") if approval.revision != revision else None


def call_at(approval: Approval, position: int) -> dict[str, Any]:
    """Raises `Unfit` where the question has no such call."""
    found: dict[str, Any] | None = next((each for each in approval.calls if each["position"] == position), None)
    if found is None:
        raise Unfit(NOT_CHANGEABLE, "unchangeable")
    return found
