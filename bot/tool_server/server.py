"""The tools for chat links, as an MCP server like any other."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from bot.errors import UserError
from bot.services.limits.limits import LINK_TOKENS
from bot.services.links import Draft, Links
from bot.tool_server import link_tools
from bot.tool_server.arguments import (
    USUAL_GUESTS,
    USUAL_MESSAGES,
    Cents,
    Covers,
    Description,
    FileKinds,
    FileSize,
    GuestFiles,
    Guests,
    Here,
    Hours,
    KeptHours,
    Language,
    Messages,
    Notes,
    Offered,
    OnlyFor,
    Silence,
    Starters,
    SummedUp,
    Title,
    Tokens,
    WithPasscode,
    channel_asked_in,
    whom,
)
from bot.tool_server.asking import asker
from bot.tool_server.faces import HandOver
from bot.tool_server.offered import chosen

log = logging.getLogger(__name__)

NOT_SHOWN = "The link was made but could not be shown to the member, so it was revoked: nobody has it. Try again later."
HANDED_OVER = "Its address is in a message that only its maker can see."


def make_server(links: Links, hand_over: HandOver) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("Usher")
    add_creating(server, links, hand_over)
    link_tools.add_link_tools(server, links, hand_over)
    return server


def add_creating(server: MCPServer[Any], links: Links, hand_over: HandOver, about: str | None = None) -> None:
    """``about`` is said of it in the place of what our own agent is told."""
    usual = links.terms.usual_hours

    @server.tool(description=about, annotations=ToolAnnotations(title="Create chat link", destructive_hint=False))
    async def create_temporary_chat_link(
        title: Title,
        description: Description = "",
        expires_in_hours: Hours = usual,
        max_sessions: Guests = USUAL_GUESTS,
        instructions: Notes = "",
        starter_questions: Starters = [],  # noqa: B006  read, never changed
        questions_to_cover: Covers = [],  # noqa: B006
        max_messages: Messages = USUAL_MESSAGES,
        language: Language = "",
        max_cost_cents: Cents = 0,
        ends_after_silence_minutes: Silence = 0,
        tools: Offered = [],  # noqa: B006
        max_tokens: Tokens = LINK_TOKENS,
        keep_hours: KeptHours = 0,
        summary: SummedUp = True,
        follow_here: Here = False,
        with_passcode: WithPasscode = False,
        only_for: OnlyFor = "",
        guest_files: GuestFiles = 0,
        guest_file_kinds: FileKinds = [],  # noqa: B006
        guest_file_megabytes: FileSize = 0,
    ) -> str:
        """Make a temporary link with which guests without Slack can chat with this agent in a browser.

        When the member has not said what the chat is for, ask that before you call this, and make the title from the
        answer. How long it lives and how many guests it takes have usual values. You are never told its address:
        Usher shows it to the member in a message of its own, so never write one.
        """
        said: dict[str, Any] = {"messages": max_messages, "tokens": max_tokens, "cents": max_cost_cents}
        said |= {"language": language, "idle_minutes": ends_after_silence_minutes, "summary": summary}
        said |= {"files": guest_files, "file_kinds": tuple(guest_file_kinds), "file_megabytes": guest_file_megabytes}
        said |= {"starters": tuple(starter_questions), "covers": tuple(questions_to_cover)}
        said |= {"keep_hours": keep_hours or None, **whom(with_passcode, only_for)}
        said |= {"follow_channel": channel_asked_in(asker.get().place) if follow_here else ""}
        draft = Draft(title, description, instructions, expires_in_hours, max_sessions, **said)
        return await _create(links, hand_over, draft, tools)


async def _create(links: Links, hand_over: HandOver, draft: Draft, tools: Sequence[str]) -> str:
    who = asker.get()
    try:
        offered = await chosen(links, who.member, tools)
        draft = replace(draft, tools=tuple((each.connection_id, each.name) for each in offered))
        if who.agent:  # guests of its link get no other than the one that makes it
            draft = replace(draft, agent={"id": who.agent})
        created = await links.create(who.member, draft)
    except UserError as error:
        raise ToolError(str(error)) from error
    try:
        told = await hand_over(who.member, who.place, created)
    except Exception as error:
        log.exception("a new link could not be shown to its creator")
        await links.revoke(who.member, created.link.id)
        raise ToolError(NOT_SHOWN) from error
    return f"The chat link {link_tools.ready(created.link)} {told or HANDED_OVER}"
