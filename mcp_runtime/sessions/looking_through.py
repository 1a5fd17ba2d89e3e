"""A member's tools, made ready for a turn piece by piece: they may be thousands, with megabytes of definitions."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from mcp_runtime.tools.policies.terms import TermsOf
from mcp_runtime.tools.toolsets import MAX_HELD, Key, Route, Routes
from mcp_runtime.transports.fair_turns import FairTurns
from storage.tables import Connection, PinnedTool

MORE = "{} tools are left out: the definitions of all tools together have more than {} million characters."


async def routed(
    connections: Sequence[Connection],
    rows: Iterable[PinnedTool],
    terms: TermsOf,
    wanted: Collection[Key] | None = None,
) -> tuple[list[Route], list[str]]:
    """The routes, and a line about what is left out, if anything is; others have their turns in between."""
    found, turns = Routes(connections, terms, wanted), FairTurns()
    for row in rows:
        turns.work(partial(found.take, row))
        await turns.others()
    return found.all, [MORE.format(found.more, MAX_HELD // 1_000_000)] if found.more else []
