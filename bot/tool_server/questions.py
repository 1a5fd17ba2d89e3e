"""What a yes to one of Usher's own tools would do, in words: what was left out is filled in, and all of it is told.

A builder may stand for an argument only by showing it: the rest is shown as it came. None: all is.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.errors import NotFound
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.links.values import lasting
from bot.services.questions import Fact, Question
from bot.tool_server.arguments import USUAL_GUESTS, USUAL_HOURS, Guests, Hours, Named, Title
from storage.members import Member
from storage.schema import now

Arguments = Mapping[str, Any]
Builder = Callable[["Known", Member, Arguments], Awaitable[Question | None]]


@dataclass(frozen=True)
class Known:
    """Where a builder looks up what a call would meet."""

    links: Links
    connections: Connections | None = None


async def create_chat_link(known: Known, member: Member, arguments: Arguments) -> Question | None:
    hours = TypeAdapter(Hours).validate_python(arguments.get("hours", USUAL_HOURS))
    guests = TypeAdapter(Guests).validate_python(arguments.get("guests", USUAL_GUESTS))
    ends = now() + timedelta(hours=hours)
    return Question(
        "Make a temporary chat link",
        (
            Fact("Title", argument="title", quoted=True),
            *_given("Purpose", "none, so guests see the title alone", "purpose", arguments),
            *_given("Instructions to me, which guests never see", "", "instructions", arguments),
            Fact("Lives", f"{lasting(hours)} from your yes, so until about", argument="hours", until=ends.timestamp()),
            Fact("Guests", "1 at most" if guests == 1 else f"{guests} at most", argument="guests"),
            Fact("Tools for guests", "none"),
        ),
    )


async def revoke_chat_link(known: Known, member: Member, arguments: Arguments) -> Question | None:
    try:
        link = await known.links.named(member, TypeAdapter(Title).validate_python(arguments.get("title")))
    except NotFound:
        return None
    chatting = await known.links.open_chats(link)
    chats = "nobody" if not chatting else "1 guest" if chatting == 1 else f"{chatting} guests"
    given = () if arguments.get("title") == link.title else (Fact("Link", link.title),)
    return Question(
        "Revoke a chat link",
        (
            *given,
            Fact("Title", argument="title", quoted=True),
            Fact("In it now", chats if not chatting else f"{chats}, whose chat ends at once"),
            Fact("So far", f"{link.used_sessions} of {link.max_sessions} guests have come"),
            Fact("Ends without this", until=link.expires_at.timestamp()),
            Fact("Afterwards", "it is over for good: nobody can open it again"),
        ),
    )


async def disconnect_tool(known: Known, member: Member, arguments: Arguments) -> Question | None:
    if known.connections is None:
        return None
    try:
        found = await known.connections.find(member, TypeAdapter(Named).validate_python(arguments.get("connection")))
    except NotFound:
        return None
    tools = len(await known.connections.tools(member, found.id))
    leaning = await known.connections.leans_on(member, found.id)
    given = () if arguments.get("connection") == found.title else (Fact("Connection", found.title),)
    return Question(
        "Disconnect a tool",
        (
            *given,
            Fact("Name", argument="connection", quoted=True),
            Fact("Its tools", f"{tools}, which stop at once" if tools else "none"),
            *((Fact("Chat links that lose its tools", ", ".join(leaning)),) if leaning else ()),
            Fact("Afterwards", "you can undo it for a minute; then its token, if it has one, is deleted"),
        ),
    )


BUILDERS: Mapping[str, Builder] = {
    "create_chat_link": create_chat_link,
    "revoke_chat_link": revoke_chat_link,
    "disconnect_tool": disconnect_tool,
}


async def question(known: Known, member: Member, tool: str, arguments: Arguments) -> Question | None:
    """None when there are no better words for it than the arguments themselves."""
    if tool not in BUILDERS:
        return None
    try:
        return await BUILDERS[tool](known, member, arguments)
    except ValidationError:  # the tool will refuse it; until then it is shown as it came
        return None


def _given(label: str, without: str, name: str, arguments: Arguments) -> tuple[Fact, ...]:
    if arguments.get(name):
        return (Fact(label, argument=name, quoted=True),)
    return (Fact(label, without, argument=name),) if without else ()
