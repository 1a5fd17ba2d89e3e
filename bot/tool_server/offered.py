"""The member's tools that a chat link is to have, as the agent names them."""

from collections.abc import Sequence

from bot.errors import NotFound
from bot.services.links import Links
from bot.services.links.values import Candidate
from bot.services.matching import not_found, plain
from mcp_runtime.tools.untrusted_text import quotable
from storage.members import Member


async def chosen(links: Links, member: Member, names: Sequence[str]) -> list[Candidate]:
    """Each by its own name or by its server's and its own; raises `NotFound` also for one that two tools have.

    What was asked about must not turn into another tool, so that no name is taken for one that is near.
    """
    there = await links.candidates(member) if names else []
    return list(dict.fromkeys([_named(there, each) for each in names]))


def _named(there: Sequence[Candidate], text: str) -> Candidate:
    found = [each for each in there if plain(text) and plain(text) in map(plain, _names(each))]
    if len(found) > 1:
        told = "; ".join(quotable(_whole(each)) for each in found)
        raise NotFound(f"{len(found)} tools are called {quotable(text)}: {told}. Say which, as `connection: tool`.")
    if not found:
        raise not_found("tool", quotable(text), [(each.name, quotable(_whole(each))) for each in there])
    return found[0]


def _names(tool: Candidate) -> tuple[str, ...]:
    return tool.name, tool.title, f"{tool.server}: {tool.name}", _whole(tool), tool.exposed


def _whole(tool: Candidate) -> str:
    return f"{tool.server}: {tool.title}"
