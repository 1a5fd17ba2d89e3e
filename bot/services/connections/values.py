"""What connecting a tool gives back, in values and sentences."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import FormError
from storage.tables import Connection, PinnedTool

__all__ = ["Connected", "ConnectionView", "FormError", "Tested", "TicketNeeded", "TicketView"]


@dataclass(frozen=True)
class Connected:
    connection: Connection
    tools: int
    reading: int
    """How many of the tools say that they only read: shown, not believed."""
    free: int = 0
    """How many run without asking, by the card's own list."""

    @property
    def sentence(self) -> str:
        tools = "1 tool" if self.tools == 1 else f"{self.tools} tools"
        return f"{self.connection.title} is connected: {tools} now available"


@dataclass(frozen=True)
class TicketNeeded:
    """The secret is to be entered at ``url``, which works once."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class TicketView:
    """What a ticket's page shows."""

    title: str
    """Of the connection that is being made."""
    card: str
    """Title of its card."""
    host: str
    """Where the secret will be sent; empty for a program that runs here."""
    label: str
    hint: str
    workspace: str
    member: str
    expires_at: datetime


@dataclass(frozen=True)
class ConnectionView:
    connection: Connection
    tools: list[PinnedTool]


@dataclass(frozen=True)
class Tested:
    ok: bool
    sentence: str
    milliseconds: int
    tools: int
