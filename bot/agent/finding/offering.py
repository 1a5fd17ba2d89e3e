"""Of tools too many to declare: our own, those that the conversation has come to, and one that finds the others.

Declarations are only added, at the end: what the provider keeps of a request's beginning then still holds. Which ones
a conversation has is kept with its messages, so that it is the same after a pause, in another process and a turn later.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.agent.finding.shelf import Fitting, Shelf, shelf_of, size_of
from bot.agent.model import Message, Model
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from mcp_runtime.tools.untrusted_text import quotable

FEW, SMALL = 60, 60_000
"""So many tools, in so many characters, are all declared: to look for one would cost more than it saves."""
AT_FIRST, LATER, FOUND = 12, 3, 8
"""How many that fit are declared with a conversation's first message, with a later one, and by a look."""
ROOM = 14_000
"""Characters of those that are declared at once; the `SURE` best are declared however long they are."""
SURE = 3
MOST, MOST_CHARACTERS = 48, 60_000
"""Of the tools of a conversation when a turn begins: beyond, it begins anew with what it used and what fits."""
HARDLY = 128
"""Declared in the course of one turn, so that none is refused for their number."""
RECENT = 12
"""Of the tools that a conversation used, those that are there when it begins anew."""
NAMED = 30
"""Names of others that fit, told for the next look."""
SERVICES = 60
"""That are named in the description."""
DECLARED = "declared"
"""In a stored message: the names of the tools that are declared from it on, behind those before."""
ANEW = "declared_anew"
"""In a stored message: what was declared before it is not any more."""

FIND = "usher__find_tools"
ABOUT = (
    "Find tools that are not listed here. Only a few of the person's tools are: there are {} in all, of these services:"
    " {}. Before you say that something cannot be done, look for a tool with this one. What is found is listed from"
    " then on, and you call it yourself."
)
DONE = "These are declared from now on, call them by name: {}."
KNOWN = "These fit, and were declared before: {}."
ALSO = "Others that fit, which one more look for their names would declare: {}."
NOTHING = "No tool fits these words. Try others, in English too, or the name of a service alone: {}."
FULL = "No more tools can be declared in this turn. Work with those that are, or say that you could not go on."
WORDLESS = "Say in `query`, in a few words, what is to be done."
SCHEMA = {
    "type": "object",
    "properties": {
        "query": {
            "type": "string",
            "description": "What is to be done, in a few words, in English too: “close issue”. Or names of tools.",
        },
        "service": {"type": "string", "description": "Only among the tools of this service."},
    },
    "required": ["query"],
}


