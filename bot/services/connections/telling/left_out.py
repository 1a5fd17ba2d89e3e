"""The tools that a server lists and that cannot be taken, in a sentence for their member."""

from collections.abc import Sequence
from itertools import groupby

from mcp_runtime.left_out import ONLY_READ, LeftOut
from storage.tables import Connection

FOLDERS_CURE = "An administrator can allow changes."
CURE = "Whoever runs the server can mend that."
MOST = 3
"""As many as a sentence can name."""


def left_out(told: Sequence[LeftOut], most: int = MOST) -> str:
    """«Left out: look (its definition is larger than 64 kB). …»; empty when nothing is."""
    if not told:
        return ""
    alike = groupby(told[:most], lambda each: each.reason)
    named = [f"{', '.join(each.name for each in some)} ({reason})" for reason, some in alike]
    more = [f"and {len(told) - most} more"] if len(told) > most else []
    cure = FOLDERS_CURE if all(each.reason == ONLY_READ for each in told) else CURE
    return f"Left out: {', '.join([*named, *more])}. {cure}"


def of(connection: Connection) -> list[LeftOut]:
    """As at its last listing."""
    return [LeftOut(name, reason) for name, reason in connection.left_out or ()]  # none before it was saved
