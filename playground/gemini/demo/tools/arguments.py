"""Fill a tool's arguments from a wish, by what its schema says their values look like."""

import re
from dataclasses import dataclass
from typing import Any

from playground.gemini.demo.hearing import clocks, places
from playground.gemini.demo.hearing.clauses import Clause, quoted
from playground.gemini.demo.hearing.vocabulary import words
from playground.gemini.demo.tools.free_words import named, payload, topic
from playground.gemini.demo.tools.tool import Parameter, Tool
from playground.gemini.wire import Json

REPOSITORY = re.compile(r"\b([\w.-]+)/([\w.-]+)\b")
DAY = re.compile(r"\b(today|tomorrow|\d{4}-\d\d-\d\d)\b", re.IGNORECASE)
BESIDE_CLOCK = re.compile(r"\s*(?:in|at|from|for|on|is|it is|time|,)?\s*(?:the )?")
PEOPLE = "guest|people|person|candidate|customer|visitor|participant|user|client"
OF_FILES = r"files?|pictures?|photos?|pdfs?|documents?|uploads?|attachments?|mb|megabytes?"
OF_THAT_ALONE = (
    ("silence", r"silen(?:ce|t)|quiet|idle"),
    ("keep", r"keeps?|kept|delet(?:e|ed)|stored?|retain(?:ed)?"),
    ("file", OF_FILES),
    ("files", OF_FILES),
)
"""A number is of such a thing only where it is spoken of: how long something lives is another stretch of time."""
PER_HOUR = {"hour": 1.0, "minute": 60.0, "day": 1 / 24, "week": 1 / 168, "second": 3600.0}


@dataclass(frozen=True)
class Filled:
    """``calls``: arguments of one call or of several alike; ``missing``: what is needed and was not said."""

    calls: tuple[Json, ...]
    missing: tuple[Parameter, ...]
    typed: int = 0
    """How many values could only be meant for such a tool: places, clocks, repositories."""


def filled(tool: Tool, clause: Clause) -> Filled:
    given = {each.name: found for each in tool.parameters if (found := _value(tool, each, clause)) is not None}
    zones, typed = _zones(tool, clause)
    calls = tuple({**given, **zone} for zone in zones) if zones else (given,)
    typed += sum(each.kind in ("clock", "repository") and each.name in given for each in tool.parameters)
    missing = tuple(each for each in tool.needed if each.name not in calls[0])
    return Filled(calls, missing, typed)


def _value(tool: Tool, parameter: Parameter, clause: Clause) -> Any:
    match parameter.kind:
        case "choice":
            said = set(words(clause.text))
            return next((each for each in parameter.schema["enum"] if set(words(str(each))) <= said), None)
        case "clock":
            found = clocks.clock(clause.text)
            return found.time if found else None
        case "day":
            named_day = DAY.search(clause.text)
            return named_day[1].lower() if named_day else None
        case "number":
            return _number(tool, parameter, clause.text)
        case "flag":
            return True if set(words(parameter.name)) <= set(clause.words) else None
        case "place":
            mentioned = places.mentions(clause.text)
            return mentioned[0].name if mentioned else places.unknown(clause.text)
        case "repository":
            return _repository(parameter, clause.text)
        case "channel":
            match = re.search(r"#([\w-]+)", clause.text)
            return match[1] if match else None
        case "list":
            return _several(tool, parameter, clause)
        case "zone" | "object":
            return None
    said_so = _words(tool, parameter, clause)
    return _without_when(said_so) if said_so and tool.of_kind("day") else said_so


def _without_when(text: str) -> str:
    """«tea tomorrow at 3 pm» is tea: when it is has arguments of its own."""
    apart = clocks.CLOCK.sub(" ", DAY.sub(" ", text))
    return re.sub(r"(?:\s+(?:on|at|for|from))*[\s,.]*$", "", apart).strip() or text


