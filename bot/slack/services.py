"""What the listeners may call."""

from dataclasses import dataclass

from bot.services.chats import Chats
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.tickets import Tickets
from run_cards import RunCard
from storage.bus.bus import Bus
from storage.database import Database


@dataclass(frozen=True)
class Services:
    chats: Chats
    connections: Connections
    links: Links
    tickets: Tickets
    """They say where a member may enter secrets."""
    db: Database
    bus: Bus
    cards: tuple[RunCard, ...]
    """In the order shown."""
    admins: frozenset[str] = frozenset()
    """Members whom the operator named, beside the workspace's own admins."""

    def card(self, name: str) -> RunCard | None:
        return next((card for card in self.cards if card.name == name), None)
