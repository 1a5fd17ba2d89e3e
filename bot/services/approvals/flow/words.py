"""Why a call asks that would send a stranger's words on, for people. Titles are as their members chose them."""

from collections.abc import Mapping
from typing import Any

from bot.services.approvals.flow.judging import ADDRESS, CONTENT, ORDERED, UNASKED, UNBIDDEN, UNREADABLE
from bot.services.log_entries import listed

LED = {
    ADDRESS: "Where this goes comes from {origins}, and not from you.",
    CONTENT: "This passes on what I read in {origins}.",
    UNREADABLE: "Part of this cannot be read, and I had read {origins} before: it may hold words from there.",
    UNBIDDEN: "In your words I find no wish for this, and I had read {origins} before: it may have led to this.",
    ORDERED: "Words in {origins} speak to an assistant, not to you: they may have led to this.",
    UNASKED: "You have not spoken of {there}, and I had read {origins} before: words from there may have led to this.",
}
ALWAYS = "Such a call asks each time, whatever else is allowed."
TIP = "Say yes if you want just this. What you type yourself, an address or a text, is not asked about for that."


def led(flow: Mapping[str, Any], there: str) -> str:
    """In a sentence; ``there`` is the title of the connection that is called."""
    origins = listed([f"“{each}”" for each in flow["origins"]])
    return LED[flow["rule"]].format(origins=origins, there=f"“{there}”")
