"""Places in a question, and the time zones they are in."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from zoneinfo import available_timezones

from playground.gemini.demo.hearing.place_names import ALSO_WORDS, REGIONS, SHORT, SPOKEN, ZONES
from playground.gemini.demo.hearing.slips import nearest

VAGUE = re.compile(
    r"\b(?:the\s+)?(?:((?i:usa|u\.s\.|united states|canada|australia|brazil|russia|indonesia"
    r"|mexico))|(US|America|Europe|Africa|Asia))\b"
)


@dataclass(frozen=True)
class Mention:
    zone: str
    name: str
    """As people write it."""
    start: int
    end: int


@lru_cache(maxsize=512)
def mentions(text: str) -> tuple[Mention, ...]:
    """Places in their order, each zone once."""
    folded = _folded(text)
    found = {zone: Mention(zone, name, start, end) for zone, name, start, end in _short(folded)}
    for match in _pattern().finditer(folded):
        name = match.group().lower()
        if name in ALSO_WORDS and not re.search(r"\b(?:in|at)\s+$", folded[: match.start()], re.IGNORECASE):
            continue
        zone = _written(match.group()) or _known()[name]
        spoken = city(zone) if "/" in name else SPOKEN.get(name, name.title())
        found.setdefault(zone, Mention(zone, spoken, match.start(), match.end()))
    return tuple(sorted(found.values(), key=lambda place: place.start)) or _slipped(folded)


def _short(text: str) -> Iterable[tuple[str, str, int, int]]:
    for match in re.finditer(rf"\b(?:{'|'.join(SHORT)})\b|(?<=\bin )(?i:sf|la|ny|dc|hk)\b", text):
        yield *SHORT[match.group().upper()], match.start(), match.end()


def _slipped(text: str) -> tuple[Mention, ...]:
    """«in Berln», and a place that is all that was said."""
    for match in re.finditer(r"(?:\b(?:in|for|about)\s+|^)([^\W\d_]{4,})\b", text, re.IGNORECASE):
        if name := nearest(match[1].lower(), _known()):
            return (Mention(_known()[name], SPOKEN.get(name, name.title()), match.start(1), match.end(1)),)
    return ()


def vague(text: str) -> str | None:
    """A country or continent with several time zones."""
    match = VAGUE.search(text)
    return match.group() if match else None


def unknown(text: str) -> str | None:
    """What stands where a place should: «what time is it in Narnia»."""
    match = re.search(r"\b(?:in|at|for)\s+((?!the morning|the evening|a\b)[^\W\d_][\w' .-]{1,40}?)\s*[?.!]*$", text)
    return match[1].strip() if match else None


def city(zone: str) -> str:
    """A zone as people say it: «New York»."""
    return zone.rpartition("/")[2].replace("_", " ")


def without(text: str, places: Iterable[Mention]) -> str:
    for place in sorted(places, key=lambda place: -place.start):
        text = f"{text[: place.start]} {text[place.end :]}"
    return text


def _folded(text: str) -> str:
    """Accents off, letter for letter, so that positions stay."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


@cache
def _known() -> dict[str, str]:
    split = (name.split("/") for name in available_timezones())
    cities = {
        parts[1].replace("_", " ").lower(): "/".join(parts)
        for parts in split
        if len(parts) == 2 and parts[0] in REGIONS
    }
    ours = {name.strip(): zone for zone, names in ZONES.items() for name in re.split(r",|(?<=utc) ", names)}
    return cities | {_folded(name): zone for name, zone in ours.items()} | ours


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(map(_folded, _known()), key=len, reverse=True)
    return re.compile(r"\b(?:[A-Z][a-z]+/[A-Z]\w+(?:/\w+)?|(?i:" + "|".join(map(re.escape, names)) + r"))\b")


def _written(name: str) -> str | None:
    return name if "/" in name and name in available_timezones() else None
