"""Where the questions to Usher's own tools look up what a call would meet."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.approvals.questions import Question
from bot.services.chats.values import Place
from bot.services.connections import Connections
from bot.services.links import Links
from storage.members import Member

Arguments = Mapping[str, Any]
Builder = Callable[["Known", Member, Arguments], Awaitable[Question | None]]


@dataclass(frozen=True)
class Known:
    links: Links
    connections: Connections | None = None
    place: Place | None = None
    """Where the member asks."""
