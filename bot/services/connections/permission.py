"""Whether this installation lets a connection be used: its card is there, and what it runs may still run here."""

from collections.abc import Iterable

from mcp_runtime.programs import PROGRAMS
from mcp_runtime.specs import StdioSpec, from_json
from run_cards.card import RunCard
from storage.tables import Connection


class Permission:
    """Asked before every call and every listing; a card that comes back permits what was made with it again."""

    def __init__(self, cards: Iterable[RunCard]) -> None:
        self._names = frozenset(card.name for card in cards)

    async def __call__(self, connection: Connection) -> bool:
        spec = from_json(connection.spec)
        return connection.card in self._names and (not isinstance(spec, StdioSpec) or spec.program in PROGRAMS)
