"""What Usher's own tools show people, by whichever door they came."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.services.chats.values import Place
from bot.services.links import Created
from bot.services.memory import Hit
from run_cards.card import RunCard
from storage.members import Member
from storage.tables import Connection, Note

HandOver = Callable[[Member, Place, Created], Awaitable[str | None]]
"""Shows a link's URL to its creator and to nobody else, the model included; or gives the words that tell it."""


Ask = Callable[[Member, str, str], Awaitable[str]]
"""Has Usher's agent do what the member asks by another program, and tells that program what came of it.

The second is the workspace where the member is at home. Raises `UserError`.
"""


class ConnectionFace(Protocol):
    """Shows the member what only a press of theirs can do."""

    async def offer(self, member: Member, place: Place, card: RunCard | None) -> None:
        """A button that connects this service; None: one that shows all of them."""

    async def undo(self, member: Member, place: Place, connection: Connection) -> None:
        """That it is disconnected, with the way back."""


class MemoryFace(Protocol):
    """Shows the member what only they should see."""

    async def noted(self, member: Member, place: Place, note: Note) -> None:
        """That it is noted, with the way back."""

    async def offer_search(self, member: Member, place: Place, query: str) -> None:
        """A button that shows what is found to them alone."""

    async def links(self, hits: Sequence[Hit]) -> Sequence[str]:
        """Where in Slack each was said; empty where that cannot be had."""
