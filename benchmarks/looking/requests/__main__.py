"""The right tool among the first twelve, by the words of a request, of 837 real ones; and what is declared of them.

Beside all tools declared, about four characters a token.
"""

from collections.abc import Sequence

from benchmarks.looking.requests.asked import MEMBERS, OTHERS, REQUESTS, UNSEEN
from benchmarks.looking.requests.there import right, tools
from benchmarks.parts.report import Measured, main
from bot.agent.finding import Offering, Shelf
from bot.agent.finding.offering import AT_FIRST
from bot.agent.finding.shelf import size_of
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult


class All:
    def __init__(self, tools: Sequence[Tool]) -> None:
        self.tools = tools

    async def call(self, call: ToolCall) -> ToolResult:
        raise NotImplementedError


async def measure(quick: bool) -> Measured:
    every = tools()
    shelf = Shelf(every)
    untouched = [*OTHERS, *UNSEEN]
    figures: dict[str, float] = {
        "of": len(REQUESTS),
        "right": right(shelf, REQUESTS, AT_FIRST),
        "members_of": len(MEMBERS),
        "members_right": right(shelf, MEMBERS, AT_FIRST),
        "untouched_of": len(untouched),
        "untouched_right": right(shelf, untouched, AT_FIRST),
    }
    figures["missed"] = figures["of"] - figures["right"]
    baseline = {}
    for name, some in (("of_300_tokens", every[:300]), ("of_all_tokens", every)):
        figures[name] = _declared(some)
        baseline[name] = sum(map(size_of, some)) / 4
    ratio = {name: figures[name] / baseline[name] for name in baseline}
    return Measured(figures, baseline, ratio, {"missed": 2, "of_300_tokens": 6_000, "of_all_tokens": 6_000})


def _declared(tools: Sequence[Tool]) -> float:
    """At first, the mean of the requests."""
    shelf, total = Shelf(tools), 0
    for text, *_ in REQUESTS:
        offering = Offering(All(tools), shelf, [], {})
        offering.welcome(text, [])
        total += sum(map(size_of, offering.tools))
    return total / len(REQUESTS) / 4


if __name__ == "__main__":
    main("looking.requests", __doc__, measure)
