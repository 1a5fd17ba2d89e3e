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
    """Its ``reachable`` says whether secrets can be entered on a page; else the form in Slack asks."""
    db: Database
    bus: Bus
    cards: tuple[RunCard, ...]
    """In the order shown."""

    def card(self, name: str) -> RunCard | None:
        return next((card for card in self.cards if card.name == name), None)
