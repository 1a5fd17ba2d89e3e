"""Members' connections to MCP servers."""

from bot.errors import FormError
from bot.services.connections.connections import Connections
from bot.services.connections.entering.renewing import renew
from bot.services.connections.values import Connected, ConnectionView, Tested, TicketNeeded, TicketView

__all__ = ["Connected", "ConnectionView", "Connections", "FormError", "Tested", "TicketNeeded", "TicketView", "renew"]
