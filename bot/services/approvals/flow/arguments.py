"""The arguments of a call as they are looked at: what is text, what says where to, and what says nothing; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_runtime.tools.tools import Tool

_WHERE = re.compile(
    r"(?:to|cc|bcc|from|recipients?|e?mails?|emailaddress|addresse?s?|phone|attendees?|invitees?|assignees?|reviewers?"
    r"|collaborators?|members?|users?|username|person|people|handle|channels?|chat|room|owner|org|organi[sz]ation|repo"
    r"|repository|fullname|project|workspace|team|tenant|account|bucket|url|uri|href|link|webhook|callback|endpoint|host"
    r"|hostname|domain|server|sharewith|destination|target|remote)(?:ids?|names?|slug|key|urls?)?"
)
"""Names of arguments that say to whom, or to which place, without a doubt."""
_PAGING = re.compile(
    r"(?:page|perpage|pagesize|limit|offset|cursor|first|last|after|before|since|until|count|max\w*|sort\w*|order\w*"
    r"|direction|fields|include\w*|format|detail\w*|state|status|query|q|search|filter\w*)"
)
"""Of a call that reads: how much, and in which order."""
_CONTAINER = re.compile(
    r"(?:owner|org|organi[sz]ation|repo|repository|project|workspace|team|tenant|account|bucket|database|schema|branch"
    r"|channels?|room|chat|calendar|folder|space|board)(?:ids?|names?|slug|key)?"
)
"""Many things of many people stand in it: it is no one of them."""
# Bounded, or looked for in what was split before: a value is a stranger's, and may be of one letter a million times.
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}:)?//[^\s\"'<>`]+", re.IGNORECASE)
_MAIL = re.compile(r"[^@]+@[^@]+\.[^@.]{2,}")
_APART = re.compile(r"[\s<>,;:()\"']+")
LONGEST_MAIL = 320
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|\d\d?:\d\d(?::\d\d)?")
DEEPEST = 12


@dataclass(frozen=True)
class Leaf:
    """One value; ``name`` is that of the argument, ``path`` that of the innermost member it stands in."""

    name: str
    path: str
    value: str

    @property
    def says_where(self) -> bool:
        named = any(_WHERE.fullmatch(_plain(each)) for each in (self.name, self.path))
        return named or self.mails == [self.value] or bool(re.fullmatch(r"[#@]\S+", self.value))

    @property
    def urls(self) -> list[str]:
        return _URL.findall(self.value)

    @property
    def mails(self) -> list[str]:
        parts = _APART.split(self.value) if "@" in self.value else []
        return [each for each in parts if len(each) <= LONGEST_MAIL and _MAIL.fullmatch(each)]


def leaves(tool: Tool, arguments: Mapping[str, Any]) -> list[Leaf]:
    """Of all that is text or a number; what the tool's definition lists, and times, say nothing of their own."""
    known = tool.schema.get("properties")
    properties = known if isinstance(known, Mapping) else {}
    found: list[Leaf] = []
    for name, value in arguments.items():
        if name not in properties:
            found.append(Leaf("", "", name))  # a tool that takes any name is told by it too
        listed = _listed(properties.get(name))
        for path, each in _within(name, value, 1):
            if each not in listed and not _TIME.fullmatch(each):
                found.append(Leaf(name, path, each))
    return found


def texts_of(value: Any) -> Iterator[str]:
    """All words and numbers of it, and the names that they go by."""
    return (each for _, each in _within("", value, 1))


def object_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a reading call that name the one thing it read; empty when it read several."""
    plain = {name: value for name, value in arguments.items() if not _PAGING.fullmatch(_plain(name))}
    one = any(not _CONTAINER.fullmatch(_plain(name)) for name in plain)
    return plain if one and len(plain) == len([v for v in plain.values() if isinstance(v, str | int | float)]) else {}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _listed(schema: Any) -> set[str]:
    if not isinstance(schema, Mapping):
        return set()
    items = schema.get("items")
    both = [*_enum(schema), *(_enum(items) if isinstance(items, Mapping) else [])]
    return {str(each) for each in both}


def _enum(schema: Mapping[str, Any]) -> list[Any]:
    found = schema.get("enum")
    return [*(found if isinstance(found, list) else []), *([schema["const"]] if "const" in schema else [])]


def _within(path: str, value: Any, deep: int = 0) -> Iterator[tuple[str, str]]:
    """Names within are the caller's too: they may carry what they like."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, Mapping) and deep < DEEPEST:
        for name, each in value.items():
            if deep:
                yield path, str(name)
            yield from _within(str(name), each, deep + 1)
    elif isinstance(value, list | tuple) and deep < DEEPEST:
        for each in value:
            yield from _within(path, each, deep + 1)
    elif text := str(value).strip():
        yield path, text
