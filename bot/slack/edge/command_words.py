"""What people type after a command, and what they mean by it."""

import re
from collections.abc import Collection, Mapping

from bot.services.matching import near, plain
from bot.services.watch.content.secret_shapes import looks_secret

__all__ = ["MCP", "TEMPCHAT", "Words", "guessed", "looks_secret", "meant", "names", "split", "unquoted"]

_QUOTES = "«»“”„‟\"'‘’‚`‹›"
_AROUND = _QUOTES + " \t\n.,;:!?<>[]()"
_BLANK = re.compile(r"[\s\u200b\u2060\ufeff\u180e]")
"""Also the blanks that nobody sees, which come with what was copied; those that join an emoji's parts stay."""
_FILLERS = re.compile(r"^\W*(?:(?:to|from|the|my|a|an|with|for|of|called|named)\s+)+", re.I)

Words = Mapping[str, Collection[str]]
"""What a command can do, each with the other words for it."""
MCP: Words = {
    "connect": ("add", "new", "create", "install", "setup", "use"),
    "list": ("ls", "show", "status", "connections", "mine"),
    "tools": ("tool", "permissions", "policy", "policies"),
    "test": ("check", "ping", "try"),
    "disconnect": ("remove", "delete", "rm", "del", "unlink", "unconnect", "forget", "end", "stop", "close", "revoke"),
    "help": ("h", "usage", "commands"),
}
TEMPCHAT: Words = {
    "create": ("add", "new", "make", "start", "open", "invite"),
    "list": ("ls", "show", "status", "links", "mine"),
    "revoke": ("remove", "delete", "rm", "del", "end", "stop", "close", "cancel", "kill", "disconnect"),
    "help": ("h", "usage", "commands"),
}


def split(text: str) -> tuple[str, str]:
    """The word, without what stands around it, and the rest as it was typed."""
    word, *rest = _BLANK.sub(" ", text).split(maxsplit=1)[:2] or [""]
    return word.strip(_AROUND).casefold(), rest[0].strip() if rest else ""


def names(rest: str) -> list[str]:
    """What «to my “GitHub”» may name, the likeliest first; nothing when nothing is named, or all there is."""
    if plain(rest) in ("", "all", "everything"):
        return []
    return list(dict.fromkeys((rest.strip(_AROUND), _FILLERS.sub("", rest, count=1).strip(_AROUND))))


def unquoted(text: str) -> str:
    """A title as it was typed, without quotes around all of it."""
    return text.strip(_QUOTES).strip() if text[:1] in _QUOTES else text


def meant(word: str, words: Words) -> str | None:
    """What this is a word for; nothing at all asks for help."""
    typed = plain(word)
    return next((verb for verb, others in words.items() if typed in (verb, *others)), None if typed else "help")


def guessed(word: str, words: Words) -> str | None:
    """What it may have been meant for, when that is near; to be offered, never done."""
    return near(word, {each: verb for verb, others in words.items() for each in (verb, *others)})
