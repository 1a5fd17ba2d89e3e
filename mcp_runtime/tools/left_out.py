"""Tools of a server that could not be taken, each with its reason, for its member."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mcp_runtime.tools.untrusted_text import one_line

ITS_NAME_TWICE = "another tool has the same name, and was listed before it"
TOO_MANY = "only {} tools of one server can be taken"
TOO_MANY_PAGES = "only {} pages of a server's list are read"
TOO_LARGE = "its definition is larger than {} kB"
NAME_TOO_LONG = "its name is longer than {} characters"
ALL_FURTHER = "all further tools"


@dataclass(frozen=True)
class LeftOut:
    """``name`` is the server's, fit to be shown; ``reason`` is a clause of ours."""

    name: str
    reason: str

    @classmethod
    def of(cls, name: str, reason: str) -> "LeftOut":
        return cls(one_line(name) or "a tool without a name", reason)


def counted(left_out: Iterable[LeftOut]) -> list[LeftOut]:
    """Those that are alike in both told once, with their number."""
    return [
        each if number == 1 else LeftOut(f"{each.name} (× {number})", each.reason)
        for each, number in Counter(left_out).items()
    ]