class Offering:
    """A toolset that shows some of ``inner``'s tools; none of the others can be called before it is found.

    ``names`` are those of the shelf's tools that are declared, in order; what is on no shelf is declared always.
    """

    def __init__(self, inner: Toolset, shelf: Shelf, names: Iterable[str], uses: Mapping[str, int]) -> None:
        self._inner = inner
        self._shelf = shelf
        self._uses = uses
        self._names = [name for name in names if name in shelf]
        self._stored = len(self._names)
        self._anew = False
        self._of_service = _services(inner.tools, shelf)
        services = [f"“{quotable(name)}” ({len(tools)})" for name, tools in self._of_service.items()]
        more = [f"and {len(services) - SERVICES} more"] if len(services) > SERVICES else []
        self._services = ", ".join([*services[:SERVICES], *more])
        about = ABOUT.format(len(shelf.names), self._services)
        self._finder = Tool(FIND, "Usher: Find tools", about, SCHEMA, guarded=False, server="Usher", reads=True)

    @property
    def tools(self) -> Sequence[Tool]:
        there = {tool.name: tool for tool in self._inner.tools}
        ours = [tool for name, tool in there.items() if name not in self._shelf]
        return [*ours, self._finder, *(there[name] for name in self._names if name in there)]

    async def call(self, call: ToolCall) -> ToolResult:
        if call.name == FIND:
            return self._look(call.arguments)
        return await self._inner.call(call)

    def welcome(self, text: str, called: Sequence[str]) -> None:
        """What fits the words that a turn begins with; ``called`` are the tools used before, the newest last."""
        anew = len(self._names) > MOST or sum(self._shelf.sizes[name] for name in self._names) > MOST_CHARACTERS
        if anew:
            self._anew, self._stored = True, 0
            self._names = list(dict.fromkeys(name for name in called[-RECENT:] if name in self._shelf))
        fitting = self._shelf.fitting(text, self._uses)
        if anew or not self._names:
            usual = (Fitting(name, False) for name in sorted(self._uses, key=lambda name: -self._uses[name]))
            self._declare(each.name for each in self._within([*fitting, *usual], AT_FIRST))
        else:
            # Each addition costs what the provider keeps: a word of a description alone is too little for it.
            near = [each for each in fitting[:AT_FIRST] if each.by_name]
            self._declare(each.name for each in self._within(near[:LATER], LATER))

    def newly_declared(self) -> dict[str, Any]:
        """What a message that is stored now has to say of it; empty where nothing was added."""
        if self._stored == len(self._names) and not self._anew:
            return {}
        told = {DECLARED: self._names[self._stored :], **({ANEW: True} if self._anew else {})}
        self._stored, self._anew = len(self._names), False
        return told

    def _look(self, arguments: Mapping[str, Any]) -> ToolResult:
        query, service = arguments.get("query"), arguments.get("service") or ""
        if not isinstance(query, str) or not isinstance(service, str) or not (query.strip() or service.strip()):
            return ToolResult(error=WORDLESS)
        among = self._of(service)
        exact = [Fitting(name, True) for name in _typed(query) if name in self._shelf]
        fitting = self._shelf.fitting(query, self._uses, among) if query.strip() else []
        if not fitting and not exact:
            fitting = [Fitting(name, False) for name in sorted(among, key=self._by_use)] if service.strip() else []
        found = list(dict.fromkeys(each.name for each in [*exact, *fitting]))
        if not found:
            return ToolResult({"result": NOTHING.format(self._services)})
        return self._told(found)

    def _told(self, found: Sequence[str]) -> ToolResult:
        chosen = [each.name for each in self._within([Fitting(name, True) for name in found], FOUND)]
        known = [name for name in chosen if name in self._names]
        new = [name for name in chosen if name not in self._names]
        if new and len(self._names) + len(new) > HARDLY:
            return ToolResult(error=FULL)
        self._declare(new)
        rest = [name for name in found if name not in chosen and name not in self._names][:NAMED]
        told = ((DONE, new), (KNOWN, known), (ALSO, rest))
        return ToolResult({"result": " ".join(words.format(", ".join(names)) for words, names in told if names)})

    def _within(self, fitting: Sequence[Fitting], most: int) -> list[Fitting]:
        """The best of them that have room together; what is left out for its length can still be looked for."""
        chosen: list[Fitting] = []
        left = ROOM
        for each in fitting:
            if each.name not in self._shelf or each.name in {known.name for known in chosen}:
                continue
            size = self._shelf.sizes[each.name]
            if size <= left or len(chosen) < SURE:
                chosen.append(each)
                left -= size
            if len(chosen) == most:
                break
        return chosen

    def _declare(self, names: Iterable[str]) -> None:
        self._names += [name for name in dict.fromkeys(names) if name not in self._names]

    def _by_use(self, name: str) -> tuple[int, int]:
        return -self._uses.get(name, 0), self._shelf.sizes[name]

    def _of(self, service: str) -> set[str]:
        """Names of a service's tools; of all where none is called so, since a model may say it in its own way."""
        wanted = service.strip().casefold().strip("“”\"'")
        found = {
            name for title, names in self._of_service.items() if wanted and wanted in title.casefold() for name in names
        }
        return found or set(self._shelf.names)


async def offered(
    inner: Toolset,
    theirs: Sequence[Tool],
    model: Model,
    history: Sequence[Message],
    text: str,
    used: Callable[[], Awaitable[Mapping[str, int]]],
) -> Toolset:
    """``inner`` as it is where ``theirs``, all but our own, are few; ``text`` is what a turn begins with, if anything.

    ``used`` is how often the member has called each of them lately.
    """
    if len(theirs) <= FEW and sum(map(size_of, theirs)) <= SMALL:
        return inner
    names, called = _come_to(model, history)
    offering = Offering(inner, await shelf_of(theirs), names, await used())
    if text:
        offering.welcome(text, called)
    return offering


def _come_to(model: Model, history: Sequence[Message]) -> tuple[list[str], list[str]]:
    """The tools that a conversation has, in order, and those that it called; what is folded away lets its own go."""
    names: dict[str, None] = {}
    called: dict[str, None] = {}
    for message in history:
        if message.get(ANEW):
            names.clear()
        names |= dict.fromkeys(message.get(DECLARED, ()))
        for call in model.calls(message):
            names.setdefault(call.name)
            called.pop(call.name, None)
            called[call.name] = None
    return list(names), list(called)


def _services(tools: Sequence[Tool], shelf: Shelf) -> dict[str, list[str]]:
    """By title, so that equal tools make equal declarations."""
    found: dict[str, list[str]] = {}
    for tool in sorted(tools, key=lambda tool: tool.server.casefold()):
        if tool.name in shelf:
            found.setdefault(tool.server, []).append(tool.name)
    return found


def _typed(query: str) -> list[str]:
    return [word.strip(".,;:`'\"") for word in query.split()]
