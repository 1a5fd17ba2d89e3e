"""What a link is and what it allows, in a few words."""

from datetime import datetime

from bot.services.limits.limits import SESSION_MESSAGES
from bot.services.limits.prices import in_words
from bot.services.links.values import lasting
from bot.slack.screens.blocks.text import count, safe, when
from bot.slack.screens.links import access, files
from bot.words import LANGUAGES
from storage.tables import Link

MOST_NAMED = 5
NO_TOOLS = "none"
PAUSED = ":double_vertical_bar: Paused: nobody new can start."


def title(link: Link) -> str:
    return f"*{safe(link.title, 120)}*"


def guests(link: Link) -> str:
    return count(link.max_sessions, "guest")


def until(moment: datetime) -> str:
    return f"until {when(moment)}"


def terms(link: Link) -> str:
    """Its limits and its tools, for its creator."""
    cents = int(link.limits.get("cents", 0))
    costs = f" · costs about {dollars(cents)} at most" if cents else ""
    messages = count(int(link.limits.get("session_messages", SESSION_MESSAGES)), "message")
    spoken = f" · in {LANGUAGES[link.language].name}" if link.language in LANGUAGES else ""
    gone = f" · what is said is deleted {lasting(link.keep_hours)} after a chat" if link.keep_hours else ""
    kept = f"{guests(link)} · {until(link.expires_at)} · {messages} for each guest{costs}{spoken}{gone}"
    ends = f"\nA chat ends after {lasting(link.idle_minutes / 60)} of silence" if link.idle_minutes else ""
    ends += f"\nFollowed in <#{link.follow_channel}>: whoever is in it can read along" if link.follow_channel else ""
    sent = f"\nFiles: {told}" if (told := files.told(link)) else ""
    agent = f"\nAgent: {safe(str(named), 60)}" if (named := link.agent.get("name")) else ""
    return f"{kept}{ends}{sent}{agent}\nOpens for: {access.told(link)}\nTools: {tools(link)}"


def dollars(cents: int) -> str:
    return f"${cents / 100:.2f}"


def spent(link: Link) -> str:
    """By all its guests; where nobody knows a model's price, that is said."""
    if not link.tokens_spent:
        return "no tokens used"
    told = f"{link.tokens_spent:,} tokens, {in_words(link.money_spent)}"
    if not link.unpriced:
        return told
    return f"{told} (what {safe(link.unpriced, 80)} costs is not known: counted as the dearest model)"


def tools(link: Link) -> str:
    """By name as far as they are few; links of older versions knew none."""
    if not link.tools:
        return NO_TOOLS
    named = [_tool(each) for each in link.tools if each.get("title")][:MOST_NAMED]
    left = len(link.tools) - len(named)
    more = [f"{left} more" if named else count(left, "tool")] if left else []
    return ", ".join(named + more)


def _tool(frozen: dict[str, object]) -> str:
    asks = "" if frozen.get("free") else " (asks you each time)"
    server = f"{safe(str(frozen['server']), 60)}: " if frozen.get("server") else ""
    return f"{server}{safe(str(frozen['title']), 60)}{asks}"
