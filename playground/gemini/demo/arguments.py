"""Fill a tool's arguments from a question, by their names and types in its schema."""

import re
from dataclasses import dataclass
from typing import Any

from playground.gemini.demo.places import cities, zones
from playground.gemini.demo.words import deed, objects, words
from playground.gemini.wire import Json, value

QUOTED = re.compile(r"[«“\"]([^»”\"]+)[»”\"]")
CLOCK = re.compile(r"\b(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b|\b(\d{1,2}):(\d{2})\b", re.IGNORECASE)
LASTS = re.compile(
    r"[,;]?\s*\b(?:valid|lasting|expiring|living|that lives|for|in)?\s*(?:for|in)?\s*\d+\s*[a-z]+.*$", re.I
)
ARTICLE = re.compile(r"^(?:an?|the|my)\s+", re.IGNORECASE)
CONNECTORS = frozenset({"for", "called", "named", "titled", "title", "about", "with", "that", "says", "saying", "text"})
NAMES = frozenset({"title", "name", "label", "subject"})


@dataclass(frozen=True)
class Filled:
    """``calls``: arguments of one call or of several alike; ``missing``: required ones the question does not give."""

    calls: tuple[Json, ...]
    missing: tuple[str, ...]
    telling: int
    """How many values were found in the question, times and places above all."""


def filled(tool: Json, question: str) -> Filled:
    schema = value(tool, "parametersJsonSchema") or {}
    properties: Json = schema.get("properties", {})
    required = [name for name in schema.get("required", []) if name in properties]
    given = _Given(tool["name"], question, properties)
    arguments: Json = {}
    for name, kind in properties.items():
        found = given.value(name, kind if isinstance(kind, dict) else {}, needed=name in required)
        if found is not None:
            arguments[name] = found
    missing = tuple(name for name in required if name not in arguments)
    return Filled(given.spread(arguments), missing, given.telling)


class _Given:
    """What a question gives a tool; places are dealt out in the order they were mentioned."""

    def __init__(self, tool: str, question: str, properties: Json) -> None:
        self.tool, self.question, self.properties = tool, question, properties
        self.zones = zones(question)
        self.zone_names = [name for name in properties if _is_zone(name)]
        self.telling = 0

    def value(self, name: str, kind: Json, *, needed: bool) -> Any:
        if "enum" in kind:
            return next((choice for choice in kind["enum"] if str(choice).lower() in self.question.lower()), None)
        match kind.get("type"):
            case "integer" | "number":
                return self._number(name)
            case "boolean" | "array" | "object":
                return None
        if name in self.zone_names:
            return self._zone(name)
        if name == "time" or name.endswith("_time"):
            return self._clock()
        if name in ("city", "location", "place"):
            return next(iter(cities(self.question)), None)
        return self._payload(name, needed)

    def _zone(self, name: str) -> str | None:
        position = self.zone_names.index(name)
        if position < len(self.zones):
            self.telling += 1
            return self.zones[position]
        return "UTC" if len(self.zone_names) == 1 else None

    def _clock(self) -> str | None:
        match = CLOCK.search(self.question)
        if not match:
            return None
        self.telling += 1
        if match[4]:
            return f"{int(match[4]):02}:{match[5]}"
        hour = int(match[1]) % 12 + (12 if match[3].lower() == "pm" else 0)
        return f"{hour:02}:{match[2] or '00'}"

    def _number(self, name: str) -> int | None:
        for word in words(name):
            if match := re.search(rf"(\d+)\s*{word[:5]}", self.question.lower()):
                self.telling += 1
                return int(match[1])
        if "session" in name and (
            match := re.search(r"(\d+)\s*(?:guest|people|person|candidate)", self.question.lower())
        ):
            return int(match[1])
        return None

    def _payload(self, name: str, needed: bool) -> str | None:
        """Free words: needed ones, or else a name when there is nothing else that could take them."""
        others = [each for each, kind in self.properties.items() if each not in NAMES and _is_text(kind)]
        wanted = needed or (name in NAMES and not self._needs(others))
        if not wanted:
            return None
        said = self.payload()
        self.telling += bool(said and needed)
        return self._title(said) or None if name in NAMES else said or None

    def _title(self, said: str) -> str:
        title = ARTICLE.sub("", said)[:60].strip()
        return title[:1].upper() + title[1:] if deed(self.tool) == "add" else title

    def _needs(self, names: list[str]) -> bool:
        return any(name in ("text", "content", "body", "query", "message") for name in names)

    def payload(self) -> str:
        """Quoted words, else what follows a colon, else what follows the thing itself: «the note …»."""
        if match := QUOTED.search(self.question):
            return match[1].strip()
        before, colon, after = self.question.partition(":")
        if colon and len(before.split()) <= 8 and not before[-1:].isdigit():
            return after.strip()
        rest = _after(objects(self.tool), self.question)
        if any(_is_number(kind) for kind in self.properties.values()):
            rest = LASTS.sub("", rest)
        return rest.strip(" .,;?!")

    def spread(self, arguments: Json) -> tuple[Json, ...]:
        """Several places for a tool that takes one: a call for each."""
        if len(self.zone_names) == 1 and len(self.zones) > 1:
            return tuple({**arguments, self.zone_names[0]: zone} for zone in self.zones)
        return (arguments,)


def _after(things: list[str], question: str) -> str:
    said = question.split()
    places = [i for i, word in enumerate(said) if (words(word) or [""])[-1] in things]
    rest = said[places[0] + 1 :] if places else []
    # «a chat link»: the thing may have two words.
    while rest and (words(rest[0]) or [""])[-1] in {*things, *CONNECTORS}:
        rest = rest[1:]
    return " ".join(rest)


def _is_zone(name: str) -> bool:
    return "timezone" in name.lower() or "time_zone" in name.lower() or name.lower() in ("tz", "zone")


def _is_text(kind: Any) -> bool:
    return isinstance(kind, dict) and kind.get("type") == "string"


def _is_number(kind: Any) -> bool:
    return isinstance(kind, dict) and kind.get("type") in ("integer", "number")
