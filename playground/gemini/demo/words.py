"""Words of questions and of tools' names, and which of them mean the same deed."""

import re

DEEDS = {
    "add": {"add", "create", "make", "write", "new", "save", "put", "take", "jot", "open", "insert"},
    "list": {"list", "show", "all", "what", "which", "see", "how"},
    "read": {"read", "show", "open", "view", "see", "tell"},
    "get": {"get", "what", "whats", "tell", "show", "give", "fetch", "is", "how"},
    "delete": {"delete", "remove", "erase", "drop", "destroy"},
    "update": {"update", "change", "edit", "rename", "set"},
    "search": {"search", "find", "look", "which", "query"},
    "convert": {"convert"},
    "revoke": {"revoke", "cancel", "end", "close", "stop", "disable"},
    "send": {"send", "post", "say", "reply"},
    "run": {"run", "execute", "start"},
}
SAME = {
    "create": "add",
    "insert": "add",
    "make": "add",
    "new": "add",
    "write": "add",
    "remove": "delete",
    "fetch": "get",
    "describe": "get",
    "find": "search",
    "query": "search",
    "edit": "update",
    "execute": "run",
    "post": "send",
}
FILLERS = frozenset({"a", "an", "the", "current", "by", "of", "for", "all", "my", "temporary", "from", "to", "in"})


def words(text: str) -> list[str]:
    """Lower case, without a plural's s; ``camelCase`` and ``snake_case`` fall apart."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).replace("_", " ")
    return [_singular(word) for word in re.findall(r"[^\W_]+", apart.replace("'", "").lower())]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def own_name(name: str) -> str:
    """Without the connection it belongs to."""
    return name.rpartition("__")[2]


def deed(name: str) -> str | None:
    """What a tool does, by the first word of its name that says so."""
    found = (SAME.get(word, word) for word in words(own_name(name)))
    return next((word for word in found if word in DEEDS), None)


def objects(name: str) -> list[str]:
    """What a tool does it to."""
    return [word for word in words(own_name(name)) if SAME.get(word, word) not in DEEDS and word not in FILLERS]


def deeds_of(head: str) -> list[set[str]]:
    """For each word of a question that asks for something, the deeds it may mean, in order."""
    meant = ({deed for deed, said in DEEDS.items() if word in said} for word in words(head))
    return [deeds for deeds in meant if deeds]


def people_say(name: str) -> str:
    """A tool's name for a sentence."""
    return own_name(name).replace("_", " ").replace("-", " ")
