"""The arguments of a call that waits are changed by its member: what is asked about from then on, and what runs."""

import json
from typing import Any

from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.services.approvals.phrases import fits
from bot.services.approvals.refusing import NOT_CHANGEABLE, Unfit, audited, call_at, refusal, why_not
from mcp_runtime.tools.output_schemas import first_misfit
from mcp_runtime.tools.policies.bounds import MAX_ARGUMENTS, TOO_MUCH, unsayable
from mcp_runtime.tools.tools import Phrase
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Approval, PinnedTool

TOOL_CHANGED = (
    "This tool has changed since I asked, so its arguments cannot be changed here. Deny it, and ask me again."
)
NOT_FITTING = "That does not fit what the tool takes: {}."


def changeable(call: dict[str, Any]) -> bool:
    """It is of a connection's tool. Usher's own are asked about in words of their own."""
    return bool(call.get("connection_id") and call.get("pin"))


class Changing:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def look(
        self, member: Member, approval_id: str, position: int, revision: int
    ) -> tuple[Approval, dict[str, Any]]:
        """The question as it waits, and the schema of what one of its calls takes; raises `Unfit`."""
        async with audited(self._db, member, approval_id), self._db.read() as tables:
            approval = await tables.approvals.get(member.workspace, approval_id)
            if approval is None:
                raise Unfit(SOMEBODY_ELSES, "another")
            if why := refusal(approval, member, revision):
                raise why
            call = call_at(approval, position)
            if not changeable(call):
                raise Unfit(NOT_CHANGEABLE, "unchangeable")
            row = await tables.tools.get(member.workspace, call["connection_id"], call["tool"])
            if row is None or row.pin != call["pin"] or row.state != "accepted":
                raise Unfit(TOOL_CHANGED, "tool_changed")
            return approval, schema_of(row)

    async def change(
        self, member: Member, approval_id: str, position: int, arguments: dict[str, Any], revision: int
    ) -> Approval:
        """Raises `Unfit`; of two who change the same revision one comes too late."""
        approval, schema = await self.look(member, approval_id, position, revision)
        async with audited(self._db, member, approval_id), self._db.begin() as tables:
            _check(schema, arguments)
            calls = [_changed(each, arguments) if each["position"] == position else each for each in approval.calls]
            new = await tables.approvals.change(
                member.workspace, approval_id, member.id, calls, now(), revision=revision
            )
            if new is None:
                raise await why_not(tables, member, approval_id, revision)
            detail = {"tool": call_at(new, position)["title"], "arguments": _differing(approval, new, position)}
            await tables.audit.add(member.workspace, member.id, "approval.changed", approval_id, detail)
        return new


def schema_of(tool: PinnedTool) -> dict[str, Any]:
    schema = tool.definition.get("inputSchema")
    return schema if isinstance(schema, dict) else {}


def _check(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    complaint, size = unsayable(arguments), len(json.dumps(arguments))
    if not complaint and size > MAX_ARGUMENTS:
        complaint = TOO_MUCH.format(size, MAX_ARGUMENTS)
    if not complaint and (misfit := first_misfit(schema, schema, arguments)):
        complaint = NOT_FITTING.format(misfit)
    if complaint:
        raise Unfit(complaint, "arguments")


def _changed(call: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """With the model's own kept beside them; a phrase that is not true of the new ones is told no more."""
    before = call.get("before", call["arguments"])
    kept = {name: value for name, value in call.items() if name not in ("changed", "before")}
    if "phrase" in kept and not fits(Phrase(**kept["phrase"]), arguments):
        del kept["phrase"]
    other = {} if before == arguments else {"changed": True, "before": before}
    return {**kept, "arguments": arguments, **other}


def _differing(old: Approval, new: Approval, position: int) -> list[str]:
    """Names of those that are others now."""
    before, after = (call_at(each, position)["arguments"] for each in (old, new))
    return sorted(name for name in {*before, *after} if before.get(name, ...) != after.get(name, ...))
