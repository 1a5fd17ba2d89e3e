"""Lists and records in words: a lead sentence, then bullets with what an entry is called and what matters of it."""

import re
from collections.abc import Iterable
from typing import Any

from playground.gemini.demo.telling.strangers import clipped, fit
from playground.gemini.demo.tools.tool import Tool
from playground.gemini.demo.wrapping import HEADLINES, headline
from playground.gemini.wire import Json

SHOWN, DETAILS, LONGEST = 20, 3, 160
STATES = frozenset({"state", "status", "type", "kind", "role", "language", "visibility", "priority"})
SKIPPED = re.compile(
    r"(?:^|_)(?:id|ids|node|url|uri|sha|etag|hash|token|avatar|gravatar|cursor)(?:_|$)|^_", re.IGNORECASE
)
EMPTY: tuple[Any, ...] = (None, "", [], {})


def enumerated(tool: Tool, entries: list[Any]) -> str:
    if not entries:
        return nothing(tool)
    shown = "\n".join(f"- {_entry(entry)}" for entry in entries[:SHOWN])
    noun = tool.thing if len(entries) == 1 else tool.many
    more = f"\n\nThat is the beginning: there are {len(entries) - SHOWN} more." if len(entries) > SHOWN else ""
    lead = f"You have {len(entries)} {noun}" if _own(tool) else f"I found {len(entries)} {noun}"
    return f"{lead}:\n\n{shown}{more}"


def nothing(tool: Tool) -> str:
    """What to do next belongs to an empty list."""
    if tool.deed == "search":
        return f"I found no {tool.many} that fit. Try other words."
    if tool.things[-1:] == ("note",):
        return "You have no notes yet. Say “add a note: buy milk”, and I keep one."
    if tool.things[-1:] == ("link",):
        return "You have no chat links at the moment. Say “make a chat link for a customer”, and I prepare one."
    return f"There are no {tool.many} at the moment."


def record(lead: str, fields: Json) -> str:
    """The fields that a person can use, as bullets."""
    told = [f"- {spoken_name(key).capitalize()}: {value}" for key, value in _details(fields, 12)]
    return f"{lead}:\n\n" + "\n".join(told) if told else f"{lead}."


def spoken_name(key: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", key).replace("_", " ").replace("-", " ").lower().strip()


def value_said(value: Any) -> str:
    """One value in words; empty for what cannot be said in a few."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value}"
    if isinstance(value, dict):
        return headline_said(value)
    if isinstance(value, list):
        said = [each for each in map(value_said, value[:5]) if each]
        return ", ".join(said) + (f" and {len(value) - 5} more" if len(value) > 5 else "")
    text = " ".join(fit(str(value)).split())
    return clipped(text.replace("_", " ") if re.fullmatch(r"[A-Za-z]+(?:_[A-Za-z]+)+", text) else text, LONGEST)


def headline_said(entry: Any) -> str:
    return clipped(" ".join(fit(headline(entry)).split()), LONGEST)


def _own(tool: Tool) -> bool:
    return tool.things[-1:] in (("note",), ("link",))


def _entry(entry: Any) -> str:
    if not isinstance(entry, dict):
        return value_said(entry) or "(something without words)"
    name = headline_said(entry)
    if "guests" in entry and "expires" in entry:
        return _link(name, entry)
    named = next((key for key in HEADLINES if entry.get(key) not in EMPTY), "")
    details = [_detail(key, value) for key, value in _details(entry, DETAILS, besides=named)]
    head = f"**{name}**" if name else "An entry without a name"
    return head + (f" ({', '.join(details)})" if details else "")


def _link(name: str, entry: Json) -> str:
    most = entry.get("most_guests")
    guests = f"{entry['guests']} of {most} guests so far" if most else f"{entry['guests']} guests so far"
    return f"**{name}**: {guests}, open until {value_said(entry['expires'])}"


def _detail(key: str, value: str) -> str:
    return value if key in STATES else f"{spoken_name(key)} {value}"


def _details(fields: Json, most: int, besides: str = "") -> Iterable[tuple[str, str]]:
    said = ((key, value_said(value)) for key, value in fields.items() if key != besides and _telling(key, value))
    return [(key, value) for key, value in said if value][:most]


def _telling(key: str, value: Any) -> bool:
    return value not in EMPTY and not SKIPPED.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key))
