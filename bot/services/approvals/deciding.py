"""A question is decided, and an «always» is taken back: by its member alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.errors import NotYours
from bot.services.approvals import allowing, approvals
from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.services.approvals.refusing import Unfit, audited, why_not
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.workspaces.audit_chain import DENIED, DONE
from storage.schema import now
from storage.tables import AllowedCalls, Approval, Turn

STATES = {"approve": "approved", "deny": "denied", "always": "always"}
NEVER_ALWAYS = "There is nothing to take back here. See in my Home tab what runs without asking."
NOTHING_THERE = "That is not allowed any more, or was never yours. See in my Home tab what runs without asking."
LONGEST_REASON = 500


@dataclass(frozen=True)
class Answer:
    """``revision`` is that of the calls that were shown; ``scope`` what an «always» holds for."""

    verdict: str
    revision: int = 0
    scope: str = "tool"
    reason: str = ""


class Deciding:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def decide(
        self, member: Member, approval_id: str, answer: Answer, clicked: Mapping[str, Any] | None = None
    ) -> Approval:
        """The turn goes on, in a new one; raises `NotYours`.

        ``clicked`` is the message whose button it was: who put it up may have died before it could note where.
        """
        async with audited(self._db, member, approval_id):
            approval: Approval = await self._db.surely(partial(_decide, member, approval_id, answer, clicked))
        await self._bus.tell("turns")
        await self._bus.tell(f"conversation:{approval.conversation_id}")
        if approval.state == "always":
            await self._bus.tell("jobs")
        return approval

    async def ask_again(self, member: Member, approval_id: str) -> Approval:
        """Take an «always» back, for what it was given for; raises `NotYours`."""
        async with audited(self._db, member, approval_id), self._db.begin() as tables:
            approval = await tables.approvals.get(member.workspace, approval_id)
            if approval is None or approval.member_id != member.id:
                raise Unfit(SOMEBODY_ELSES, "another")
            if approval.state != "always":
                raise Unfit(NEVER_ALWAYS, "no_always")
            if approval.scope in ("conversation", "arguments"):
                if await tables.allowed_calls.remove_of(member.workspace, member.id, approval.id):
                    await _audit_taken_back(tables, member, approval.calls[0]["title"], approval.id)
            else:
                for call in approval.calls:
                    await _ask_before(tables, member, call, all_readers=approval.scope == "reading")
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")
        return approval

    async def allowed(self, member: Member) -> list[AllowedCalls]:
        """What this member lets run without a question, beside whole tools; the newest first."""
        async with self._db.read() as tables:
            return await tables.allowed_calls.of(member.workspace, member.id)

    async def forget(self, member: Member, connection_id: str, tool: str | None = None) -> int:
        """All that was allowed of a connection, or of one tool of it; how many rules there were."""
        async with self._db.begin() as tables:
            mine = await tables.allowed_calls.of(member.workspace, member.id)
            rows = [each for each in mine if each.connection_id == connection_id and tool in (None, each.tool)]
            for row in rows:
                await tables.allowed_calls.remove(member.workspace, member.id, row.id)
            for name in sorted({row.tool for row in rows}):
                await _audit_taken_back(tables, member, name, connection_id)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")
        return len(rows)

    async def take_back(self, member: Member, allowed_id: str) -> AllowedCalls:
        """From the next step on it is asked about again; raises `NotYours`."""
        async with self._db.begin() as tables:
            row = await tables.allowed_calls.remove(member.workspace, member.id, allowed_id)
            if row is None:
                raise NotYours(NOTHING_THERE)
            await _audit_taken_back(tables, member, row.tool, row.connection_id)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")
        return row


async def _decide(
    member: Member,
    approval_id: str,
    answer: Answer,
    clicked: Mapping[str, Any] | None,
    tables: Tables,
    unanswered: Sequence[Approval],
) -> Approval:
    stored = await tables.approvals.get(member.workspace, approval_id) if unanswered else None
    for before in unanswered:
        if stored and (stored.state, stored.decided_at) == (before.state, before.decided_at):
            return stored
    approval = await _decided(tables, member, approval_id, answer)
    turn = Turn(
        workspace_id=member.workspace,
        conversation_id=approval.conversation_id,
        source=f"approval:{approval.id}",
        kind="resume",
        approval_id=approval.id,
    )
    await tables.turns.queue(turn)
    await approvals.close_question(tables, approval, clicked)
    await approvals.told(tables, approval)
    if approval.state == "always":
        await tables.home_tabs.changed(member.workspace, member.id)
    whose = (member.workspace, member.id)
    await tables.audit.add(*whose, "approval.decided", approval.id, _detail(approval), _outcome(approval))
    return approval


async def _decided(tables: Tables, member: Member, approval_id: str, answer: Answer) -> Approval:
    state = STATES[answer.verdict]
    scope = answer.scope if state == "always" else ""
    reason = answer.reason.strip()[:LONGEST_REASON] if state == "denied" else ""
    approval = await tables.approvals.decide(
        *(member.workspace, approval_id, member.id, state, now()),
        revision=answer.revision,
        scope=scope,
        reason=reason,
    )
    if approval is None:
        raise await why_not(tables, member, approval_id, answer.revision)
    if state == "always":
        try:
            await allowing.allow(tables, member, approval, scope)
        except NotYours as error:
            raise Unfit(str(error), "not_offered") from error
    return approval


def _outcome(approval: Approval) -> str:
    return DENIED if approval.state == "denied" else DONE


def _detail(approval: Approval) -> dict[str, Any]:
    detail: dict[str, Any] = {"state": approval.state, "tools": [call["title"] for call in approval.calls]}
    detail |= {"scope": approval.scope} if approval.scope else {}
    detail |= {"reason": True} if approval.reason else {}
    return detail | ({"changed": True} if any(call.get("changed") for call in approval.calls) else {})


async def _ask_before(tables: Tables, member: Member, call: dict[str, Any], *, all_readers: bool) -> None:
    """Unless something else was chosen for it since: what was switched off stays off."""
    connection_id, tool = call["connection_id"], call["tool"]
    connection = await tables.connections.get(member.workspace, connection_id) if connection_id else None
    if connection is None or connection.member_id != member.id:
        return
    there = await tables.tools.of(member.workspace, connection.id)
    free = [
        each.name
        for each in there
        if each.policy == "always" and (each.hinted_reading if all_readers else each.name == tool)
    ]
    if free:
        await tables.tools.set_policies(member.workspace, connection.id, free, "ask")
        detail = {"tools": free, "policy": "ask"} if all_readers else {"tool": tool, "policy": "ask"}
        await tables.audit.add(member.workspace, member.id, "tool.policy", connection.id, detail)


async def _audit_taken_back(tables: Tables, member: Member, tool: str, subject: str) -> None:
    await tables.audit.add(member.workspace, member.id, "always.taken_back", subject, {"tool": tool})
