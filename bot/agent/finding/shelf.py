"""All tools that a person has, in the order in which they fit some words (BM25, Robertson and others 1994)."""

import asyncio
import hashlib
import json
import math
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from bot.agent.finding.meant import weighed
from bot.agent.finding.words import words
from mcp_runtime.tools.kept import Kept
from mcp_runtime.tools.tools import Tool

READ = 4_000
"""Characters of a description that are looked at."""
ASKED = 200
"""Words of a request that are looked for: whoever pastes a page wants what the beginning says."""
SATURATION, LENGTH = 1.2, 0.75  # as usual: how soon a word said again counts no more, how much a long text is held back
OF_NAME = 3
"""A tool's name says most, and is short: its words count as if they stood so often in the description."""
MOST_ENTRIES, MOST_SHELVES = 4_000_000, 1_000_000
"""Characters of the tools, and words of the shelves, that are kept for the turns to come."""
NAMED = 1.3
"""How much a tool moves forward whose service was named."""
HABIT = 0.1
"""How much each doubling of a tool's use by its member moves it forward: a half, for one that they use all day."""
MOST_HABIT = 5


@dataclass(frozen=True)
class Entry:
    """Of one tool: how often each word stands in it, which of them are in its name, and its declaration's length."""

    counts: Mapping[str, int]
    of_name: frozenset[str]
    size: int


@dataclass(frozen=True)
class Fitting:
    name: str
    by_name: bool
    """A word of its name was asked for, and not only one of its description."""


ENTRIES: Kept[Entry] = Kept(MOST_ENTRIES)
SIZES: Kept[int] = Kept(MOST_ENTRIES)


class Shelf:
    """Built once for a list of tools and never changed."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        entries = [_entry(tool) for tool in tools]
        self.names = [tool.name for tool in tools]
        self.sizes = {tool.name: entry.size for tool, entry in zip(tools, entries, strict=True)}
        self._of_name = [entry.of_name for entry in entries]
        titles = {tool.server: next(words(tool.server), "") for tool in tools}
        self._services = [titles[tool.server] for tool in tools]
        self._holding: dict[str, list[tuple[int, float]]] = {}
        totals = [sum(entry.counts.values()) for entry in entries]
        average = sum(totals) / len(totals) if any(totals) else 1.0
        for place, (entry, total) in enumerate(zip(entries, totals, strict=True)):
            held_back = SATURATION * (1 - LENGTH + LENGTH * total / average)
            for word, count in entry.counts.items():
                weight = count * (SATURATION + 1) / (count + held_back)
                self._holding.setdefault(word, []).append((place, weight))

    def __contains__(self, name: str) -> bool:
        return name in self.sizes

    @property
    def weight(self) -> int:
        return sum(len(places) for places in self._holding.values())

    def fitting(
        self, text: str, uses: Mapping[str, int] | None = None, among: Container[str] | None = None
    ) -> list[Fitting]:
        """Those that share a word with ``text``, the best first; ``uses`` is how often their member calls each."""
        asked = list(dict.fromkeys(words(text)))[:ASKED]
        scores: dict[int, float] = {}
        for word, worth in weighed(asked).items():
            holding = self._holding.get(word, [])
            rarity = math.log(1 + (len(self.names) - len(holding) + 0.5) / (len(holding) + 0.5))
            for place, weight in holding:
                scores[place] = scores.get(place, 0.0) + worth * rarity * weight
        named = set(asked)
        for place, score in scores.items():
            if self._services[place] in named:
                scores[place] = score * NAMED
        used = uses or {}
        ranked = sorted(
            (-score * _habit(used.get(self.names[place], 0)), self.sizes[self.names[place]], place)
            for place, score in scores.items()
            if among is None or self.names[place] in among
        )
        return [Fitting(self.names[place], bool(named & self._of_name[place])) for _, _, place in ranked]


def _habit(calls: int) -> float:
    return 1 + HABIT * min(MOST_HABIT, math.log2(1 + calls))


def size_of(tool: Tool) -> int:
    """Characters of its declaration: about four to a token."""

    def weigh() -> tuple[int, int]:
        size = len(tool.name) + len(tool.description) + len(json.dumps(tool.schema))
        return size, 64

    return SIZES.of(tool.pin, weigh) if tool.pin else weigh()[0]


def _entry(tool: Tool) -> Entry:
    def read() -> tuple[Entry, int]:
        named = Counter(words(tool.own_name or tool.name))
        fields = tool.schema.get("properties")
        told = f"{tool.description[:READ]} {' '.join(map(str, fields)) if isinstance(fields, dict) else ''}"
        counts = Counter({word: count * OF_NAME for word, count in named.items()})
        counts.update(words(f"{tool.server} {told}"[: 2 * READ]))
        entry = Entry(counts, frozenset(named) | frozenset(words(tool.server)), size_of(tool))
        return entry, sum(map(len, counts))

    return ENTRIES.of(f"{tool.server}\0{tool.name}\0{tool.pin}", read) if tool.pin else read()[0]


SHELVES: Kept[Shelf] = Kept(MOST_SHELVES)


async def shelf_of(tools: Sequence[Tool]) -> Shelf:
    """Built beside the loop: a tenth of a second for some hundred tools."""
    told = "\n".join(f"{tool.server}\0{tool.name}\0{tool.pin or tool.description}" for tool in tools)
    key = hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()

    def build() -> tuple[Shelf, int]:
        shelf = Shelf(tools)
        return shelf, shelf.weight

    if key in SHELVES:
        return SHELVES.of(key, build)
    return await asyncio.to_thread(SHELVES.of, key, build)
