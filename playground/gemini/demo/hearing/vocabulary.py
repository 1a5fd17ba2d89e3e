"""Words for what may be done, and which of them mean the same deed."""

import re
from functools import lru_cache

DEEDS = {
    "add": {"add", "create", "make", "write", "new", "save", "put", "take", "jot", "insert", "generate", "set"},
    "list": {"list", "show", "all", "what", "which", "see", "how", "any", "have", "find"},
    "read": {"read", "show", "open", "view", "see", "what", "tell"},
    "get": {"get", "what", "tell", "show", "fetch", "is", "how", "when", "check", "know", "describe"},
    "delete": {"delete", "remove", "erase", "destroy", "purge", "trash", "clear", "wipe", "kill"},
    "update": {"update", "change", "edit", "rename", "set", "modify", "move", "extend"},
    "search": {"search", "find", "look", "which", "query", "show", "list", "what", "any"},
    "convert": {"convert", "what", "when", "is", "how"},
    "revoke": {"revoke", "cancel", "end", "close", "stop", "disable", "delete", "remove", "kill", "expire"},
    "send": {"send", "post", "reply", "email", "message"},
    "run": {"run", "execute", "start", "deploy"},
}
SAME = {
    "create": "add",
    "insert": "add",
    "make": "add",
    "new": "add",
    "write": "add",
    "generate": "add",
    "remove": "delete",
    "fetch": "get",
    "describe": "get",
    "find": "search",
    "query": "search",
    "look": "search",
    "edit": "update",
    "rename": "update",
    "execute": "run",
    "deploy": "run",
    "post": "send",
    "view": "read",
}
READING = frozenset({"get", "list", "read", "search", "convert"})
CHANGING_WORDS = frozenset().union(*(said for deed, said in DEEDS.items() if deed not in READING))
FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "current",
        "local",
        "exact",
        "by",
        "of",
        "for",
        "all",
        "my",
        "your",
        "our",
        "temporary",
        "from",
        "to",
        "in",
        "at",
        "on",
        "me",
        "us",
        "it",
        "is",
        "this",
        "that",
        "and",
        "or",
        "please",
        "do",
        "does",
        "there",
        "some",
        "with",
        "now",
        "about",
        "right",
        "moment",
        "what",
        "which",
        "how",
        "i",
        "we",
        "you",
    ]
)
LEADING = frozenset(
    [
        "and",
        "what",
        "about",
        "how",
        "in",
        "at",
        "for",
        "to",
        "is",
        "it",
        "there",
        "then",
        "now",
        "time",
        "the",
        "same",
        "when",
        "if",
        "no",
        "i",
        "meant",
        "mean",
        "sorry",
        "actually",
        "rather",
        "instead",
        "or",
        "also",
        "as",
        "well",
        "else",
        "of",
        "compared",
        "with",
        "on",
        "clock",
        "over",
        "city",
    ]
)
"""Words that lead to another place or time: «and what about in Lisbon»."""
KEPT = frozenset({"news", "this", "is", "was", "has", "does", "its", "yes", "thanks", "always", "status", "us", "as"})
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Lower case, without a plural's s; ``camelCase`` and ``snake_case`` fall apart."""
    return list(_words(text))


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).replace("_", " ")
    return tuple(singular(word) for word in WORD.findall(re.sub(r"['’]", "", apart).lower()))


def singular(word: str) -> str:
    if word in KEPT or len(word) <= 3 or word.endswith("ss") or not word.endswith("s"):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]


def plural(noun: str) -> str:
    """Of one or several words: «chat links», «queries»."""
    if noun.endswith("s"):
        return noun
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"


def deeds_of(word: str) -> set[str]:
    """The deeds that a word of a request may ask for."""
    return {deed for deed, said in DEEDS.items() if word in said}
