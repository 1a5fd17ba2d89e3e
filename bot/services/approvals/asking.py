"""The row of a question, made of a turn that paused; and, once it was decided, what that comes to for each call."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bot.agent.events import Asked, Paused
from bot.agent.loop import Verdict
from bot.services.approvals.phrases import phrase_of
from bot.services.approvals.questions import Question
from mcp_runtime.tools.policies.agents import CARD
from mcp_runtime.tools.tools import Tool
from storage.database import Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Approval, Conversation, Turn

Withheld = Mapping[tuple[str, str], str]
"""Connection and own name of what may not be called, and what takes it away."""
LIFE = timedelta(hours=24)
WITHHELD = (
    "Not run: since this was asked, administrators or the owner of the connection have taken the tool from you. Do"
    " without it, and say so."
)
FORBIDDEN = "Not run: since this was asked, administrators have forbidden its service here. Do without it, and say so."
REPLACED = "Not run: the tool of this name is not the one that was asked about. Ask again if it is still wanted."
DECLINED = "The member declined this call."
DECLINED_SAYING = "The member declined this call, and says why: {}"


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
        conversation_id=conversation.id,
        turn_id=turn.id,
        member_id=conversation.member_id,
        calls=[
            {**_call(each, tools.get(each.call.name)), **_in_words(questions, each.position)} for each in paused.waiting
        ],
        pause=paused.pause,
        digest=paused.digest,
        expires_at=now() + LIFE,
    )


def _call(asked: Asked, tool: Tool | None) -> dict[str, Any]:
    call: dict[str, Any] = {
        "position": asked.position,
        "title": asked.title,
        "server": asked.server,
        "tool": tool.own_name if tool else asked.call.name,
        "connection_id": tool.connection_id if tool else None,
        "guarded": tool.guarded if tool else True,
        "costs": bool(tool and tool.costs),
        "arguments": asked.call.arguments,
    }
    if tool and tool.pin:
        call["pin"] = tool.pin
    if tool and (phrase := phrase_of(tool, asked.call.arguments)):
        call["phrase"] = asdict(phrase)
    return call


def _in_words(questions: Mapping[int, Question] | None, position: int) -> dict[str, Any]:
    found = (questions or {}).get(position)
    return {"question": asdict(found)} if found else {}


async def count_reading(tables: Tables, member: Member, approval: Approval) -> None:
    """Beside a call of a tool that only reads, as its server says: how many more of these still ask."""
    for call in approval.calls:
        if call["connection_id"] and call["guarded"]:
            names = await tables.tools.asking_readers(member.workspace, call["connection_id"])
            if call["tool"] in names and len(names) > 1:
                call["readers"] = len(names)


def taken_since(approval: Approval, withheld: Withheld) -> list[dict[str, Any]]:
    """Calls that a person allowed, and that may not be made any more."""
    if approval.state not in ("approved", "always"):
        return []
    return [call for call in approval.calls if _key(call) in withheld]


def _key(call: Mapping[str, Any]) -> tuple[str, str]:
    return call["connection_id"], call["tool"]


def verdicts(approval: Approval, tools: Iterable[Tool], withheld: Withheld | None = None) -> dict[int, Verdict]:
    """An approval holds for the tools that were shown: others may have taken their names since.

    And only as long as these may be called: ``withheld`` are those that may not.
    """
    withheld = withheld or {}
    taken = {
        call["position"]: Verdict(False, FORBIDDEN if withheld[_key(call)] == CARD else WITHHELD)
        for call in taken_since(approval, withheld)
    }
    return _held_against(approval, tools) | taken


def _held_against(approval: Approval, tools: Iterable[Tool]) -> dict[int, Verdict]:
    there = {(tool.connection_id, tool.own_name) for tool in tools}
    allowed = approval.state in ("approved", "always")
    no = DECLINED_SAYING.format(approval.reason) if approval.reason else DECLINED
    return {
        call["position"]: Verdict(False, REPLACED)
        if allowed and (call["connection_id"], call["tool"]) not in there
        else Verdict(allowed, no, call["arguments"] if call.get("changed") else None)
        for call in approval.calls
    }
