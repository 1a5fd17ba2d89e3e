"""A question to try on a connection, made of a tool that only reads and needs nothing to be known."""

import re
from collections.abc import Iterable

from storage.tables import PinnedTool

# It is said in the member's own name, so of a server's words only plain ones about reading make one.
VERBS = ("list", "show", "read", "get", "view", "fetch", "count")
_READS = re.compile(rf"(?:{'|'.join(VERBS)}) [a-z0-9 ]{{2,40}}", re.I | re.ASCII)


def question_of(title: str, tools: Iterable[PinnedTool]) -> str:
    """«List notes from Notes.»; empty when there is no such tool. ``title`` is the connection's."""
    found = [words for tool in tools if (words := _readable(tool))]
    best = min(found, key=lambda words: VERBS.index(words.split()[0].lower()), default="")
    return f"{best} from {title}." if best else ""


def _readable(tool: PinnedTool) -> str:
    """In words, when it only reads, may be used, and can be called with nothing more."""
    reads = tool.policy == "free" or tool.hinted_reading
    words = " ".join((tool.title or tool.name).replace("_", " ").split())
    if not reads or tool.policy == "off" or tool.state != "accepted" or not _READS.fullmatch(words):
        return ""
    if ((tool.definition or {}).get("inputSchema") or {}).get("required"):
        return ""
    return words[0].upper() + words[1:].lower()
