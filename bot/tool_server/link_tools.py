"""The member's chat links in plain words: what there is, more time, a pause, a new address, an end."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from bot.errors import UserError
from bot.services.chats.values import Place
from bot.services.limits.prices import in_words
from bot.services.links import Created, Links
from bot.services.links.admission.values import MAIL, MEMBER, PASSCODE
from bot.tool_server.arguments import More, Paused, Title
from bot.tool_server.asking import asker
from mcp_runtime.tools.untrusted_text import quotable
from storage.members import Member
from storage.repositories.links.figures import Counts
from storage.tables import Link

READS = frozenset({"list_temporary_chat_links"})
NONE = "No chat link is alive."
RENEWED = "It has a new address, in a message that only its maker can see. The old one opens nothing any more."
NOT_SHOWN = (
    "It has a new address, but that could not be shown to the member, and the old one opens nothing any more. Ask for a"
    " new address once more, later."
)
log = logging.getLogger(__name__)


def add_listing_and_revoking(server: MCPServer[Any], links: Links) -> None:
    @server.tool(annotations=ToolAnnotations(title="List chat links", read_only_hint=True))
    async def list_temporary_chat_links() -> str:
        """The member's temporary chat links that are alive, with their use, and without their addresses.

        Nobody can show an address again; one that was lost can be replaced by a new one.
        """
        member = asker.get().member
        mine = await links.of(member)
        counts = await links.outcomes.counts(member, mine)
        return "\n".join([f"- {_told(link, counts.get(link.id, Counts()))}" for link in mine]) or NONE

    @server.tool(annotations=ToolAnnotations(title="Revoke chat link", destructive_hint=True))
    async def revoke_temporary_chat_link(title: Title) -> str:
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


def add_link_tools(
    server: MCPServer[Any], links: Links, hand_over: Callable[[Member, Place, Created], Awaitable[str | None]]
) -> None:
    add_listing_and_revoking(server, links)
    _add_changes(server, links)

    @server.tool(annotations=ToolAnnotations(title="Give a chat link a new address", destructive_hint=True))
    async def rotate_temporary_chat_link(title: Title) -> str:
        """Give a temporary chat link a new address when its old one was lost or got into wrong hands.

        The old one is dead at once; guests who are chatting go on. You are never told the new address: Usher shows it
        to the member in a message of its own.
        """
        who = asker.get()
        try:
            link = await links.named(who.member, title)
            made = await links.rotate(who.member, link.id)
        except UserError as error:
            raise ToolError(str(error)) from error
        try:
            await hand_over(who.member, who.place, made)
        except Exception as error:
            log.exception("a new address could not be shown to its link's creator")
            raise ToolError(NOT_SHOWN) from error
        return f"The chat link {ready(made.link)} {RENEWED}"


def _add_changes(server: MCPServer[Any], links: Links) -> None:
    @server.tool(annotations=ToolAnnotations(title="Give a chat link more time", destructive_hint=False))
    async def extend_temporary_chat_link(title: Title, hours: More) -> str:
        """Let a temporary chat link, and the chats on it, end so many hours later than they would."""
        member = asker.get().member
        try:
            link = await links.named(member, title)
            extended = await links.extend(member, link.id, hours)
        except UserError as error:
            raise ToolError(str(error)) from error
        return f"The chat link “{extended.title}” ends {moment(extended)} now."

    @server.tool(annotations=ToolAnnotations(title="Pause a chat link", destructive_hint=False))
    async def pause_temporary_chat_link(title: Title, paused: Paused = True) -> str:
        """Let nobody new start on a temporary chat link, until guests are let in again. Who is chatting goes on."""
        member = asker.get().member
        try:
            link = await links.named(member, title)
            changed = await links.pause(member, link.id, paused=paused)
        except UserError as error:
            raise ToolError(str(error)) from error
        return f"On the chat link “{changed.title}” {'nobody new can start' if paused else 'guests can start again'}."


def ready(link: Link) -> str:
    return f"“{link.title}” is ready for {count(link.max_sessions, 'guest')}, and ends {moment(link)}."


def _told(link: Link, counts: Counts) -> str:
    used = f"{link.used_sessions} of {count(link.max_sessions, 'guest')} so far"
    now = f", {counts.chatting} of them chatting now" if counts.chatting else ""
    wrote = f", {count(counts.messages, 'message')} from {counts.wrote} of them" if counts.messages else ""
    done = f", {counts.complete} answered everything asked" if counts.messages and link.covers else ""
    tokens = f", {link.tokens_spent:,} of {int(link.limits['tokens']):,} tokens used" if link.tokens_spent else ""
    opens = {
        PASSCODE: ", with a passcode",
        MEMBER: f", for <@{link.addressee}> alone",
        MAIL: f", for {link.addressee} alone",
    }
    tokens += f", {in_words(link.money_spent)}" if link.money_spent else ""
    tokens += f" (the price of {quotable(link.unpriced)} is not known: counted as the dearest)" if link.unpriced else ""
    paused = ", paused: nobody new can start" if link.paused_at else ""
    return f"“{link.title}”: {used}{now}{wrote}{done}{tokens}{opens.get(link.access, '')}{paused}, ends {moment(link)}."


def moment(link: Link) -> str:
    return f"on {link.expires_at:%A, %d %B %Y at %H:%M} UTC"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
