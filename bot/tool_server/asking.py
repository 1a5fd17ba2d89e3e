"""Who calls one of Usher's own tools: known from the call's context, never from its arguments."""

from contextvars import ContextVar
from dataclasses import dataclass

from bot.services.chats.values import Place
from storage.members import Member


@dataclass(frozen=True)
class Asker:
    member: Member
    place: Place
    agent: str = ""
    """Its id, where it is another than the default."""


asker: ContextVar[Asker] = ContextVar("asker")
