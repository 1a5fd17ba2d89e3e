"""Why a call was asked about, or not made: which rule, where it is set, by whom, and what would change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.services.approvals.flow.words import ALWAYS, TIP, led
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Approval, Connection, Link, PinnedTool

CHOICES = ("tool.policy", "tool.accepted", "always.taken_back")
USHER = "Usher itself; nobody can change it"
USHERS_NAME = "Usher"
NOT_DONE = ("denied", "lapsed", "expired")


@dataclass(frozen=True)
class Reason:
    """``by`` is a member, or empty where ``where`` says it all; ``tip`` is what would change it."""

    rule: str
    where: str
    by: str = ""
    at: datetime | None = None
    tip: str = ""
    about: str = ""
    """Title of the call."""


async def of(db: Database, approval: Approval, cards: Mapping[str, Any]) -> list[Reason]:
    """One for each call, and one for how it ended where nothing was done. ``cards`` by name."""
    async with db.read() as tables:
        conversation = await tables.conversations.get(approval.workspace_id, approval.conversation_id)
        link = None
        if conversation and conversation.door == "link":
            link = await tables.links.get(approval.workspace_id, str(conversation.place.get("link_id", "")))
        found = [await _of_call(tables, approval, call, link, cards) for call in approval.calls]
    return [*(_end(approval) if approval.state in NOT_DONE else []), *dict.fromkeys(found)]


async def of_refusal(db: Database, member: Member, call: Mapping[str, Any], cards: Mapping[str, Any]) -> Reason:
    """Of a call that a policy of ours did not let through; ``call`` has refused, connection_id, tool, title."""
    about, code = str(call.get("title", "")), str(call.get("refused", ""))
    async with db.read() as tables:
        connection = await tables.connections.get(member.workspace, str(call.get("connection_id") or ""))
        if connection is None or connection.member_id != member.id:
            return Reason("The tool is not connected any more.", "your connections", about=about)
        tool = await tables.tools.get(member.workspace, connection.id, str(call.get("tool", "")))
        chosen = await _chosen(tables, connection, str(call.get("tool", "")))
    if code == "permission":
        return _standing(connection, tool, chosen, about)
    if code == "agent":
        return Reason(
            "The agent that answered may not call this tool: administrators do not let it, or it was not granted.",
            "Agents, in my Home tab",
            tip=f"Grant it there, or ask another agent: “ask {USHERS_NAME}: …” in a direct message.",
            about=about,
        )
    if code == "outside":
        return Reason(
            "Whoever asked is no member of this workspace and may only read: nothing waits for a yes of theirs.",
            "Policies, in administrators' Home tab",
            about=about,
        )
    if code == "card":
        return Reason(
            "This installation does not let this connection be used now.", _card(connection, cards), about=about
        )
    return Reason(
        "What it was to be called with is not allowed: it would lead into a private network, or do more than the card "
        "permits, or is too long. The call was not made.",
        f"{_card(connection, cards)}, and Usher itself",
        tip="Ask for it in another way: a public address, or less at a time.",
        about=about,
    )


def _standing(connection: Connection, tool: PinnedTool | None, chosen: Reason | None, about: str) -> Reason:
    where = f"the tools of {connection.title}"
    if connection.paused_at:
        rule = f"{connection.title} is paused: none of its tools are used."
        return Reason(rule, "your connections", connection.member_id, connection.paused_at, "Resume it.", about)
    if tool is None or tool.state == "gone":
        return Reason("Its server does not offer this tool any more.", where, about=about)
    if tool.state == "set_aside":
        rule = "Its server has changed this tool, or added it: it is left out until you have looked at it."
        return Reason(rule, USHER, tip=f"Look at it under Tools of {connection.title}, and accept it.", about=about)
    if tool.policy == "off":
        by, at = (chosen.by, chosen.at) if chosen else (connection.member_id, None)
        return Reason("This tool is off.", where, by, at, "Let it ask first there.", about)
    return Reason(
        "It had been allowed without a question, and that was taken back in the middle of the turn.",
        *(where, connection.member_id, chosen.at if chosen else None),
        about=about,
    )


async def _of_call(
    tables: Tables, approval: Approval, call: Mapping[str, Any], link: Link | None, cards: Mapping[str, Any]
) -> Reason:
    about = str((call.get("question") or {}).get("title") or call.get("title") or call.get("tool"))
    if flow := call.get("flow"):
        rule = f"{led(flow, str(call.get('server') or ''))} {ALWAYS}"
        return Reason(rule, USHER, tip=TIP, about=about)
    if not call.get("guarded", True):
        rule = "By itself it needs no question. A step is asked about as a whole, so that nothing is half done."
        return Reason(rule, USHER, about=about)
    if not call.get("connection_id"):
        return Reason("My own tools that change something ask each time.", USHER, about=about)
    connection = await tables.connections.get(approval.workspace_id, call["connection_id"])
    if connection is None:
        return Reason("Its connection is not there any more; unknown means that it may change something.", USHER)
    if link is not None:
        rule = "A guest asked for it, and on this chat link the tool asks you each time."
        return Reason(rule, f"the link “{link.title}”, as it was made", link.creator_id, link.created_at, "", about)
    tool = await tables.tools.get(approval.workspace_id, connection.id, call["tool"])
    if tool and tool.policy in ("always", "free"):
        rule = "By now it would run without a question: that was chosen after I had asked."
        return Reason(rule, f"the tools of {connection.title}", connection.member_id, about=about)
    return await _chosen(tables, connection, call["tool"], about) or _by_card(connection, tool, cards, about)


async def _chosen(tables: Tables, connection: Connection, tool: str, about: str = "") -> Reason | None:
    """The newest choice about this tool, as the audit has it."""
    entries = await tables.audit.about(connection.workspace_id, connection.id, CHOICES)
    entry = next((each for each in entries if tool in _tools(each.detail)), None)
    if entry is None:
        return None
    rule = {
        "tool.accepted": "Its server changed it, and you accepted that. Since then it asks before each call again.",
        "always.taken_back": "An “always” for it was taken back, so it asks before each call.",
    }.get(entry.action, "It was set to ask first.")
    tip = "To be asked less, choose Always… under the question, or there."
    return Reason(rule, f"the tools of {connection.title}", entry.actor, entry.at, tip, about)


def _tools(detail: Mapping[str, Any]) -> Sequence[str]:
    named = detail.get("tools")
    return named if isinstance(named, list) else [str(detail.get("tool", ""))]


def _by_card(connection: Connection, tool: PinnedTool | None, cards: Mapping[str, Any], about: str) -> Reason:
    hint = " Its server says that it only reads; that is shown, not believed." if tool and tool.hinted_reading else ""
    rule = f"It is not among the tools that the card lists as only reading, so it may change something.{hint}"
    tip = f"To be asked less, choose Always… under the question, or under Tools of {connection.title}."
    return Reason(rule, _card(connection, cards), tip=tip, about=about)


def _card(connection: Connection, cards: Mapping[str, Any]) -> str:
    card = cards.get(connection.card)
    return f"the card {card.title}" if card else "its card"


def _end(approval: Approval) -> list[Reason]:
    if approval.state == "denied":
        rule = "It was declined."
        return [Reason(rule, "this question", approval.decided_by or approval.member_id, approval.decided_at)]
    if approval.state == "expired":
        rule = "A question that nobody answers is closed after 24 hours, so that no old yes does anything by surprise."
        return [Reason(rule, USHER, at=approval.decided_at, tip="Ask for it again.")]
    rule = approval.why or "You went on in this conversation: that answers a question that was open with no."
    return [Reason(rule, USHER if not approval.why else "your connections", at=approval.decided_at)]
