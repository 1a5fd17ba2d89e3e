"""A new chat link: what it is called, how long it works, for how many, and where it is; never its address."""

from datetime import datetime
from typing import Any

from playground.gemini.demo.conversation import Result
from playground.gemini.demo.telling.entries import headline_said

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def made(result: Result, output: Any) -> str:
    told = output if isinstance(output, dict) else {}
    title = headline_said(told) or str(result.arguments.get("title", ""))
    guests = _guests(told.get("most_guests", result.arguments.get("max_sessions")))
    time = _lasting(result.arguments.get("expires_in_hours"), told)
    works = " ".join(each for each in (guests, time) if each)
    named = f"The chat link **{title}** is ready" if title else "The chat link is ready"
    return (
        f"{named}{f': it works {works}' if works else ''}. You find it in a message of its own"
        f" here, which only you can see."
    )


def _guests(most: Any) -> str:
    return f"for {said(most)} {'guest' if most == 1 else 'guests'}" if isinstance(most, int) else ""


def _lasting(hours: Any, told: dict[str, Any]) -> str:
    if isinstance(hours, (int, float)):
        return f"for {stretch(hours)}"
    try:
        until = datetime.fromisoformat(str(told.get("expires")))
    except ValueError:
        return ""
    return f"until {until:%A}, {until:%H:%M}{' UTC' if not until.utcoffset() else ''}"


def stretch(hours: float) -> str:
    for unit, size in (("day", 24), ("hour", 1)):
        if hours >= size and hours % size == 0 and (unit == "hour" or hours >= 24):
            return _counted(hours / size, unit)
    return _counted(hours * 60, "minute") if hours < 1 else _counted(hours, "hour")


def said(number: float) -> str:
    whole = int(number) if number == int(number) else number
    return NUMBERS[whole] if isinstance(whole, int) and whole < len(NUMBERS) else f"{whole}"


def _counted(number: float, unit: str) -> str:
    return f"{said(number)} {unit}{'' if number == 1 else 's'}"
