"""Whether this installation lets a connection be used: its card is there, and what it runs may still run here."""

from bot.services.cards.shelf import Runs, Shelf, our_own
from mcp_runtime.specs import StdioSpec, from_json
from storage.members import Member
from storage.tables import Connection

FORBIDDEN = "your workspace's admins do not let it be used"
OUTSIDE = "your workspace's admins do not let its host be reached"


class Permission:
    """Asked before every call and every listing; a card that comes back permits what was made with it again.

    ``runs`` says why a program may not run here.
    """

    def __init__(self, cards: Shelf, runs: Runs = our_own) -> None:
        self._cards = cards
        self._runs = runs

    async def __call__(self, connection: Connection) -> str:
        if connection.forbidden:
            return FORBIDDEN
        if connection.outside:
            return OUTSIDE
        member, program = Member(connection.workspace_id, connection.member_id), _program(connection)
        # What a row of a connection says to run is nothing by itself: its card has to say the same.
        typed = program if program and program.command else None
        why = await self._cards.refusal(member, connection.card, typed)
        return why or (await self._runs(program) if program else "")


def _program(connection: Connection) -> StdioSpec | None:
    if connection.spec.get("transport") != "stdio":
        return None
    spec = from_json(connection.spec)
    return spec if isinstance(spec, StdioSpec) else None
