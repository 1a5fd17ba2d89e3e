"""The tools for chat links, as an MCP server like any other."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from bot.errors import UserError
from bot.services.chats.values import Place
from bot.services.links import Created, Draft, Links
from bot.tool_server.arguments import USUAL_GUESTS, USUAL_HOURS, Guests, Hours, Notes, Purpose, Title
from bot.tool_server.asking import asker
from storage.members import Member
from storage.tables import Link

HandOver = Callable[[Member, Place, Created], Awaitable[None]]
"""Shows a new link's URL to its creator and to nobody else, the model included."""

log = logging.getLogger(__name__)

NOT_SHOWN = "The link was made but could not be shown to the member, so it was revoked: nobody has it. Try again later."
HANDED_OVER = "Its address is in a message that only its maker can see."
NONE = "No chat link is alive."


def make_server(links: Links, hand_over: HandOver) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("Usher")

    @server.tool(annotations=ToolAnnotations(title="Create chat link", destructive_hint=False))
    async def create_chat_link(
        title: Title,
        purpose: Purpose = "",
        instructions: Notes = "",
        hours: Hours = USUAL_HOURS,
        guests: Guests = USUAL_GUESTS,
    ) -> str:
        """Make a temporary link with which guests without Slack can chat with this agent in a browser.

        When the member has not said what the chat is for, ask that before you call this, and make the title from the
        answer. How long it lives and how many guests it takes have usual values. You are never told its address:
        Usher shows it to the member in a message of its own, so never write one.
        """
        return await _create(links, hand_over, Draft(title, purpose, instructions, hours, guests))

    @server.tool(annotations=ToolAnnotations(title="List chat links", read_only_hint=True))
    async def list_chat_links() -> str:
        """The member's temporary chat links that are alive, without their addresses, which nobody can show again."""
        mine = await links.of(asker.get().member)
        return "\n".join(f"- {_told(link)}" for link in mine) or NONE

    @server.tool(annotations=ToolAnnotations(title="Revoke chat link", destructive_hint=True))
    async def revoke_chat_link(title: Title) -> str:
        """End a temporary chat link and the chats of its guests, at once and for good."""
        member = asker.get().member
        try:
            link = await links.named(member, title)
            chatting = await links.open_chats(link)
            revoked = await links.revoke(member, link.id)
        except UserError as error:
            raise ToolError(str(error)) from error
        ended = f" {count(chatting, 'open chat')} ended with it." if chatting else ""
        return f"The chat link “{revoked.title}” is revoked, for good.{ended}"

    return server


async def _create(links: Links, hand_over: HandOver, draft: Draft) -> str:
    who = asker.get()
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
    return f"The chat link {_ready(created.link)} {HANDED_OVER}"


def _ready(link: Link) -> str:
    return f"“{link.title}” is ready for {count(link.max_sessions, 'guest')}, and ends {_moment(link)}."


def _told(link: Link) -> str:
    return f"“{link.title}”: {link.used_sessions} of {count(link.max_sessions, 'guest')} so far, ends {_moment(link)}."


def _moment(link: Link) -> str:
    return f"on {link.expires_at:%A, %d %B %Y at %H:%M} UTC"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
