"""A tool whose definition has changed: every place that differs, as it was and as it is now, before it is accepted.

The model reads all of a definition, so a word hidden at the end of it, or in the description of an argument, matters.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.blocks.reading import SECTION, packed, sections
from bot.slack.screens.blocks.text import safe
from bot.slack.screens.blocks.visible_text import marked, marks
from mcp_runtime.tools.pins import UNPINNED

MOST = 2
"""Sections of one tool in a list: ten tools are in one view, which holds a hundred blocks and 250 kB."""
BEFORE = 40
"""Characters shown of what is alike on either side."""
PIECE, LONGEST_NAME = 1400, 150
NOTHING = "_nothing_"
GONE = object()
"""What one of the two definitions does not have."""
NEWCOMER: dict[str, Any] = {"inputSchema": {"type": "object", "properties": {}}}
"""What a new tool is held against: so that each of its arguments has a place of its own."""
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
    """Of two definitions; as much as there is room for in a list. ``old`` is empty for a new tool."""
    pages = list(islice(packed([differences(old, new)], MOST * SECTION), 2))
    return Shown(sections(pages[0]), len(pages) == 1)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Paragraphs: each place that differs, as it was and as it is now, to the last letter; lazily."""
    if old:
        yield from _lines(_differences(_pinned(old), _pinned(new), ()))
        return
    named = {"name": new.get("name")}  # it stands above
    for place, _, now in _differences(NEWCOMER | named, _pinned(new), ()):
        if now is not GONE:
            yield from _heading(place)
            yield from _pieces(_spoken(now))


Difference = tuple[tuple[str, ...], Any, Any]


def _pinned(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name not in UNPINNED}


def _differences(old: Any, new: Any, place: tuple[str, ...]) -> Iterator[Difference]:
    """Down to the places where they begin to differ; what only one of them has is one place."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(each for each in new if each not in old)]:
            yield from _differences(old.get(name, GONE), new.get(name, GONE), (*place, name))
        return
    if old is GONE or new is GONE or _dumped(old) != _dumped(new):
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
        yield from _heading(place)
        alike = _spoken(before) == _spoken(after)  # such as 1 and "1"
        was, now = (_dumped(before), _dumped(after)) if alike else _sides(_spoken(before), _spoken(after))
        yield from _labelled("It was", was)
        yield from _labelled("Now", now)


def _heading(place: tuple[str, ...]) -> Iterator[str]:
    """Whole too: an argument may be named by what it wants the model to do."""
    name = marked(_named(place))
    if len(name) <= LONGEST_NAME:
        yield f"*{safe(name, LONGEST_NAME)}*"
    else:
        yield "*At the place that is called*"
        yield from _pieces(_named(place))


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
    pieces = _pieces(text)
    yield f"{label}: {next(pieces, NOTHING)}"
    yield from pieces


def _pieces(text: str) -> Iterator[str]:
    held = ""
    for mark in marks(text):
        if len(held) + len(mark.shown) > PIECE:
            at = held.rfind(" ", PIECE // 2) + 1 or len(held)
            yield from _fitting(held[:at])
            held = held[at:]
        held += mark.shown
    if held:
        yield from _fitting(held)


def _fitting(text: str) -> Iterator[str]:
    """In halves, where entities make it too long for a section."""
    shown = safe(text, len(text))
    if len(shown) <= SECTION - 50:
        yield shown
        return
    half = len(text) // 2
    yield from _fitting(text[:half])
    yield from _fitting(text[half:])


def _alike(one: str, other: str) -> int:
    """How many letters at the beginning are the same."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _spoken(value: Any) -> str:
    return value if isinstance(value, str) else _dumped(value)


def _dumped(value: Any) -> str:
    return "" if value is GONE else json.dumps(value, ensure_ascii=False, sort_keys=True)
