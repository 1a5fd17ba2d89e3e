"""Names and texts of a call as paragraphs that fit into sections: whole, or the two ends of what is long."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.slack.screens.blocks.reading import SECTION
from bot.slack.screens.blocks.text import escaped
from bot.slack.screens.blocks.visible_text import Mark, marked, marks

INLINE, SHORT_NAME = 300, 200
WHOLE, END = 1200, 500
"""Characters: where there is no room for all, of a text longer than ``WHOLE`` each end is shown."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


@dataclass(frozen=True)
class Paragraphs:
    """``briefly``: without the middle of what is long, which is counted."""

    briefly: bool = False

    def named(self, argument: str, value: Any) -> Iterator[str]:
        label, before = self.label(argument, "The name of an argument")
        yield from before
        yield from self.quoted(label, value)

    def label(self, name: str, what: str) -> tuple[str, list[str]]:
        """The name; one that is too long for that stands in paragraphs before it, and is called what it is."""
        if _PLAIN_NAME.fullmatch(name):
            return name, []
        if _taken(name, SHORT_NAME) == len(name):
            return f"`{in_code(name) or '⟨no name⟩'}`", []
        return "_Its value_", list(self._text(f"_{what}_", name))

    def quoted(self, label: str, value: Any) -> Iterator[str]:
        """A text as it is, anything else as JSON."""
        if value == "":
            yield f"{label}: _empty_"
        else:
            yield from self._text(label, value if isinstance(value, str) else _json(value))

    def _text(self, label: str, text: str) -> Iterator[str]:
        if "\n" not in text and "`" not in text and _taken(text, INLINE) == len(text):
            yield f"{label}: `{escaped(marked(text))}`"
        elif not self.briefly or _taken(text, WHOLE) == len(text):
            yield from _fenced(f"{label}:\n", text)
        else:
            yield from _ends(label, text)


def in_code(name: str) -> str:
    """Fit to stand in code on a line."""
    return escaped(marked(name).replace("`", "⟨U+0060⟩"))


def _ends(label: str, text: str) -> Iterator[str]:
    head, tail = text[: _taken(text, END)], _tail(text[_taken(text, END) :][-END:])
    head, tail = head.rstrip() or head, tail.lstrip() or tail  # a blank at a cut is no blank at an end
    yield from _fenced(f"{label}:\n", head)
    yield f"_{len(text) - len(head) - len(tail):,} characters between, of {len(text):,} in all_"
    yield from _fenced("", tail)


def _fenced(label: str, text: str) -> Iterator[str]:
    """Code blocks, one after another, each closed."""
    for chunk in _chunks(marks(text), SECTION - len(label) - 6):
        yield f"{label}```{chunk}```"
        label = ""


def _chunks(found: Iterable[Mark], most: int) -> Iterator[str]:
    """Cut between lines where there are any."""
    chunk = ""
    for mark in found:
        shown = _coded(mark)
        if len(chunk) + len(shown) > most:
            at = chunk.rfind("\n", most // 2) + 1 or len(chunk)
            yield chunk[:at]
            chunk = chunk[at:]
        chunk += shown
    yield chunk


def _coded(mark: Mark) -> str:
    """Blanks of no width keep backticks from ending the code they stand in."""
    return escaped(mark.shown).replace("`", "\u200b`\u200b")


def _taken(text: str, most: int) -> int:
    """How much of the beginning is shown in so many characters."""
    size = length = 0
    for mark in marks(text):
        size += len(_coded(mark))
        if size > most:
            break
        length += mark.length
    return length


def _tail(text: str) -> str:
    while _taken(text, END) < len(text):
        text = text[len(text) // 4 + 1 :]
    return text


def _json(value: Any) -> str:
    short = json.dumps(value, ensure_ascii=False)
    nested = isinstance(value, dict) or len(short) > 80
    return json.dumps(value, ensure_ascii=False, indent=2) if nested else short
