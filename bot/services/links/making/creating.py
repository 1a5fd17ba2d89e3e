"""What a link may be, checked, and the row that it becomes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.errors import FormError
from bot.services.limits import limits
from bot.services.links.admission import choosing as admits
from bot.services.links.admission.values import ADDRESSED
from bot.services.links.making.freezing import aside, fingerprint
from bot.services.links.uploads import choosing as uploads
from bot.services.links.values import Candidate, Draft, Terms, lasting
from bot.words import LANGUAGES
from mcp_runtime.tools.names import exposed
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, Link, PinnedTool

MAX_SESSIONS = 100
MAX_LIVE = 50
TITLE, PURPOSE, INSTRUCTIONS = 120, 1_000, 4_000
MOST_STARTERS, STARTER = 4, 75
MOST_COVERED, COVERED = 10, 200
LONGEST_KEPT = 365 * 24
SHORTEST_SILENCE, LONGEST_SILENCE = 10, 30 * 24 * 60
"""Minutes."""
LEAST_CENTS = 5
"""Enough for a few answers of the dearest model."""
READING = ("free",)


def check(draft: Draft, terms: Terms) -> None:
    """Raises `FormError`, each complaint under the draft's own field name."""
    errors: dict[str, str] = {}
    if not draft.title.strip():
        errors["title"] = "A link needs a title: its guests see it."
    for name, most in (("title", TITLE), ("purpose", PURPOSE), ("instructions", INSTRUCTIONS)):
        if len(getattr(draft, name)) > most:
            errors[name] = f"At most {most:,} characters, please."
    for name, number, most in (("starters", MOST_STARTERS, STARTER), ("covers", MOST_COVERED, COVERED)):
        if len(getattr(draft, name)) > number or any(len(each) > most for each in getattr(draft, name)):
            errors[name] = f"At most {number} lines of at most {most} characters, please."
    if not 0 < draft.hours <= terms.most_hours:
        errors["hours"] = f"A link may live from a few minutes to {lasting(terms.most_hours)}."
    if not 1 <= draft.max_sessions <= MAX_SESSIONS:
        errors["max_sessions"] = f"A link may have from 1 to {MAX_SESSIONS} guests."
    if not 1 <= draft.messages <= limits.SESSION_MESSAGES:
        errors["messages"] = f"A guest may write from 1 to {limits.SESSION_MESSAGES} messages."
    if not limits.TURN_TOKENS <= draft.tokens <= limits.LINK_TOKENS:
        errors["tokens"] = f"A link may use from {limits.TURN_TOKENS:,} to {limits.LINK_TOKENS:,} tokens."
    if draft.language and draft.language not in LANGUAGES:
        spoken = ", ".join(f"{each.name} ({code})" for code, each in LANGUAGES.items())
        errors["language"] = f"Guests can be spoken to in {spoken}, or as each one's browser asks."
    if draft.keep_hours is not None and not 1 <= draft.keep_hours <= LONGEST_KEPT:
        errors["keep_hours"] = f"What was said may be kept from an hour to {lasting(LONGEST_KEPT)}."
    if draft.cents and not LEAST_CENTS <= draft.cents <= terms.link_cents:
        errors["cents"] = f"A link may cost from ${LEAST_CENTS / 100:.2f} to ${terms.link_cents / 100:.2f}."
    if draft.idle_minutes and not SHORTEST_SILENCE <= draft.idle_minutes <= LONGEST_SILENCE:
        errors["idle_minutes"] = f"Silence may end a chat after {SHORTEST_SILENCE} minutes to 30 days, or never."
    errors |= admits.complaints(draft, terms) | uploads.complaints(draft, terms.files)
    if errors:
        raise FormError(errors)


def candidates(connections: Sequence[Connection], tools: Sequence[PinnedTool]) -> list[Candidate]:
    """Those that only read come first; all but those that surely do will ask the creator before each call."""
    there = {each.id: each for each in connections}
    offered = [each for each in tools if each.connection_id in there and _may_be_offered(each)]
    return [_candidate(there[each.connection_id], each) for each in sorted(offered, key=_acts)]


def _candidate(connection: Connection, tool: PinnedTool) -> Candidate:
    called = exposed(connection.slug, tool.name)
    free = tool.policy in READING
    return Candidate(connection.id, tool.name, tool.title or tool.name, connection.title, free, called)


def frozen(draft: Draft, connections: Sequence[Connection], tools: Sequence[PinnedTool]) -> list[dict[str, Any]]:
    """The chosen tools as they are now; raises `FormError` for one that may not be offered."""
    titles = {each.id: each.title for each in connections}
    offered = {(tool.connection_id, tool.name): tool for tool in tools if _may_be_offered(tool)}
    chosen = [offered.get(wanted) for wanted in dict.fromkeys(draft.tools)]
    if None in chosen:
        raise FormError({"tools": "One of these tools is not there any more. Choose again."})
    return [_frozen(tool, titles.get(tool.connection_id, "")) for tool in chosen if tool]


def _frozen(tool: PinnedTool, server: str) -> dict[str, Any]:
    """What decides, and what its creator reads of it."""
    decides = {"connection_id": tool.connection_id, "name": tool.name, "pin": tool.pin, "free": tool.policy in READING}
    return decides | {"title": tool.title or tool.name, "server": server}


def _limits(draft: Draft) -> dict[str, Any]:
    """Of money none where nothing was chosen: then the installation's own may change."""
    money = {"cents": draft.cents} if draft.cents else {}
    said = {"session_messages": draft.messages, "tokens": draft.tokens, "summary": draft.summary}
    return said | money | uploads.limits_of(draft)


def row(
    member: Member, draft: Draft, tools: list[dict[str, Any]], token_hash: bytes, passcode_hash: bytes | None
) -> Link:
    return Link(
        workspace_id=member.workspace,
        creator_id=member.id,
        title=draft.title.strip(),
        purpose=draft.purpose.strip(),
        instructions=draft.instructions.strip(),
        tools=tools,
        agent=dict(draft.agent),
        limits=_limits(draft) | aside(draft),
        starters=list(draft.starters),
        covers=list(draft.covers),
        language=draft.language,
        frozen=fingerprint(draft, tools),
        idle_minutes=draft.idle_minutes,
        access=draft.access,
        addressee=draft.addressee.strip() if draft.access in ADDRESSED else "",
        passcode_hash=passcode_hash,
        token_hash=token_hash,
        max_sessions=draft.max_sessions,
        expires_at=now() + timedelta(hours=draft.hours),
        keep_hours=draft.keep_hours,
        follow_channel=draft.follow_channel,
    )


def _may_be_offered(tool: PinnedTool) -> bool:
    return tool.state == "accepted" and tool.policy != "off"


def _acts(tool: PinnedTool) -> bool:
    return not (tool.policy in READING or tool.hinted_reading)
