"""What a tool gave, taken out of what is round it: JSON in text, a list under ``result``, notes beside it."""

import json
from typing import Any

WRAPPING = frozenset({"source", "result", "cut", "links"})
HEADLINES = ("title", "name", "full_name", "subject", "label", "summary", "login", "text", "key", "id")


def unwrapped(output: Any) -> Any:
    if isinstance(output, str) and output.lstrip()[:1] in ("{", "["):
        try:
            return unwrapped(json.loads(output))
        except ValueError:
            return output
    if isinstance(output, dict) and "result" in output and output.keys() <= WRAPPING:
        return unwrapped(output["result"])
    return output


def listed(output: Any) -> list[Any] | None:
    """The entries, also where a record holds nothing but one list and counts: «{"total": 2, "items": […]}»."""
    found = unwrapped(output)
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        others = [value for value in found.values() if not isinstance(value, (list, int, bool, type(None)))]
        return lists[0] if len(lists) == 1 and not others else None
    return found if isinstance(found, list) else None


def headline(entry: Any) -> str:
    """What an entry is called."""
    if isinstance(entry, dict):
        return next((str(entry[key]).strip() for key in HEADLINES if entry.get(key) not in (None, "", [], {})), "")
    return str(entry).strip() if isinstance(entry, (str, int, float)) else ""
