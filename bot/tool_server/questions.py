"""What a yes to one of Usher's own tools would do, in words: what was left out is filled in, and all of it is told.

A builder may stand for an argument only by showing it: the rest is shown as it came. None: all is.
"""

from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from bot.errors import NotFound
from bot.services.approvals.questions import Fact, Question
from bot.tool_server import link_questions
from bot.tool_server.arguments import Named
from bot.tool_server.known import Arguments, Builder, Known
from storage.members import Member


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


async def propose_note(known: Known, member: Member, arguments: Arguments) -> Question | None:
    return Question(
        "Remember this in all later conversations",
        (Fact("Note", argument="note", quoted=True), Fact("Afterwards", "you can forget it in my Home tab")),
    )


async def forget_this_conversation(known: Known, member: Member, arguments: Arguments) -> Question | None:
    facts = (
        Fact("Deleted for good", "all that was said here, what I remember of it, and its words in the search"),
        Fact("What stands in Slack", "stays there until somebody deletes it"),
    )
    return Question("Forget this conversation", facts)


BUILDERS: Mapping[str, Builder] = {
    **link_questions.BUILDERS,
    "disconnect_tool": disconnect_tool,
    "propose_note": propose_note,
    "forget_this_conversation": forget_this_conversation,
}


async def question(known: Known, member: Member, tool: str, arguments: Arguments) -> Question | None:
    """None when there are no better words for it than the arguments themselves."""
    if tool not in BUILDERS:
        return None
    try:
        return await BUILDERS[tool](known, member, arguments)
    except (ValidationError, NotFound):  # the tool will refuse it; until then it is shown as it came
        return None
