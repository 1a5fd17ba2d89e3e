"""Approvals: asked by a turn that paused, decided by one member, lapsed by a new message or by time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from bot.agent.events import Paused
from bot.agent.loop import MOVED_ON, Verdict, abandoned
from bot.agent.model import Model
from bot.errors import NotYours
from bot.services import log_entries
from bot.services.approvals.questions import Question
from bot.services.approvals.waiting_guests import NOT_IN_TIME, wait_no_longer
from mcp_runtime.tools.tools import Tool
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Approval, Conversation, Event, Turn

LIFE = timedelta(hours=24)
AT_ONCE = timedelta(seconds=2)
"""In which who closed a question also takes its buttons away; after that a job does."""
STATES = {"approve": "approved", "deny": "denied", "always": "always"}
SOMEBODY_ELSES = "Only the member whose tools these are can decide about this."
TOO_LATE = {
    "lapsed": "This was not decided, and the conversation went on. Ask again if you still want it.",
    "expired": "This waited for 24 hours and is closed now. Ask again if you still want it.",
}
NEVER_ALWAYS = "There is nothing to take back here."
DECIDED = "This was decided before."
FATE_UNKNOWN = "No decision was recorded. The call may or may not have happened: look before you ask for it again."
REPLACED = "Not run: the tool of this name is not the one that was asked about. Ask again if it is still wanted."


@dataclass(frozen=True)
class Closed:
    """Approvals that nobody decided, and the events that say so."""

    approvals: list[Approval]
    events: list[Event]


def asked(
    turn: Turn,
    conversation: Conversation,
    paused: Paused,
    tools: dict[str, Tool],
    questions: Mapping[int, Question] | None = None,
) -> Approval:
    """The row that waits; its calls are exactly those shown. ``questions`` are by the call's position."""
    return Approval(
        workspace_id=turn.workspace_id,
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        member_id=conversation.member_id,
        calls=[
            {
                "position": each.position,
                "title": each.title,
                "server": each.server,
                "tool": tools[each.call.name].own_name if each.call.name in tools else each.call.name,
                "connection_id": tools[each.call.name].connection_id if each.call.name in tools else None,
                "guarded": tools[each.call.name].guarded if each.call.name in tools else True,
                "costs": each.call.name in tools and tools[each.call.name].costs,
                "arguments": each.call.arguments,
                **_in_words(questions, each.position),
            }
            for each in paused.waiting
        ],
        pause=paused.pause,
        digest=paused.digest,
        expires_at=now() + LIFE,
    )


def _in_words(questions: Mapping[int, Question] | None, position: int) -> dict[str, Any]:
    found = (questions or {}).get(position)
    return {"question": asdict(found)} if found else {}


def verdicts(approval: Approval, tools: Iterable[Tool]) -> dict[int, Verdict]:
    """An approval holds for the tools that were shown: others may have taken their names since."""
    there = {(tool.connection_id, tool.own_name) for tool in tools}
    allowed = approval.state in ("approved", "always")
    return {
        call["position"]: Verdict(False, REPLACED)
        if allowed and (call["connection_id"], call["tool"]) not in there
        else Verdict(allowed)
        for call in approval.calls
    }


async def decide(
    tables: Tables, member: Member, approval_id: str, verdict: str, clicked: Mapping[str, Any] | None = None
) -> tuple[Approval, Event]:
    """In the caller's transaction, with the turn that goes on from here; raises `NotYours`.

    ``clicked`` is the message whose button it was: who put it up may have died before it could note where.
    """
    state = STATES[verdict]
    approval = await tables.approvals.decide(member.workspace, approval_id, member.id, state, now())
    if approval is None:
        raise NotYours(_why_not(await tables.approvals.get(member.workspace, approval_id), member))
    if state == "always":
        await _never_ask_again(tables, member, approval.calls)
    turn = Turn(
        workspace_id=member.workspace,
        conversation_id=approval.conversation_id,
        source=f"approval:{approval.id}",
        kind="resume",
        approval_id=approval.id,
    )
    await tables.turns.queue(turn)
    await close_question(tables, approval, clicked)
    event = await _told(tables, approval)
    detail = {"state": state, "tools": [call["title"] for call in approval.calls]}
    await tables.audit.add(member.workspace, member.id, "approval.decided", approval.id, detail)
    return approval, event


async def ask_again(tables: Tables, member: Member, approval_id: str) -> Approval:
    """Take an «always» back for the tools that it was given for; raises `NotYours`."""
    approval = await tables.approvals.get(member.workspace, approval_id)
    if approval is None or approval.member_id != member.id:
        raise NotYours(SOMEBODY_ELSES)
    if approval.state != "always":
        raise NotYours(NEVER_ALWAYS)
    for call in approval.calls:
        await _ask_before(tables, member, call)
    return approval


async def _ask_before(tables: Tables, member: Member, call: dict[str, Any]) -> None:
    """Unless something else was chosen for it since: what was switched off stays off."""
    connection_id, tool = call["connection_id"], call["tool"]
    connection = await tables.connections.get(member.workspace, connection_id) if connection_id else None
    if connection is None or connection.member_id != member.id:
        return
    policies = {each.name: each.policy for each in await tables.tools.of(member.workspace, connection.id)}
    if policies.get(tool) == "always":
        await tables.tools.set_policy(member.workspace, connection.id, tool, "ask")
        detail = {"tool": tool, "policy": "ask"}
        await tables.audit.add(member.workspace, member.id, "tool.policy", connection.id, detail)


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
    return await _told(tables, approval)


async def close_question(tables: Tables, approval: Approval, clicked: Mapping[str, Any] | None = None) -> None:
    """A job ``approval_closed`` for whoever shows the question, where its buttons are not taken away by then."""
    payload = {"workspace": approval.workspace_id, "approval_id": approval.id, "clicked": dict(clicked or {})}
    once = f"approval_closed:{approval.id}"
    await tables.jobs.add("approval_closed", once, payload, now() + AT_ONCE, workspace=approval.workspace_id)


async def _told(tables: Tables, approval: Approval) -> Event:
    await close_question(tables, approval)
    entry = log_entries.approval(approval.id, approval.state, approval.decided_by, approval.calls)
    here = (approval.workspace_id, approval.conversation_id, approval.turn_id)
    return await tables.events.add(*here, entry.kind, entry.body)


async def _never_ask_again(tables: Tables, member: Member, calls: Sequence[dict[str, Any]]) -> None:
    """For the guarded tools shown, where the connection is the member's own."""
    for call in calls:
        connection_id = call["connection_id"]
        connection = await tables.connections.get(member.workspace, connection_id) if connection_id else None
        if connection and connection.member_id == member.id and call["guarded"]:
            await tables.tools.set_policy(member.workspace, connection.id, call["tool"], "always")


def _why_not(approval: Approval | None, member: Member) -> str:
    if approval is None or approval.member_id != member.id:
        return SOMEBODY_ELSES
    if approval.state == "asked":
        return TOO_LATE["expired"]
    if approval.why:
        return approval.why
    return TOO_LATE.get(approval.state, DECIDED)


async def expire(db: Database, bus: Bus, model: Model) -> int:
    """Close those whose time is up; how many."""
    async with db.begin() as tables:
        expired = await tables.approvals.expire(now())
        for each in expired:
            await close(tables, model, each)
            await wait_no_longer(tables, each, NOT_IN_TIME)
    for each in expired:
        await bus.tell(f"conversation:{each.conversation_id}")
    if expired:
        await bus.tell("jobs")
    return len(expired)
