"""Which declared tool a wish is for: what is done and what it is done to against the words of its name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.gemini.demo.hearing import clocks, places
from playground.gemini.demo.hearing.clauses import Clause, Mood
from playground.gemini.demo.hearing.vocabulary import DEEDS, FILLERS, SAME, deeds_of, words
from playground.gemini.demo.tools.arguments import Filled, filled
from playground.gemini.demo.tools.tool import Tool

ALSO_CALLED = {
    **{"pr": "pull", "repo": "repository", "db": "database", "memo": "note", "url": "link", "invite": "link"},
    **dict.fromkeys(("calendar", "diary", "meeting", "appointment"), "event"),
}
BESIDE_PLACES = FILLERS | frozenset(
    [
        "time",
        "clock",
        "hour",
        "is",
        "it",
        "s",
        "when",
        "if",
        "there",
        "here",
        "then",
        "same",
        "difference",
        "between",
        "ahead",
        "behind",
        "good",
        "early",
        "late",
        "someone",
        "people",
        "be",
        "will",
        "are",
        "they",
        "us",
        "me",
        "many",
        "what",
    ]
)


@dataclass(frozen=True)
class Candidate:
    tool: Tool
    filled: Filled
    score: float


def candidates(tools: Sequence[Tool], clause: Clause) -> list[Candidate]:
    """Best first; empty when no tool is meant."""
    rated = [Candidate(tool, fill := filled(tool, clause), _score(tool, clause, fill)) for tool in tools]
    fitting = [each for each in rated if each.score > 0]
    return sorted(fitting, key=lambda each: (-each.score, each.tool.name))


def rivals(found: list[Candidate], said: list[str]) -> list[Candidate]:
    """The best, and its namesakes of other servers when none of them was named."""
    best = found[0].tool
    same = [each for each in found if each.tool.own == best.own]
    return same[:1] if any(set(words(each.tool.server)) & set(said) for each in same) else same


def said_words(clause: Clause) -> list[str]:
    return [ALSO_CALLED.get(word, word) for word in clause.words]


def first_deed(clause: Clause) -> str | None:
    """The word with which an imperative begins: «delete» of «delete the note», none in «the delete button»."""
    word = (clause.words or [""])[0]
    return word if deeds_of(word) or word in SAME else None


def _score(tool: Tool, clause: Clause, fill: Filled) -> float:
    said = said_words(clause)
    hits = sum(thing in said for thing in tool.things)
    server = 2 * all(word in clause.words for word in words(tool.server)) if tool.server else 0
    # A name without a thing, «get me», is meant only where its server or its own verb is said.
    head_hit = tool.things[-1] in said if tool.things else bool(server) or _own_verb(tool) in said[:1]
    if tool.changes:
        fits = _changing(tool, clause, said, hits, fill) if head_hit else 0
        return fits + server if fits else 0
    if not head_hit and not _speaking(tool, clause, fill):
        return 0
    asked = _asked(tool, said, clause)
    if not asked and not _speaking(tool, clause, fill):
        return 0
    extra = len(tool.things) - hits
    unused = 3 * (clocks.clock(clause.text) is not None and not tool.of_kind("clock") and bool(tool.of_kind("zone")))
    about = min(2, len(set(said) & set(words(tool.about)) - FILLERS)) / 4
    return max(0.1, 3 * hits + asked + 1.5 * fill.typed - 2 * len(fill.missing) - extra - unused + about + server)


def _changing(tool: Tool, clause: Clause, said: list[str], hits: int, fill: Filled) -> float:
    """Only an imperative, whose first word is its deed, may change something."""
    first = _leading(clause)
    meant = first is not None and (first in DEEDS.get(tool.deed or "", ()) or first == _own_verb(tool))
    if not meant and not (clause.mood is not Mood.REQUEST and _mentions(tool, said)):
        return 0
    exact = 1 if first == _own_verb(tool) else 0
    return 3 * hits + 3 + exact - (len(tool.things) - hits) - 0.5 * len(fill.missing)


def _leading(clause: Clause) -> str | None:
    return first_deed(clause) or next(iter(clause.words), None)


def _own_verb(tool: Tool) -> str:
    return tool.verb if tool.deed else words(tool.own)[0]


def _mentions(tool: Tool, said: list[str]) -> bool:
    """In a question or a negation the deed may stand anywhere: nothing is done there."""
    return any(word in DEEDS.get(tool.deed or "", ()) or f"{word}" == tool.verb for word in said)


def _asked(tool: Tool, said: list[str], clause: Clause) -> float:
    """How well the words ask for looking in this way; a bare noun asks to list, or to get."""
    verbs = [word for word in said if deeds_of(word)]
    if not verbs:
        others = [word for word in said if word not in FILLERS and word not in tool.things]
        return 0 if others and not clause.asking else {"list": 2, "get": 1.5}.get(tool.deed or "", 1)
    fits = DEEDS.get(tool.deed or "", set())
    if verbs[0] not in fits and verbs[0] not in words(tool.own):
        return 0
    many = (
        bool(tool.things) and re.search(rf"\b{tool.many}\b|\ball\b|\bany\b|\bhow many\b", clause.head, re.I) is not None
    )
    exact = 1.5 if verbs[0] in words(tool.own) or SAME.get(verbs[0], verbs[0]) == tool.deed else 0
    return 2 + exact + (1 if many == (tool.deed in ("list", "search")) else 0)


def _speaking(tool: Tool, clause: Clause, fill: Filled) -> bool:
    """Values that can only be meant for it: two places and a time, or a place and nothing else."""
    found = places.mentions(clause.text)
    clock = clocks.clock(clause.text) if tool.of_kind("clock") else None
    if not fill.typed or any(each.kind != "zone" for each in fill.missing) or (fill.missing and not clock):
        return False
    if fill.typed >= 3 and clock:
        return True
    left = words(places.without(clocks.CLOCK.sub(" ", clause.text) if clock else clause.text, found))
    if clock:
        return bool(found) and all(word in BESIDE_PLACES for word in left)
    return bool(found) and not clocks.clock(clause.text) and all(word in BESIDE_PLACES for word in left)
