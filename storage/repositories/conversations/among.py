"""What a process that takes turns has room for, and what a look at the queue has found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

DOORS = ("slack", "link")
"""Each has places of its own: whoever comes by one waits for nobody of the other."""


@dataclass(frozen=True)
class Among:
    """What a process has room for, and whom it served last: workspaces are served by turns, in each its members.

    Who asks is a member, or for guests their link. ``full`` are workspaces that have their share of a door's places,
    ``busy`` who asks and has theirs.
    """

    doors: Collection[str] = DOORS
    """With room for one more that runs."""
    showing: Collection[str] = DOORS
    """With room for one more that is only shown."""
    full: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By door, as ``busy`` is."""
    busy: Mapping[str, Collection[str]] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    """The workspace, by door: what comes by the other changes nothing in its order."""
    served: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Who asked last, by door and workspace."""
    besides: Collection[str] = ()
    """Turns that the caller is at: a lease may lapse while a process sleeps and yet lives."""

    def asked(self) -> dict[str, Any]:
        lists = {"open": list(self.doors), "showing": list(self.showing), "besides": list(self.besides)}
        full = {f"full_{door}": list(self.full.get(door, ())) for door in DOORS}
        busy = {f"busy_{door}": list(self.busy.get(door, ())) for door in DOORS}
        after = {f"after_{door}": self.after.get(door, "") for door in DOORS}
        return {**lists, **full, **busy, **after, **_FIRST}


_FIRST = {f"first_{door}": "" for door in DOORS}
ANYTHING = Among()


@dataclass(frozen=True)
class Due:
    """What a look has found: a turn whose process died, by door the workspace whose turn it is, one to be shown."""

    lapsed: bool
    waiting: Mapping[str, str]
    untold: bool

    def __bool__(self) -> bool:
        return self.lapsed or bool(self.waiting) or self.untold
