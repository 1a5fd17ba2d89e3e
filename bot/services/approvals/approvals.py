"""Questions that end without a decision: by a new message, by time, or after a restore; and what is told of an end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.agent.loop import MOVED_ON, abandoned
from bot.agent.model import Model
from bot.services import log_entries
from bot.services.approvals.waiting_guests import NOT_IN_TIME, wait_no_longer
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.repositories.workspaces.audit import USHER
from storage.repositories.workspaces.audit_chain import DENIED
from storage.schema import now
from storage.tables import Approval, Event

REMINDER = "approval_reminder"
BEFORE_THE_END = timedelta(hours=2)
AT_ONCE = timedelta(seconds=2)
"""In which who closed a question also takes its buttons away; after that a job does."""
SOMEBODY_ELSES = "Only the member whose tools these are can decide about this. Ask me yourself, and I use yours."
FATE_UNKNOWN = "No decision was recorded. The call may or may not have happened: look before you ask for it again."


@dataclass(frozen=True)
class Closed:
    """Approvals that nobody decided, and the events that say so."""

    approvals: list[Approval]
    events: list[Event]


async def lapse(tables: Tables, model: Model, workspace: str, conversation_id: str) -> Closed:
    """In the caller's transaction: close what the conversation waits for, and its history with it."""
    approvals = await tables.approvals.lapse(workspace, conversation_id)
    return Closed(approvals, [await close(tables, model, each) for each in approvals])


async def withdraw(tables: Tables, model: Model, workspace: str) -> int:
    """After a restore: a decision, and what it let happen, may be among what is missing. How many were closed."""
    waiting = await tables.approvals.withdraw(workspace)
    for each in waiting:
        await close(tables, model, each, FATE_UNKNOWN)
    return len(waiting)


async def close(tables: Tables, model: Model, approval: Approval, why: str = MOVED_ON) -> Event:
    """Leave the history whole: each call that was never decided is answered so."""
    history = [each.content for each in await tables.messages.of(approval.workspace_id, approval.conversation_id)]
    answers = abandoned(model, history, approval.pause, why)
    if answers:
        here = (approval.workspace_id, approval.conversation_id, approval.turn_id)
        await tables.messages.add(*here, answers)
    return await told(tables, approval)


async def close_question(tables: Tables, approval: Approval, clicked: Mapping[str, Any] | None = None) -> None:
    """A job ``approval_closed`` for whoever shows the question, where its buttons are not taken away by then."""
    payload = {"workspace": approval.workspace_id, "approval_id": approval.id, "clicked": dict(clicked or {})}
    once = f"approval_closed:{approval.id}"
    await tables.jobs.add("approval_closed", once, payload, now() + AT_ONCE, workspace=approval.workspace_id)
    await tables.home_tabs.changed(approval.workspace_id, approval.member_id)


async def told(tables: Tables, approval: Approval) -> Event:
    """The log learns what became of it, and whoever shows it."""
    await close_question(tables, approval)
    entry = log_entries.approval(approval.id, approval.state, approval.decided_by, approval.calls)
    here = (approval.workspace_id, approval.conversation_id, approval.turn_id)
    return await tables.events.add(*here, entry.kind, entry.body)


async def audited(tables: Tables, closed: Iterable[Approval]) -> None:
    """Last in the transaction that closed them: nobody decided, and nothing was done."""
    for each in sorted(closed, key=lambda each: each.workspace_id):
        detail = {"state": each.state, "tools": [call["title"] for call in each.calls]}
        await tables.audit.add(each.workspace_id, USHER, "approval.closed", each.id, detail, DENIED)


async def expire(db: Database, bus: Bus, model: Model) -> int:
    """Close those whose time is up; how many."""
    async with db.begin() as tables:
        expired = await tables.approvals.expire(now())
        for each in expired:
            await close(tables, model, each)
            await wait_no_longer(tables, each, NOT_IN_TIME)
        await audited(tables, expired)
    for each in expired:
        await bus.tell(f"conversation:{each.conversation_id}")
    if expired:
        await bus.tell("jobs")
    return len(expired)


async def remind(db: Database, bus: Bus) -> int:
    """A job for whoever shows them, for each whose time will soon be up; how many. Each once."""
    async with db.begin() as tables:
        due = await tables.approvals.due_for_reminder(now() + BEFORE_THE_END, now())
        for each in due:
            payload = {"workspace": each.workspace_id, "approval_id": each.id}
            await tables.jobs.add(REMINDER, f"{REMINDER}:{each.id}", payload, now(), workspace=each.workspace_id)
    if due:
        await bus.tell("jobs")
    return len(due)
