"""What an edit would do to a connection's tools, and whether its secrets may go where it leads."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx2

from mcp_runtime.sessions.pool import Offer
from mcp_runtime.specs import HttpSpec, ServerSpec
from storage.tables import PinnedTool

EDITS = "edits"
"""In a ticket that renews a connection: its title from then on, with the card's answers beside it."""


@dataclass(frozen=True)
class Changes:
    """Names of tools: what stays keeps its policy, what has changed waits, what is new asks."""

    stay: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __str__(self) -> str:
        """«3 stay, 1 changed, 2 new, 1 gone»."""
        told = {"stay": self.stay, "changed": self.changed, "new": self.new, "gone": self.gone}
        return ", ".join(f"{len(names)} {word}" for word, names in told.items() if names) or "no tools"


@dataclass(frozen=True)
class Draft:
    """Tried and listed, and saved only with ``token``."""

    token: str = field(repr=False)
    title: str
    changes: Changes
    host: str = ""
    """Of its server from now on; empty for a program."""
    shown_before: bool = False
    """Its server offers something else than a moment ago, when this was shown already."""


def changes_between(known: Iterable[PinnedTool], offer: Offer) -> Changes:
    rows, pins = {row.name: row for row in known}, {tool.name: tool.pin for tool in offer.tools}
    there = {name for name, row in rows.items() if row.state != "gone"}
    same = {name for name in pins.keys() & rows.keys() if rows[name].pin == pins[name]}
    return Changes(
        stay=tuple(sorted(same)),
        changed=tuple(sorted(pins.keys() & rows.keys() - same)),
        new=tuple(sorted(pins.keys() - rows.keys())),
        gone=tuple(sorted(there - pins.keys())),
    )


def fingerprint(offer: Offer) -> str:
    """Of all that a member accepts with it."""
    told = [sorted((tool.name, tool.pin) for tool in offer.tools), offer.instructions]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def same_place(before: ServerSpec, after: ServerSpec) -> bool:
    """Whether a secret that was entered for the one may go to the other: same origin, or same program and hosts.

    A host without its scheme and port would not do: a token would go out in the clear, or to another's service.
    """
    if isinstance(before, HttpSpec):
        return isinstance(after, HttpSpec) and _origin(before.url) == _origin(after.url)
    if isinstance(after, HttpSpec) or before.program != after.program:
        return False
    return set(after.network) <= set(before.network)


def _origin(url: str) -> tuple[str, str, int | None]:
    """As the client reads it that sends the secret."""
    read = httpx2.URL(url)
    return read.scheme, read.host, read.port
