"""How a test of a connection went, on one card: reached, signed in, protocol, tools, and what is new since then."""

from collections.abc import Sequence
from typing import Any

from bot.services.connections.values import Found, SignIn, Tested
from bot.slack.screens.blocks.elements import Block, View, context, modal, mrkdwn, section
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.connections.listing import still_asking
from mcp_runtime.errors.causes import Cause

TRANSPORTS = {"streamable": "over HTTP", "sse": "over HTTP, of the older kind", "program": "as a program here"}
MOST_NAMES, MOST_LINES = 8, 90
FAILED_AT_THE_DOOR = (Cause.SIGN_IN_NEEDED, Cause.SIGN_IN_REFUSED, Cause.FORBIDDEN_SCOPE)
WELL, ILL = ":white_check_mark:", ":warning:"
SIGNED_IN = {
    SignIn.NONE: "none needed",
    SignIn.OAUTH: "you are signed in",
    SignIn.TOKEN: "your token is accepted",
    SignIn.SHARED: "the shared token is accepted",
}


ASIDE = ", and set aside until you have looked"


def line(tested: Tested) -> str:
    """For one among several."""
    if not (found := tested.found):
        return f"{ILL} {safe(tested.sentence, 1000)}"
    told = f"{WELL} {safe(tested.sentence, 1000)}"
    return told if _nothing_new(found) else f"{told}\n{_names_of_news(found)}"


def card(tested: Tested) -> list[Block]:
    """For one alone; ``fields`` stand in two columns, and below each other on a phone."""
    fields = {"Reached": _reached(tested), "Sign-in": _sign_in(tested)}
    if not (found := tested.found):
        return [section(f"{ILL} {safe(tested.sentence, 1000)}"), _columns(fields)]
    spoken = f"MCP {found.version} {TRANSPORTS.get(found.transport, '')}".strip() if found.version else "not told"
    fields |= {"Protocol": safe(spoken, 60), "Answered in": f"{tested.milliseconds:,} ms"}
    fields |= {"Tools": f"{tested.tools:,}", "Since last time": _counted_news(found)}
    left_out = [context(safe(found.left_out, 2000))] if found.left_out else []
    news = [] if _nothing_new(found) else [context(_names_of_news(found))]
    return [section(f"{WELL} *{safe(tested.title, 80)}* works."), _columns(fields), *news, *left_out]


def all_of(lines: Sequence[str], waiting: Sequence[str]) -> View:
    """Each one's line, in a window; ``waiting`` are those that have not answered yet."""
    told = [section(line) for line in lines[:MOST_LINES]]
    left = len(lines) - len(told)
    more = [context(f"… and {left} more: press Test in the menu of each.")] if left else []
    return modal("Test", [*told, *more, *([section(still_asking(waiting))] if waiting else [])])


def _columns(fields: dict[str, str]) -> Block:
    columns: dict[str, Any] = {"type": "section"}
    return columns | {"fields": [mrkdwn(f"*{name}*\n{told}") for name, told in fields.items()]}


def _reached(tested: Tested) -> str:
    if tested.ok or tested.cause in FAILED_AT_THE_DOOR:
        return "yes"
    return f"no: {tested.cause}" if tested.cause else "no"


def _sign_in(tested: Tested) -> str:
    if tested.ok:
        return SIGNED_IN[tested.signs_in]
    return str(tested.cause) if tested.cause in FAILED_AT_THE_DOOR else "not tried"


def _nothing_new(found: Found) -> bool:
    return not (found.added or found.gone or found.changed)


def _counted_news(found: Found) -> str:
    numbers = {"new": found.added, "gone": found.gone, "changed": found.changed}
    return ", ".join(f"{len(names)} {word}" for word, names in numbers.items() if names) or "nothing new or gone"


def _names_of_news(found: Found) -> str:
    told = {
        "New, and set aside until you have looked": found.added,
        "Gone": found.gone,
        "Changed, and set aside until you have looked": found.changed,
    }
    return " ".join(f"{word}: {_names(names)}." for word, names in told.items() if names)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(safe(name, 60) for name in names[:MOST_NAMES])
    left = len(names) - MOST_NAMES
    return f"{shown} and {left} more" if left > 0 else shown
