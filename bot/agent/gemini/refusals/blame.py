"""Whom a 400 of the model's API is about: a tool that it names, the tools without a name, or something else."""

import re
from collections.abc import Sequence

PLACES = re.compile(r"function_?declarations\[(\d+)\]", re.IGNORECASE)
NAMES = re.compile(
    r"FunctionDeclaration '([^']+)'|[`'\"]?([\w.:-]+)[`'\"]? functionDeclaration\b|declaration found: [`'\"]?([\w.:-]+)"
)
QUALIFIED = re.compile(r"[A-Za-z_][\w-]*__[\w-]+")
ELSEWHERE = re.compile(
    r"\bcontents\b|system_?instruction|api key|location|token|thought_?signature|function (call|response) (turn|part)"
    r"|function_response|mime|billing|quota|image|unknown name",
    re.IGNORECASE,
)
TOOLS = re.compile(
    r"schema|function ?_?declaration|\btools\b|\$ref|prefixItems|nesting depth|too many states|parameters|\benum\b"
    r"|contains an invalid argument",  # all that Google says of some
    re.IGNORECASE,
)


def named(message: str, order: Sequence[str]) -> set[str]:
    """Which of the declared names, in their ``order``, the message names."""
    found = {name for groups in NAMES.findall(message) for name in groups}
    if is_about_tools(message):  # what is said of a call in the history names its tool too
        found |= set(QUALIFIED.findall(message))
    places = {int(place) for place in PLACES.findall(message)}
    return {name for place, name in enumerate(order) if name in found or place in places}


def is_about_tools(message: str) -> bool:
    return bool(TOOLS.search(message)) and not ELSEWHERE.search(message)
