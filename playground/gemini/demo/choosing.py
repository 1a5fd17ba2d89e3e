"""Which functions a question calls for: their names' words against its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.gemini.demo.arguments import Filled, filled
from playground.gemini.demo.words import deed, deeds_of, objects, own_name, words
from playground.gemini.wire import Json

ENOUGH = 4
LOOKING = frozenset({"get", "list", "read", "search", "convert"})
NEXT = re.compile(
    r"\s*(?:;|,?\s+and(?:\s+then)?|,\s*then)\s+(?=(?:add|list|read|delete|remove|show|what|make|create|revoke|convert)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Choice:
    """``missing`` names what the question would have to say for the tool to be called."""

    name: str
    calls: tuple[Json, ...]
    missing: tuple[str, ...]


def choices(tools: Sequence[Json], question: str) -> list[Choice]:
    """One for each thing that is asked for; empty when no tool fits."""
    parts = NEXT.split(question)
    found = [best for part in parts if (best := _best(tools, part))]
    if len(parts) > 1 and len(found) == len(parts) and not any(choice.missing for choice in found):
        return found
    best = _best(tools, question)
    return [best] if best else []


def _best(tools: Sequence[Json], question: str) -> Choice | None:
    rated = [(tool["name"], filled(tool, question), tool) for tool in tools]
    scored = sorted(((_score(tool, question, fill), name, fill) for name, fill, tool in rated), key=_order)
    if not scored or scored[0][0] < ENOUGH:
        return None
    _, name, fill = scored[0]
    return Choice(name, fill.calls, fill.missing)


def _order(scored: tuple[int, str, Filled]) -> tuple[bool, int, str]:
    score, name, fill = scored
    return bool(fill.missing) and score < ENOUGH, -score, name


def _score(tool: Json, question: str, fill: Filled) -> int:
    """What is done and what it is done to must both be said; to only look something up, its arguments may speak."""
    name = tool["name"]
    head = _head(question)
    said = set(words(head))
    things = objects(name)
    hits = sum(thing in said for thing in things)
    asked = _deed_score(name, head)
    speaking = not fill.missing and fill.telling + bool(hits) >= 2 and deed(name) in LOOKING
    if fill.missing:
        asked -= 2
    if not speaking and not (asked > 0 and (hits or not things)):
        return 0
    connection = words(name.removesuffix(own_name(name)))
    found = fill.telling if fill.telling < 2 else 2 * fill.telling
    return 2 * hits + asked + found + 2 * speaking + sum(word in said for word in connection)


def _deed_score(name: str, head: str) -> int:
    """The first word that asks for something counts most."""
    done = deed(name)
    if done is None:
        return 2
    meant = deeds_of(head)
    if meant and done in meant[0]:
        return 3
    return 1 if any(done in deeds for deeds in meant) and done not in ("delete", "revoke") else 0


def _head(question: str) -> str:
    """What is asked, without what it is asked about: «add a note» of «add a note: delete nothing»."""
    before, colon, _ = question.partition(":")
    head = before if colon and len(before.split()) <= 8 and not before[-1:].isdigit() else question
    return re.sub(r"[«“\"][^»”\"]*[»”\"]", "", head)
