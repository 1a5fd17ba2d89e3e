"""Cities in a question, and the time zones they are in."""

import re
from functools import cache
from zoneinfo import available_timezones

REGIONS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})
OTHERS = {
    "utc": "UTC",
    "gmt": "UTC",
    "tokyo": "Asia/Tokyo",
    "berlin": "Europe/Berlin",
    "london": "Europe/London",
    "paris": "Europe/Paris",
    "new york": "America/New_York",
    "nyc": "America/New_York",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "los angeles": "America/Los_Angeles",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome",
    "geneva": "Europe/Zurich",
    "beijing": "Asia/Shanghai",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "rio de janeiro": "America/Sao_Paulo",
    "são paulo": "America/Sao_Paulo",
    "kyiv": "Europe/Kiev",
    "cape town": "Africa/Johannesburg",
    "tel aviv": "Asia/Jerusalem",
    "japan": "Asia/Tokyo",
    "germany": "Europe/Berlin",
    "france": "Europe/Paris",
    "india": "Asia/Kolkata",
}


@cache
def _zones() -> dict[str, str]:
    split = (name.split("/") for name in available_timezones())
    known = {
        parts[1].replace("_", " ").lower(): "/".join(parts)
        for parts in split
        if len(parts) == 2 and parts[0] in REGIONS
    }
    return known | OTHERS


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_zones(), key=len, reverse=True)
    return re.compile(r"\b(?:([A-Z]\w+/[A-Z][\w/]+)|(" + "|".join(map(re.escape, names)) + r"))\b", re.IGNORECASE)


def zones(question: str) -> list[str]:
    """Names of time zones in the order they were mentioned, each once."""
    found = (written or _zones()[city.lower()] for written, city in _pattern().findall(question))
    return list(dict.fromkeys(found))


def cities(question: str) -> list[str]:
    """Cities as they were written, in order."""
    return [match.group() for match in _pattern().finditer(question)]


def city(zone: str) -> str:
    """A zone as people say it: «New York»."""
    return zone.rpartition("/")[2].replace("_", " ")
