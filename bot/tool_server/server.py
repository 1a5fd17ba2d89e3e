"""The tools, as an MCP server like any other; who calls is known from the call's context, never from its arguments."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from bot.errors import UserError
from bot.services.chats.values import Place
from bot.services.links import Created, Draft, Links
from storage.members import Member
from storage.tables import Link

HandOver = Callable[[Member, Place, Created], Awaitable[None]]
"""Shows a new link's URL to its creator and to nobody else, the model included."""

log = logging.getLogger(__name__)

NOT_SHOWN = "The link was made but could not be shown to the member, so it was revoked: nobody has it. Try again later."
HANDED_OVER = "The URL was shown to the member in a message of its own. You do not know it; do not make one up."


@dataclass(frozen=True)
class Asker:
    member: Member
    place: Place


asker: ContextVar[Asker] = ContextVar("asker")

Title = Annotated[str, Field(description="Title of the chat, shown to its guests", max_length=120)]
Purpose = Annotated[str, Field(description="What the chat is for, shown to its guests", max_length=1_000)]
Notes = Annotated[str, Field(description="Instructions to the agent that guests never see", max_length=4_000)]
Hours = Annotated[float, Field(description="How many hours the link lives, at most 720", gt=0, le=720)]
Guests = Annotated[int, Field(description="How many guests may start a chat", ge=1, le=100)]


def make_server(links: Links, hand_over: HandOver) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("Usher")

    @server.tool(annotations=ToolAnnotations(title="Create chat link", destructive_hint=False))
    async def create_chat_link(
        title: Title, purpose: Purpose = "", instructions: Notes = "", hours: Hours = 24, guests: Guests = 1
    ) -> dict[str, Any]:
        """Make a temporary link with which guests without Slack can chat with this agent in a browser."""
        who = asker.get()
        draft = Draft(title, purpose, instructions, hours, guests)
        try:
            created = await links.create(who.member, draft)
        except UserError as error:
            raise ToolError(str(error)) from error
        try:
            await hand_over(who.member, who.place, created)
        except Exception as error:
            log.exception("a new link could not be shown to its creator")
            await links.revoke(who.member, created.link.id)
            raise ToolError(NOT_SHOWN) from error
        return {**_told(created.link), "url": HANDED_OVER}

    @server.tool(annotations=ToolAnnotations(title="List chat links", read_only_hint=True))
    async def list_chat_links() -> list[dict[str, Any]]:
        """The member's temporary chat links that are alive."""
        return [_told(link) for link in await links.of(asker.get().member)]

    @server.tool(annotations=ToolAnnotations(title="Revoke chat link", destructive_hint=True))
    async def revoke_chat_link(title: Title) -> dict[str, Any]:
        """End a temporary chat link and the chats of its guests, at once and for good."""
        member = asker.get().member
        try:
            revoked = await links.revoke(member, (await links.find(member, title)).id)
        except UserError as error:
            raise ToolError(str(error)) from error
        return {"revoked": revoked.title}

    return server


def _told(link: Link) -> dict[str, Any]:
    expires = link.expires_at.isoformat(timespec="minutes")
    return {"title": link.title, "guests": link.used_sessions, "most_guests": link.max_sessions, "expires": expires}
