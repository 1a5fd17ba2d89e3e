"""Blocks as plain words: for messages whose ``text`` is empty, or says less than they show."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.screens.blocks.text import said

Json = Mapping[str, Any]
DEEPEST = 8
"""Lists stand in lists, and what comes from elsewhere may be nested without end."""


def words_of(blocks: Any) -> str:
    """Nothing for what is no list of blocks; what is unknown is passed over."""
    return "\n".join(filter(None, map(_block, _dicts(blocks)))).strip()


def _block(block: Json) -> str:
    match block.get("type"):
        case "rich_text":
            return "\n".join(filter(None, (_part(each) for each in _dicts(block.get("elements")))))
        case "header" | "section" | "markdown":
            fields = [block.get("text"), *_dicts(block.get("fields"))]
            return "\n".join(filter(None, map(_text, fields)))
        case "context":
            return " ".join(filter(None, map(_text, _dicts(block.get("elements")))))
        case "image" | "video":
            return str(block.get("alt_text") or "")
    return ""


def _text(value: Any) -> str:
    """A text object, or a bare string of Markdown."""
    if isinstance(value, Mapping):
        text = str(value.get("text") or value.get("alt_text") or "")
        return said(text) if value.get("type") == "mrkdwn" else text
    return str(value or "")


def _part(part: Json, deep: int = 0) -> str:
    """A section, a quote, code or a list of them, and lists in lists."""
    if deep > DEEPEST:
        return ""
    if part.get("type") == "rich_text_list":
        mark = "{}." if part.get("style") == "ordered" else "-"
        indent = "  " * min(int(part.get("indent") or 0), DEEPEST)
        items = [_part(each, deep + 1) for each in _dicts(part.get("elements"))]
        return "\n".join(f"{indent}{mark.format(number)} {item}" for number, item in enumerate(items, 1))
    words = "".join(_element(each) for each in _dicts(part.get("elements")))
    if part.get("type") == "rich_text_quote":
        return "\n".join(f"> {line}" for line in words.splitlines())
    return f"```\n{words}\n```" if part.get("type") == "rich_text_preformatted" else words


def _element(element: Json) -> str:
    kind = str(element.get("type"))
    return _ELEMENTS[kind](element) if kind in _ELEMENTS else str(element.get("text") or "")


def _link(element: Json) -> str:
    url, text = str(element.get("url") or ""), str(element.get("text") or "")
    return said(f"<{url}|{text}>" if text else f"<{url}>")


_ELEMENTS: Mapping[str, Callable[[Json], str]] = {
    "link": _link,
    "user": lambda each: f"@{each.get('user_id') or ''}",
    "usergroup": lambda each: f"@{each.get('usergroup_id') or ''}",
    "channel": lambda each: f"#{each.get('channel_id') or ''}",
    "broadcast": lambda each: f"@{each.get('range') or ''}",
    "emoji": lambda each: f":{each.get('name') or ''}:",
    "date": lambda each: str(each.get("fallback") or "a date"),
    "color": lambda each: str(each.get("value") or ""),
}


def _dicts(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
