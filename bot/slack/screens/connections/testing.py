"""How a test of a connection went, on one card: reached, signed in, protocol, tools, and what is new since then."""

from collections.abc import Sequence
from typing import Any

from bot.services.connections.values import Found, Tested
from bot.slack.screens.blocks.elements import Block, context, mrkdwn, section
from bot.slack.screens.blocks.text import plainly, safe
from mcp_runtime.errors.causes import Cause

TRANSPORTS = {"streamable": "over HTTP", "sse": "over HTTP, of the older kind", "program": "as a program"}
MOST_NAMES = 8
FAILED_AT_THE_DOOR = (Cause.SIGN_IN_NEEDED, Cause.SIGN_IN_REFUSED, Cause.FORBIDDEN_SCOPE)


def line(tested: Tested) -> str:
    """For one among several."""
    told = f"{':white_check_mark:' if tested.ok else ':warning:'} {safe(tested.sentence, 1000)}"
    return f"{told}\n{_news(tested.found)}" if tested.found else told


def card(tested: Tested) -> list[Block]:
    """For one alone; ``fields`` stand in two columns, and below each other on a phone."""
    icon = ":white_check_mark:" if tested.ok else ":warning:"
    fields = {"Reached": _reached(tested), "Sign-in": _sign_in(tested)}
    if found := tested.found:
        spoken = f"{found.version} {TRANSPORTS.get(found.transport, '')}".strip()
        fields |= {"Protocol": safe(spoken, 60) or "not told", "Tools": str(tested.tools)}
    texts = [mrkdwn(f"*{name}*\n{told}") for name, told in fields.items()]
    columns: dict[str, Any] = {"type": "section", "fields": texts}
    news = [context(_news(found))] if found else []
    return [section(f"{icon} {safe(tested.sentence, 1000)}"), columns, *news]


def _reached(tested: Tested) -> str:
    if tested.ok or tested.cause in FAILED_AT_THE_DOOR:
        return f"yes, in {tested.milliseconds:,} ms"
    return f"no: {tested.cause}" if tested.cause else "no"


def _sign_in(tested: Tested) -> str:
    if tested.ok:
        return "in order"
    return str(tested.cause) if tested.cause in FAILED_AT_THE_DOOR else "not tried"


def _news(found: Found) -> str:
    told = {"New": found.added, "Gone": found.gone, "Changed, and set aside until you have looked": found.changed}
    lines = [f"{word}: {_names(names)}." for word, names in told.items() if names]
    return " ".join(lines) or "No tool is new, gone or changed since last time."


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(plainly(name, 60) for name in names[:MOST_NAMES])
    left = len(names) - MOST_NAMES
    return f"{shown} and {left} more" if left > 0 else shown
