"""What can be done with the tools that are there, and what to try first."""

from itertools import groupby

from playground.gemini.demo.conversation import Conversation
from playground.gemini.demo.tools.tool import Tool

MOST = 6  # tools named of one server
MORE = "More tools are connected with `/mcp connect`."
FIRST = "Connect a first one with `/mcp connect`: Time takes one click, Custom takes the address of any MCP server."
ASKS = "I ask you before anything is changed."
OWN = "usher"
YOURS = "Your connections"
PHRASES = {"offer_to_connect": "connect a tool", "list_tools_of_connections": "list their tools"}
"""Where the name of one of Usher's own tools makes no phrase."""


def abilities(talk: Conversation) -> str:
    if not talk.tools:
        return f"No tools are connected yet, so there is little I can do. {FIRST} Then try “what time is it in Tokyo?”"
    groups = groupby(sorted(talk.tools, key=_order), key=_group)
    lines = [f"- **{group}**: {_listed(list(tools))}" for group, tools in groups]
    return f"Here is what I can do for you now:\n\n{chr(10).join(lines)}\n\n{ASKS} {MORE}{_try(talk)}"


def in_short(talk: Conversation) -> str:
    """One sentence for a greeting."""
    if not any(tool.server != OWN for tool in talk.tools):
        link = "I can make chat links for people without Slack. " if talk.tools else ""
        return f"{link}Connect a first tool with `/mcp connect`: Time takes one click."
    titles = dict.fromkeys(_group(tool) for tool in sorted(talk.tools, key=_order))
    return f"I can work with {joined(list(titles), 'and')}.{_try(talk)}"


def examples(talk: Conversation) -> list[str]:
    """Things to say that work now, the simplest first."""
    said: dict[str, int] = {}
    for tool in sorted(talk.tools, key=_order):
        if tool.of_kind("zone") and len(tool.needed) == 1:
            said["what time is it in Tokyo?"] = 0
        elif tool.deed == "list" and not tool.needed and tool.server != OWN:
            said[f"list my {tool.many}"] = 1
        elif tool.deed == "add" and tool.things == ("note",):
            said["add a note: buy milk"] = 2
        elif tool.deed == "add" and tool.things[-1:] == ("link",):
            said["make a chat link for a customer"] = 3
    return sorted(said, key=lambda each: said[each])


def joined(said: list[str], word: str) -> str:
    """«a, b and c»."""
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} {word} {said[-1]}" if said else ""


def _try(talk: Conversation) -> str:
    said = examples(talk)
    return f" Try “{said[0]}”{'' if said[0].endswith('?') else '.'}" if said else ""


def _order(tool: Tool) -> tuple[bool, str, str, str]:
    return tool.server == OWN, tool.server, _group(tool), tool.name


def _group(tool: Tool) -> str:
    """Usher's own tools are of two kinds."""
    if tool.server == OWN:
        return "Chat links" if tool.things[-1:] == ("link",) else YOURS
    return tool.title or "Tools"


def _listed(tools: list[Tool]) -> str:
    phrases = [PHRASES.get(tool.own, tool.phrase) for tool in tools]
    if len(phrases) > MOST:
        return f"{', '.join(phrases[:MOST])} and {len(phrases) - MOST} more"
    return joined(phrases, "and")
