"""Times of day and stretches of time in a question."""

import re
from dataclasses import dataclass

CLOCK = re.compile(
    r"\b(?P<h12>\d{1,2})(?::(?P<m12>\d{2}))?\s*(?P<half>[ap])\.?m\b\.?"
    r"|\b(?P<h24>\d{1,2}):(?P<m24>\d{2})\b"
    r"|\b(?P<hour>\d{1,2})\s*o['’]?\s?clock\b"
    r"|\b(?P<word>noon|midday|midnight)\b",
    re.IGNORECASE,
)
UNITS = {"minute": 1 / 60, "min": 1 / 60, "hour": 1, "hr": 1, "h": 1, "day": 24, "week": 168, "month": 720}
NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "twenty": 20,
    "half an": 0.5,
    "a couple of": 2,
    "a single": 1,
    "the": 1,
    "this": 1,
}
NUMBER = r"(?P<number>\d+(?:[.,]\d+)?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
SPAN = re.compile(rf"\b{NUMBER}[\s-]*(?P<unit>minute|min|hour|hr|h|day|week|month)s?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Clock:
    time: str
    """«17:00»."""
    start: int
    end: int


def clock(text: str) -> Clock | None:
    for match in CLOCK.finditer(text):
        if (time := _time(match)) is not None:
            return Clock(time, match.start(), match.end())
    return None


def by_halves(text: str) -> bool:
    """Whether the question counts its hours to twelve."""
    return bool(re.search(r"\d\s*[ap]\.?m\b", text, re.IGNORECASE))


def hours(text: str) -> float | None:
    """A stretch of time, in hours: «for two days»."""
    match = SPAN.search(text)
    return number(match["number"]) * UNITS[match["unit"].lower()] if match else None


def number(word: str) -> float:
    return NUMBERS[word.lower()] if word.lower() in NUMBERS else float(word.replace(",", "."))


def _time(match: re.Match[str]) -> str | None:
    if match["word"]:
        return "00:00" if match["word"].lower() == "midnight" else "12:00"
    hour, minute = int(match["h12"] or match["h24"] or match["hour"]), int(match["m12"] or match["m24"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
