"""What people type after a command, and what they mean by it."""

import re
from collections.abc import Collection, Mapping

from bot.services.matching import near, plain

_SHAPES = re.compile(
    r"\b(xox[a-z]-|xapp-|gh[pousr]_|github_pat_|glpat-|sk-|sbp_|sb_secret_|AIza|AKIA|eyJ|ya29\.|hf_|npm_|tk_|ts_|tc_)"
    r"[\w.-]{6,}|\bbearer\s+\S{6,}",
    re.I,
)
_LONG = re.compile(r"[A-Za-z0-9_+=-]{24,}")
_QUOTES = "«»“”„‟\"'‘’‚`‹›"
_AROUND = _QUOTES + " \t\n.,;:!?<>[]()"
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
    word, _, rest = text.strip().partition(" ")
    return word.strip(_AROUND).casefold(), rest.strip()


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


def looks_secret(text: str) -> bool:
    """By the shapes of well-known tokens, and by long words that mix letters and digits."""
    return bool(_SHAPES.search(text)) or any(_mixed(word) for word in _LONG.findall(text))


def _mixed(word: str) -> bool:
    return any(each.isdigit() for each in word) and any(each.isalpha() for each in word)
