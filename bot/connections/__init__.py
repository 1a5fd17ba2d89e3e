"""Members' connections to MCP servers."""

from bot.connections.connections import Connections
from bot.connections.values import Connected, ConnectionView, Tested, TicketNeeded, TicketView
from bot.errors import FormError

__all__ = ["Connected", "ConnectionView", "Connections", "FormError", "Tested", "TicketNeeded", "TicketView"]
