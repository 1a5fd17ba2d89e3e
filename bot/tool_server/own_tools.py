"""Usher's own tools for its agent: the same MCP server, called in memory, and made when the first turn needs it."""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from bot.services.cards import Shelf
from bot.services.chats.members.turns import People
from bot.services.chats.tools import OwnToolset
from bot.services.chats.values import Place
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.memory import Memory
from bot.services.reminders import Reminders
from bot.tool_server.faces import ConnectionFace, HandOver, MemoryFace
from storage.members import Member

if TYPE_CHECKING:
    from bot.tool_server.in_memory import InMemory


@dataclass(frozen=True)
class AboutConnections:
    """What the tools for connections work with."""

    connections: Connections
    cards: Shelf
    face: ConnectionFace


@dataclass(frozen=True)
class AboutReminders:
    """What the tools for reminders work with; ``people`` tells whose clock is meant."""

    reminders: Reminders
    people: People


@dataclass(frozen=True)
class AboutMemory:
    """What the tools for memory work with."""

    memory: Memory
    face: MemoryFace


@dataclass(frozen=True)
class About:
    """All that the tools work with; ``hand_over`` shows a new link's URL to its creator, the model never sees it."""

    links: Links
    hand_over: HandOver
    connections: AboutConnections | None = None
    reminding: AboutReminders | None = None
    remembered: AboutMemory | None = None


class OwnTools:
    """``hand_over`` shows a new link's URL to its creator; the model never sees it."""

    def __init__(
        self,
        links: Links,
        hand_over: HandOver,
        about: AboutConnections | None = None,
        reminding: AboutReminders | None = None,
        remembered: AboutMemory | None = None,
    ) -> None:
        self._about = About(links, hand_over, about, reminding, remembered)
        self._server: InMemory | None = None

    async def warm(self) -> None:
        """Pay for the SDK and for the forms of thirty tools before somebody waits for them."""
        await (await self._made()).listed()

    async def toolset(self, member: Member, place: Place, agent: str = "") -> OwnToolset:
        """For one turn: whoever asks is bound to it, and no argument can say otherwise."""
        return await (await self._made()).toolset(member, place, agent)

    async def _made(self) -> "InMemory":
        if self._server is None:
            made = await asyncio.to_thread(_in_memory, self._about)
            self._server = self._server or made
        return self._server


def _in_memory(about: About) -> "InMemory":
    made: InMemory = import_module("bot.tool_server.in_memory").InMemory(about)
    return made
