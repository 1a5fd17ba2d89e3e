"""The tools that a server lists and that cannot be taken, in a sentence for their member."""

from collections.abc import Sequence

from mcp_runtime.left_out import LeftOut
from storage.tables import Connection

CURE = "Whoever runs the server can mend that."
MOST = 3
"""As many as a sentence can name."""


def left_out(told: Sequence[LeftOut], most: int = MOST) -> str:
    """«Left out: look (its definition is larger than 64 kB). …»; empty when nothing is."""
    if not told:
        return ""
    named = [f"{each.name} ({each.reason})" for each in told[:most]]
    more = [f"and {len(told) - most} more"] if len(told) > most else []
    return f"Left out: {', '.join([*named, *more])}. {CURE}"


def of(connection: Connection) -> list[LeftOut]:
    """As at its last listing."""
    return [LeftOut(name, reason) for name, reason in connection.left_out or ()]  # none before it was saved
