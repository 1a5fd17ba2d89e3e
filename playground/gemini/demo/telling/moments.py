"""Dates and times as a person says them."""

import re
from datetime import datetime, timedelta
from typing import Any

from playground.gemini.demo.hearing.clocks import by_halves
from playground.gemini.demo.hearing.places import city, mentions
from playground.gemini.wire import Json

STAMP = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?(?!\d)")
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def moment(output: Any, question: str) -> str:
    """The time somewhere, or one time in two places; empty when ``output`` is neither."""
    if not isinstance(output, dict):
        return ""
    source, target = output.get("source"), output.get("target")
    if isinstance(source, dict) and isinstance(target, dict) and (here := _at(source)) and (there := _at(target)):
        return (
            f"**{_clock(here, question)}** in {_place(source, question)} is **{_clock(there, question)}** in"
            f" {_place(target, question)}{_day(here, there)}."
        )
    if output.get("timezone") == "UTC" and (now := _at(output)):
        return f"It is **{_clock(now, question)}** UTC, {now:%A}, {now.day} {now:%B}."
    if "timezone" in output and (now := _at(output)):
        return f"In {_place(output, question)} it is **{_clock(now, question)}**, {now:%A}, {now.day} {now:%B}."
    return ""


def difference(outputs: list[Any], question: str) -> str:
    """How far two clocks are apart, when that was asked."""
    at = [found for output in outputs if isinstance(output, dict) and (found := _at(output))]
    if len(at) != 2 or not re.search(r"\bdifference\b|\bhours\b|\bahead\b|\bbehind\b", question, re.IGNORECASE):
        return ""
    offsets = [each.utcoffset() or timedelta() for each in at]
    hours = abs((offsets[0] - offsets[1]).total_seconds()) / 3600
    return f"\n\nThat is {hours:g} {'hour' if hours == 1 else 'hours'} apart."


def spoken(at: datetime) -> str:
    zone = " UTC" if at.utcoffset() is not None and not at.utcoffset() else ""
    return f"{at:%A}, {at.day} {at:%B %Y}, {at:%H:%M}{zone}"


def without_stamps(text: str) -> str:
    """With every machine's date as a person's."""
    return DATE.sub(lambda m: _said(m.group(), date=True), STAMP.sub(lambda m: _said(m.group()), text))


def _said(stamp: str, *, date: bool = False) -> str:
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    return f"{at.day} {at:%B %Y}" if date else spoken(at)


def _at(moment: Json) -> datetime | None:
    try:
        return datetime.fromisoformat(str(moment.get("datetime")))
    except ValueError:
        return None


def _place(moment: Json, question: str) -> str:
    """As the person named it, else the zone's own city."""
    zone = str(moment.get("timezone", ""))
    return next((place.name for place in mentions(question) if place.zone == zone), city(zone))


def _clock(at: datetime, question: str) -> str:
    return (
        f"{int(f'{at:%I}')}:{at:%M %p}".replace("AM", "am").replace("PM", "pm")
        if by_halves(question)
        else f"{at:%H:%M}"
    )


def _day(here: datetime, there: datetime) -> str:
    days = (there.date() - here.date()).days
    return {0: ", the same day", 1: f", the next day, {there:%A}", -1: f", the day before, {there:%A}"}.get(days, "")
