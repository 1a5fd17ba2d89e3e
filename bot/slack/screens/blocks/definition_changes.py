"""A tool whose definition has changed: every place that differs, as it was and as it is now, before it is accepted.

The model reads all of a definition, so a word hidden at the end of it, or in the description of an argument, matters.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.slack.screens.blocks.elements import Block, section
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.blocks.visible_text import marked
from mcp_runtime.tools.pins import UNPINNED

MOST = 4
"""Sections of one tool: ten tools are in one view, which holds a hundred blocks."""
BEFORE = 40
"""Characters shown of what is alike on either side."""
SECTION, PIECE = 2900, 1400
LONGEST = MOST * SECTION + 1
"""Characters of one side that are looked at: more would not fit."""
NOTHING = "_nothing_"
GONE = object()
"""What one of the two definitions does not have."""
NO_ROOM = ":warning: There is more that changed than there is room for here."
PLACES = {
    ("description",): "What it does",
    ("title",): "Title",
    ("annotations",): "Hints about it",
    ("outputSchema",): "Its results",
    ("inputSchema", "required"): "Arguments that it needs",
}


@dataclass(frozen=True)
class Shown:
    blocks: list[Block]
    whole: bool
    """All that differs is there."""


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Shown:
    """Of two definitions; as much as there is room for, and no more is looked at."""
    sections = list(islice(_sections(_lines(_differences(_pinned(old), _pinned(new), ()))), MOST + 1))
    whole = len(sections) <= MOST
    told = sections if whole else [*sections[:MOST], NO_ROOM]
    return Shown([section(text, expand=True) for text in told], whole)


Difference = tuple[tuple[str, ...], Any, Any]


def _pinned(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name not in UNPINNED}


def _differences(old: Any, new: Any, place: tuple[str, ...]) -> Iterator[Difference]:
    """Down to the places where they begin to differ; what only one of them has is one place."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(each for each in new if each not in old)]:
            yield from _differences(old.get(name, GONE), new.get(name, GONE), (*place, name))
        return
    if _spoken(old) != _spoken(new) or (old is GONE) != (new is GONE):
        yield place, old, new


def _named(place: tuple[str, ...]) -> str:
    """«Argument repo: description»."""
    if place[:2] == ("inputSchema", "properties") and len(place) > 2:
        rest = f": {' › '.join(place[3:])}" if place[3:] else ""
        return f"Argument {place[2]}{rest}"
    known = next((size for size in (2, 1) if place[:size] in PLACES), 0)
    told = [PLACES[place[:known]]] if known else []
    return ": ".join([*told, *([" › ".join(place[known:])] if place[known:] else [])])


def _lines(found: Iterable[Difference]) -> Iterator[str]:
    for place, before, after in found:
        yield f"*{safe(_named(place), 150)}*"
        was, now = _sides(_spoken(before), _spoken(after))
        yield from _labelled("It was", was)
        yield from _labelled("Now", now)


def _sides(old: str, new: str) -> tuple[str, str]:
    """From a little before the first letter that differs to a little after the last."""
    alike = _alike(old, new)
    start = max(0, alike - BEFORE)
    tail = max(0, min(_alike(old[::-1], new[::-1]), len(old) - alike, len(new) - alike) - BEFORE)

    def part(text: str) -> str:
        return f"{'…' if start else ''}{text[start : len(text) - tail]}{'…' if tail else ''}"

    return part(old), part(new)


def _labelled(label: str, text: str) -> Iterator[str]:
    """Whole, in pieces that fit; what cannot be seen is named."""
    pieces = _pieces(marked(text[:LONGEST]))
    yield f"{label}: {next(pieces, NOTHING)}"
    yield from pieces


def _pieces(text: str) -> Iterator[str]:
    while text:
        size = PIECE if len(text) <= PIECE else text.rfind(" ", PIECE // 2, PIECE) + 1 or PIECE
        while len(shown := safe(text[:size], SECTION * 2)) > SECTION - 50:
            size //= 2
        yield shown
        text = text[size:]


def _alike(one: str, other: str) -> int:
    """How many letters at the beginning are the same."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _spoken(value: Any) -> str:
    if value is GONE:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _sections(lines: Iterable[str]) -> Iterator[str]:
    held = ""
    for line in lines:
        if held and len(held) + len(line) + 1 > SECTION:
            yield held
            held = ""
        held = f"{held}\n{line}" if held else line
    if held:
        yield held
