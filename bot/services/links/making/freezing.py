"""What was chosen, as one hash: what its creator looked at is what is made, or nothing is."""

import hashlib
import json
from typing import Any

from bot.services.links.uploads import choosing as uploads
from bot.services.links.values import Draft

DECIDES = ("connection_id", "name", "pin", "free")
SHOWN = 12


def fingerprint(draft: Draft, tools: list[dict[str, Any]]) -> str:
    """SHA-256 in hexadecimal over all that decides how a link behaves, each tool by the pin of its definition."""
    chosen = {
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
        "cents": draft.cents,
        "idle": draft.idle_minutes,
        "summary": draft.summary,
        "access": [draft.access, draft.addressee.strip(), draft.passcode_hash],
        **uploads.limits_of(draft),
        "tools": sorted([[tool[name] for name in DECIDES] for tool in tools]),
    }
    return hashlib.sha256(json.dumps(chosen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
