"""Tools of a server that could not be taken, each with its reason, for its member; and the mark of what was cut."""

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MARK = f"usher/{secrets.token_hex(16)}"
"""On what was made small of a large message, here and in no other process: no server can write it."""
UNNAMED = "a tool without a name"
ALL_FURTHER = "all further tools"

NO_NAME = "it has no name"
NO_TOOL = "it is no tool at all"
NO_SCHEMA = "its arguments are described in a way that cannot be read"
UNREADABLE = "its definition cannot be read"
AS_A_TASK = "it can only be run as a task of its own, which is not possible here yet"
ODD_HEADERS = "it wants arguments sent as HTTP headers in a way that the protocol forbids"
ONLY_READ = "it changes files, and what it may see here can only be read"
TOO_LARGE = "its definition is larger than {} kB"
ALL_TOO_LARGE = "with it the definitions of this server's tools would be larger than {} MB"
NAME_TOO_LONG = "its name is longer than {} characters"
ITS_NAME_TWICE = "another tool has the same name, and was listed before it"
TOO_MANY = "only {} tools of one server can be taken"
ITS_OWN_CURSOR = "the server refuses to go on with its list"
TOO_MANY_PAGES = "only {} pages of a server's list are read"

MAX_TOOLS = 1000
MAX_SCHEMA = 64_000
"""Bytes of one tool's definition; a larger one is not offered."""
MAX_SCHEMAS = 2_000_000
"""Bytes of all of one server's: they are read for each turn of its member, in the one process that all share."""
UNPINNED = ("_meta", "icons")
"""Members of a tool that are no part of its definition."""
MAX_TOLD = 50
"""Tools of one server that are named with a reason."""


@dataclass(frozen=True)
class LeftOut:
    """``name`` is the server's, as it came; ``reason`` is a clause of ours."""

    name: str
    reason: str


def as_rows(left_out: Iterable[LeftOut]) -> list[list[str]]:
    """As a connection's row keeps them."""
    return [[each.name, each.reason] for each in left_out]


BEYOND = LeftOut(ALL_FURTHER, TOO_MANY.format(MAX_TOOLS))


def counted(left_out: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Those that are alike in both told once, with their number, and as many as somebody may want to read."""
    told = [
        each if number == 1 or each == BEYOND else LeftOut(f"{each.name} (× {number})", each.reason)
        for each, number in Counter(left_out).items()
    ]
    more = [LeftOut(f"{len(told) - MAX_TOLD} more", "for reasons like these")] if len(told) > MAX_TOLD else []
    return (*told[:MAX_TOLD], *more)
