"""What a connection's card says of its calls, and whether it may be used here, told by whoever knows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_runtime.specs import ServerSpec
from mcp_runtime.tools.tools import Cost, Phrase
from storage.tables import Connection, PinnedTool

Check = Callable[[Mapping[str, Any], ServerSpec], str | None]
"""From a call's arguments, and how its server is reached, to a sentence that the model can act on, or None."""


def asks_nobody(row: PinnedTool) -> bool:
    """Where no card is there to say it: what runs free by the list of the card that it was connected with."""
    return row.policy == "free"


@dataclass(frozen=True)
class Terms:
    """``seconds`` for one call, or what holds for all; ``checks`` by a tool's own name."""

    seconds: float | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    """What calls of a tool cost that costs money or quota, by its own name."""
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """What a call of a tool does, in words, by its own name."""
    reads: Callable[[PinnedTool], bool] = asks_nobody
    """Whether a tool only reads, by our own list, whatever its member has chosen for it."""


TermsOf = Callable[[Connection], Terms]
Permits = Callable[[Connection], Awaitable[str]]
"""Why this installation does not let a connection be used now, as a clause for people; empty: it does."""


def usual(connection: Connection) -> Terms:
    return Terms()


async def anything(connection: Connection) -> str:
    return ""
