"""What a tool gave, taken out of what is round it: JSON in text, a list under ``result``, notes beside it."""

import json
import re
from typing import Any

WRAPPING = frozenset({"source", "result", "cut", "links"})
HEADLINES = ("title", "name", "full_name", "subject", "label", "summary", "login", "text", "key", "id")
LEFT_OUT = re.compile(r"\n?\[\d+ characters left out\]\s*$")
NAME_FIRST = re.compile(r"“([^”]+)”")
HALF_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u[0-9a-fA-F]{0,3})?$")


def unwrapped(output: Any) -> Any:
    if isinstance(output, str) and output.lstrip()[:1] in ("{", "["):
        try:
            return unwrapped(json.loads(output))
        except ValueError:
            return _beginning(output)
    if isinstance(output, dict) and "result" in output and output.keys() <= WRAPPING:
        return unwrapped(output["result"])
    return output


def _beginning(output: str) -> Any:
    """Of JSON that was cut off somewhere: the text so far, or the entries that are whole."""
    _, wrapped, rest = LEFT_OUT.sub("", output).partition('"result": ')
    cut = rest if wrapped else LEFT_OUT.sub("", output)
    if cut.startswith('"'):
        try:
            return unwrapped(json.loads(HALF_ESCAPED.sub("", cut) + '"', strict=False))
        except ValueError:
            return cut.strip('"')
    return _whole_entries(cut[1:]) if cut.startswith("[") else output


def _whole_entries(cut: str) -> list[Any]:
    decoder, entries = json.JSONDecoder(), []
    while cut := cut.lstrip(", \n"):
        try:
            entry, end = decoder.raw_decode(cut)
        except ValueError:
            break
        entries.append(entry)
        cut = cut[end:]
    return entries


def listed(output: Any) -> list[Any] | None:
    """The entries, also where a record holds nothing but one list and counts: «{"total": 2, "items": […]}»."""
    found = unwrapped(output)
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        others = [value for value in found.values() if not isinstance(value, (list, int, bool, type(None)))]
        return lists[0] if len(lists) == 1 and not others else None
    return found if isinstance(found, list) else None


def bullets(output: Any) -> list[str] | None:
    """The entries of a list that is written out: «- “Website support”: 0 of 1 guest so far.»."""
    found = unwrapped(output)
    lines = [line for line in found.splitlines() if line.strip()] if isinstance(found, str) else []
    if re.match(r"(?:No|There (?:is|are) no) \w", lines[0] if len(lines) == 1 else ""):
        return []
    return [line[2:].strip() for line in lines] if lines and all(line.startswith("- ") for line in lines) else None


def headlines(output: Any) -> list[str] | None:
    """What each entry is called; None when it is no list."""
    if (entries := listed(output)) is not None:
        return [name for entry in entries if (name := headline(entry))]
    written = bullets(output)
    return None if written is None else [named[1] if (named := NAME_FIRST.match(line)) else line for line in written]


def headline(entry: Any) -> str:
    """What an entry is called."""
    if isinstance(entry, dict):
        return next((str(entry[key]).strip() for key in HEADLINES if entry.get(key) not in (None, "", [], {})), "")
    return str(entry).strip() if isinstance(entry, (str, int, float)) else ""
