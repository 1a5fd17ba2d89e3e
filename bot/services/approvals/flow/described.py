"""Where a call goes by what other servers say of their tools: nobody has asked for their descriptions; pure."""

from collections.abc import Iterable, Iterator

from bot.services.approvals.flow.arguments import Leaf
from bot.services.approvals.flow.comparing import Words, stands, tokens_of
from mcp_runtime.tools.names import OURS
from mcp_runtime.tools.tools import Tool, as_json

SAYS = "what {} says of its tools"


def led_by(leaf: Leaf, slug: str, offered: Iterable[Tool], known: Iterable[Words]) -> list[str]:
    """Those whose descriptions name this address; what stands in the ``known`` words is judged by whose they are."""
    said = list(known)
    wanted = [each for each in _addresses(leaf) if not any(words.says(each) for words in said)]
    if not wanted:
        return []
    return [
        SAYS.format(tool.server or tool.title)
        for tool in offered
        if not tool.name.startswith((f"{slug}__", OURS)) and any(stands(each, _told(tool)) for each in wanted)
    ]


def _addresses(leaf: Leaf) -> Iterator[str]:
    """Hosts, mail addresses, and what is marked as a person or a channel."""
    for url in leaf.urls:
        yield from (token for token in tokens_of(url) if "." in token and "/" not in token)
    yield from (mail.casefold() for mail in leaf.mails)
    if leaf.value[:1] in "#@" and leaf.says_where:
        yield leaf.value.casefold()


def _told(tool: Tool) -> str:
    return f"{tool.description} {as_json(tool.schema)}".casefold()
