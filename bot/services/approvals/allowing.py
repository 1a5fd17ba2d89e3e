"""«Always», and what it holds for: a tool, this conversation, these arguments, or all that only reads."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.errors import NotYours
from bot.services.approvals.phrases import plainly, same
from mcp_runtime.tools.tools import Tool, ToolCall
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import AllowedCalls, Approval

NOT_OFFERED = "That cannot be allowed beforehand. Say yes or no to this call."
PLACES = (
    "owner",
    "org",
    "organization",
    "organization_slug",
    "repo",
    "repository",
    "project",
    "project_id",
    "project_slug",
    "project_key",
    "team",
    "team_id",
    "workspace",
    "database",
    "database_id",
    "schema",
    "table",
    "collection",
    "bucket",
    "channel",
    "channel_id",
    "board",
    "board_id",
    "calendar",
    "calendar_id",
    "folder",
    "folder_id",
    "space",
    "space_id",
    "page_id",
    "parent_id",
    "branch",
)
"""Arguments that say where something is done, and not what."""
MOST_PLACES = 3


def one_tool(calls: Sequence[Mapping[str, Any]]) -> bool:
    """All guarded calls are of one tool of a connection: only for that something can be allowed beforehand."""
    guarded = {(call.get("connection_id"), call.get("tool")) for call in calls if call.get("guarded", True)}
    return len(guarded) == 1 and all(connection_id for connection_id, _ in guarded)


def place_of(calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The arguments that say where all these calls are made; empty where there is no such place."""
    guarded = [dict(call.get("arguments") or {}) for call in calls if call.get("guarded", True)]
    first = guarded[0] if guarded else {}
    shared = {
        name: first[name]
        for name in PLACES
        if plainly(first.get(name)) and all(same(first[name], each.get(name)) for each in guarded)
    }
    return shared if len(shared) <= MOST_PLACES else {}


def offered(calls: Sequence[Mapping[str, Any]]) -> list[str]:
    """What an «always» may hold for here; nothing beside a call that asks for whose words it sends."""
    if not one_tool(calls) or any(call.get("flow") for call in calls):
        return []
    guarded = next(call for call in calls if call.get("guarded", True))
    narrow = ["conversation", *(["arguments"] if place_of(calls) else [])] if guarded.get("pin") else []
    return ["tool", *narrow, *(["reading"] if guarded.get("readers") else [])]


async def allow(tables: Tables, member: Member, approval: Approval, scope: str) -> None:
    """In the transaction that decides. Raises `NotYours` for what was never offered: that may be a forged click."""
    conversation = await tables.conversations.get(member.workspace, approval.conversation_id)
    if scope not in offered(approval.calls) or conversation is None or conversation.door != "slack":
        raise NotYours(NOT_OFFERED)
    call = next(each for each in approval.calls if each.get("guarded", True))
    connection = await tables.connections.get(member.workspace, call["connection_id"])
    if connection is None or connection.member_id != member.id:
        raise NotYours(NOT_OFFERED)
    match scope:
        case "tool":
            await tables.tools.set_policy(member.workspace, connection.id, call["tool"], "always")
        case "reading":
            names = await tables.tools.asking_readers(member.workspace, connection.id)
            await tables.tools.set_policies(member.workspace, connection.id, names, "always")
        case _:
            here = scope == "conversation"
            row = AllowedCalls(
                workspace_id=member.workspace,
                member_id=member.id,
                connection_id=connection.id,
                tool=call["tool"],
                pin=call["pin"],
                conversation_id=approval.conversation_id if here else None,
                arguments={} if here else place_of(approval.calls),
                approval_id=approval.id,
            )
            await tables.allowed_calls.add(row)


def covers(row: AllowedCalls, tool: Tool, arguments: Mapping[str, Any]) -> bool:
    """It holds for the tool as it was then: one that has changed since asks again."""
    its_own = (row.connection_id, row.tool, row.pin) == (tool.connection_id, tool.own_name, tool.pin)
    bound = row.conversation_id is not None or bool(row.arguments)
    return (
        its_own and bound and all(name in arguments and same(arguments[name], v) for name, v in row.arguments.items())
    )


async def positions(
    db: Database, member: Member, conversation_id: str, calls: Sequence[ToolCall], tools: Mapping[str, Tool]
) -> Collection[int]:
    """Of the calls that would ask, those that need not; looked up anew each time."""
    asking = {at: tool for at, call in enumerate(calls) if (tool := tools.get(call.name)) and tool.guarded and tool.pin}
    connections = {tool.connection_id for tool in asking.values() if tool.connection_id}
    if not connections:
        return ()
    async with db.read() as tables:
        rows = await tables.allowed_calls.applying(member.workspace, member.id, conversation_id, connections)
    return {at for at, tool in asking.items() if any(covers(row, tool, calls[at].arguments) for row in rows)}
