"""A member's tools, looked through before a turn needs them all: they may hold megabytes of definitions."""

from collections.abc import Iterable
from functools import partial

from mcp_runtime.tools.toolsets import SHOWN, shown_of
from mcp_runtime.transports.fair_turns import FairTurns
from storage.tables import PinnedTool


async def look_through(rows: Iterable[PinnedTool]) -> None:
    """So that `routes` finds all of it done; others have their turns in between."""
    turns = FairTurns()
    for row in rows:
        if row.state == "accepted" and row.pin not in SHOWN:
            turns.work(partial(shown_of, row))
            await turns.others()
