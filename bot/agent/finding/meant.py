"""What people call a thing, and what tools call it: «find» is a search, «make» is a create, a ticket is an issue."""

from collections.abc import Iterable

ALIKE = (
    ("find", "search", "query", "look", "suche", "finde"),
    ("make", "create", "add", "new", "open", "post", "erstelle", "anlegen"),
    ("show", "get", "list", "read", "fetch", "view", "zeige"),
    ("change", "update", "edit", "patch", "modify", "ändere"),
    ("remove", "delete", "drop", "lösche"),
    ("send", "post", "message", "write"),
    ("start", "run", "trigger", "execute", "play"),
    ("whoami", "self", "authenticated", "current"),
    ("ticket", "issue"),
    ("log", "output", "logs", "worklog"),
    ("status", "state", "transition", "progress"),
    ("person", "user", "people", "member"),
    ("note", "comment", "reply"),
)
WORTH = 0.4
"""Of a word that was meant, beside one that was said."""
SAYS_NOTHING = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "in",
        "on",
        "of",
        "for",
        "is",
        "are",
        "am",
        "was",
        "be",
        "i",
        "me",
        "my",
        "we",
        "our",
        "us",
        "you",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "and",
        "or",
        "at",
        "by",
        "with",
        "from",
        "about",
        "please",
        "can",
        "could",
        "would",
        "do",
        "does",
        "did",
        "what",
        "which",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "ein",
        "eine",
        "einen",
        "im",
        "am",
        "zum",
        "zur",
        "und",
        "mit",
        "von",
    ]
)
WHO = {"who", "am", "i"}

_MEANT: dict[str, set[str]] = {}
for _words in ALIKE:
    for _word in _words:
        _MEANT.setdefault(_word, set()).update(_words)


def weighed(asked: Iterable[str]) -> dict[str, float]:
    """The words of a request that say something, and those that may be meant, with what each is worth."""
    said = list(asked)
    telling = [word for word in said if word not in SAYS_NOTHING] or said
    found = dict.fromkeys(telling, 1.0)
    meant = [*telling, *(["whoami", "user"] if set(said) >= WHO else [])]
    for word in meant:
        for other in sorted(_MEANT.get(word, ())):
            found.setdefault(other, WORTH)
    return found