def _words(tool: Tool, parameter: Parameter, clause: Clause) -> str | None:
    """Free words; an optional one only when it is named, or nothing else could take them."""
    takers = [each for each in tool.needed if each.kind == "free"] or [p for p in tool.needed if p.kind == "text"]
    if parameter.kind == "name":
        if takers:
            return named(clause)
        return payload(tool, clause) if parameter.needed or not tool.needed else named(clause)
    if parameter.name in ("purpose", "topic", "reason", "description") and not parameter.needed:
        return topic(tool, clause)
    if not parameter.needed:
        return None
    said = re.search(rf"\b{re.escape(parameter.spoken)}\s*(?:[:=]|is)\s*([^,;]+)", clause.text, re.IGNORECASE)
    if said and len(tool.needed) > 1:
        return said[1].strip()
    return payload(tool, clause) if takers and parameter == takers[0] else None


def _number(tool: Tool, parameter: Parameter, text: str) -> int | float | None:
    said = words(parameter.name)
    if any(word in said and not re.search(rf"\b(?:{spoken})\b", text, re.IGNORECASE) for word, spoken in OF_THAT_ALONE):
        return None
    for unit, factor in PER_HOUR.items():
        if unit in said or f"how many {unit}" in str(parameter.schema.get("description", "")).lower():
            stretch = clocks.hours(text)
            return None if stretch is None else _whole(stretch * factor)
    things = "|".join(map(re.escape, said))
    if {"guest", "session", "people", "participant"} & set(said):
        things += f"|{PEOPLE}"
    match = re.search(rf"\b{clocks.NUMBER}\s+(?:{things})", text, re.IGNORECASE)
    if match and match["number"].lower() not in ("a", "an", "the", "this"):
        return _whole(clocks.number(match["number"]))
    things += f"|{re.escape(tool.things[-1])}" if tool.things else ""
    match = re.search(rf"(?:#|\b(?:{things}|number|no\.)\s*#?)(\d+)\b", text, re.IGNORECASE)
    return int(match[1]) if match else None


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else round(number, 2)


def _repository(parameter: Parameter, text: str) -> str | None:
    match = REPOSITORY.search(re.sub(r"https?://(?:www\.)?github\.com/", "", text))
    if not match:
        return None
    return match.group() if parameter.name == "repository" else match[1 if parameter.name == "owner" else 2]


def _several(tool: Tool, parameter: Parameter, clause: Clause) -> list[str] | None:
    said = (quoted(clause.text) or clause.free) if parameter.needed else None
    return [each.strip() for each in re.split(r",|\band\b", said) if each.strip()] if said else None


def _zones(tool: Tool, clause: Clause) -> tuple[list[dict[str, str]], int]:
    """For each place a call; of two time zones the one next to the clock is where the time is known."""
    wanted = [each.name for each in tool.of_kind("zone")]
    found = places.mentions(clause.text)
    if not wanted or not found:
        return [], 0
    if len(wanted) == 1:
        return [{wanted[0]: place.zone} for place in found], len(found)
    source = next((name for name in wanted if re.search("source|from", name)), wanted[0])
    target = next(name for name in wanted if name != source)
    start = _known_here(found, clause.text)
    rest = [place for place in found if place != start]
    if start is None:
        return [{target: place.zone} for place in rest], len(rest)
    return [{source: start.zone, target: place.zone} for place in rest] or [{source: start.zone}], len(found)


def _known_here(found: tuple[places.Mention, ...], text: str) -> places.Mention | None:
    """The place whose time was given: «5 pm in Berlin»; «5 pm to Tokyo» gives none, nor does «5 pm here»."""
    clock = clocks.clock(text)
    if clock is None:
        return None
    here = re.search(r"\bhere\b|\bmy time\b|\blocal\b", text)
    if here:
        return None
    for place in found:
        between = text[clock.end : place.start] if place.start >= clock.end else text[place.end : clock.start]
        if BESIDE_CLOCK.fullmatch(between):
            return place
    return None if len(found) < 2 else found[0]
