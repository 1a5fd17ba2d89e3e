"""Whether this installation lets a connection be used: its card is there, and what it runs may still run here."""

from bot.services.cards.shelf import Shelf
from mcp_runtime.programs import PROGRAMS
from storage.members import Member
from storage.tables import Connection


class Permission:
    """Asked before every call and every listing; a card that comes back permits what was made with it again."""

    def __init__(self, cards: Shelf) -> None:
        self._cards = cards

    async def __call__(self, connection: Connection) -> bool:
        spec = connection.spec
        if spec.get("transport") == "stdio" and spec["program"] not in PROGRAMS:
            return False
        return await self._cards.permits(Member(connection.workspace_id, connection.member_id), connection.card)
