"""What was chosen, as one hash: what its creator looked at is what is made, and what answers guests later."""

import hashlib
import json
from typing import Any

from bot.services.links.admission.values import ADDRESSED
from bot.services.links.uploads import choosing as uploads
from bot.services.links.values import Draft
from storage.engines.plain_text import as_json, plain
from storage.tables import Link

DECIDES = ("connection_id", "name", "pin", "free")
SHOWN = 12


def fingerprint(draft: Draft, tools: list[dict[str, Any]]) -> str:
    """SHA-256 in hexadecimal over all that decides how a link behaves, each tool by the pin of its definition."""
    return _hashed(_chosen(draft, tools))


def aside(draft: Draft) -> dict[str, Any]:
    """What is chosen once and changes later, for the link's row to remember as it was."""
    mark = _mark(draft)
    return {"hours": draft.hours} | ({"passcode": mark} if mark else {})


def intact(link: Link) -> bool:
    """Whether it is still what its creator looked at; of one that is older than this nobody can tell."""
    if not link.frozen or "hours" not in link.limits:
        return True
    access = [link.access, link.addressee, link.limits.get("passcode", "")]
    return _hashed(_chosen(drafted(link), link.tools) | {"access": access}) == link.frozen


def drafted(link: Link) -> Draft:
    """What the link was made from, but for its passcode; its tools stand in its row."""
    own, files = link.limits, link.limits.get("files", {})
    return Draft(
        title=link.title,
        purpose=link.purpose,
        instructions=link.instructions,
        hours=own["hours"],
        max_sessions=link.max_sessions,
        starters=tuple(link.starters),
        covers=tuple(link.covers),
        messages=own.get("session_messages", 0),
        tokens=own.get("tokens", 0),
        language=link.language,
        keep_hours=link.keep_hours,
        cents=own.get("cents", 0),
        idle_minutes=link.idle_minutes,
        summary=own.get("summary", True),
        access=link.access,
        addressee=link.addressee,
        follow_channel=link.follow_channel,
        files=files.get("count", 0),
        file_kinds=tuple(files.get("kinds", ())),
        file_megabytes=files.get("megabytes", 0),
        agent=dict(link.agent),
    )


def _chosen(draft: Draft, tools: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": draft.title.strip(),
        "purpose": draft.purpose.strip(),
        "instructions": draft.instructions.strip(),
        "starters": list(draft.starters),
        "covers": list(draft.covers),
        "hours": draft.hours,
        "guests": draft.max_sessions,
        "messages": draft.messages,
        "tokens": draft.tokens,
        **({"language": draft.language} if draft.language else {}),  # drafts of older versions had none
        **({"keep_hours": draft.keep_hours} if draft.keep_hours is not None else {}),
        **({"follow": draft.follow_channel} if draft.follow_channel else {}),
        "cents": draft.cents,
        "idle": draft.idle_minutes,
        "summary": draft.summary,
        "access": [draft.access, draft.addressee.strip() if draft.access in ADDRESSED else "", _mark(draft)],
        **uploads.limits_of(draft),
        **({"agent": dict(draft.agent)} if draft.agent else {}),
        "tools": sorted([[tool[name] for name in DECIDES] for tool in tools]),
    }


def _hashed(chosen: dict[str, Any]) -> str:
    as_stored = json.loads(plain(as_json(chosen)))
    return hashlib.sha256(json.dumps(as_stored, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _mark(draft: Draft) -> str:
    """A passcode is made anew with an address, so that its row cannot tell what it was."""
    return hashlib.sha256(draft.passcode_hash.encode()).hexdigest() if draft.passcode_hash else ""
