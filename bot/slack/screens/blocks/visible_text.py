"""A text as a person can check it: what cannot be seen, and blanks that push words out of sight, are named."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.slack.screens.blocks.text import count
from mcp_runtime.tools.untrusted_text import hides

INDENTATION = 16
"""Blanks that may begin a line as they are."""
GAP = 3
"""Blanks that may stand between words, and line breaks between lines, as they are."""
NOUNS = {" ": "blank", "\t": "tab", "\n": "line break"}
OPENING = "⟨"
"""Begins what we put in; in the text itself it is named too, so that nobody can pass for us."""

_RUN = re.compile(r"[ \t\n]+|[!-~]{1,16}|([^ \t\n])\1*")
# Letters, marks and a symbol by their category, blank by their looks.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00013441\U00013442\U00016fe4\U0001d159"
_BLANKS = {"Zs", "Zl", "Zp", "Cn"}


@dataclass(frozen=True)
class Mark:
    shown: str
    length: int
    """Of the text it stands for."""


def marks(text: str) -> Iterator[Mark]:
    """For a few letters, or one for a run of what is named; lazily, for texts may be huge."""
    for found in _RUN.finditer(text):
        run = found[0]
        if run[0] in NOUNS:
            yield from _blanks(run, text, found)
        elif found[1] is None:
            yield Mark(run, len(run))
        elif _unseen(run[0]) and not _in_emoji(text, found):
            yield Mark(_code(run), len(run))
        else:
            yield from (Mark(character, 1) for character in run)


def marked(text: str) -> str:
    return "".join(mark.shown for mark in marks(text))


def _blanks(run: str, text: str, found: re.Match[str]) -> Iterator[Mark]:
    opens, ends = found.start() == 0, found.end() == len(text)
    room = GAP if not opens else INDENTATION if "\n" in text else 0  # nobody sees a blank at the ends of a line
    *lines, last = run.split("\n")
    if len(lines) > GAP:
        above = run[: len(run) - len(last)]
        yield Mark(_told(above) + "\n", len(above))
    else:
        for number, part in enumerate(lines):
            yield from _part(part, INDENTATION if number else room)
            yield Mark("\n", 1)
    yield from _part(last, 0 if ends else INDENTATION if lines else room)


def _part(blanks: str, most: int) -> Iterator[Mark]:
    if not blanks:
        return
    if len(blanks) <= most:
        yield Mark(blanks, len(blanks))
    else:
        yield Mark(_told(blanks), len(blanks))


def _told(blanks: str) -> str:
    """«⟨396 blanks⟩»: in words, since no font need have a sign for them."""
    return f"{OPENING}{', '.join(count(n, NOUNS[each]) for each, n in Counter(blanks).items())}⟩"


def _code(run: str) -> str:
    return f"{OPENING}U+{ord(run[0]):04X}⟩" + (f"×{len(run)}" if len(run) > 1 else "")


def _unseen(character: str) -> bool:
    named = character == OPENING or character in _FILLERS
    return named or hides(character) or unicodedata.category(character) in _BLANKS


def _in_emoji(text: str, found: re.Match[str]) -> bool:
    """One selector or joiner where emoji need it: it can say nothing there."""
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if found[0] == "\ufe0f":
        return _symbol(before)
    return found[0] == "\u200d" and (_symbol(before) or before == "\ufe0f") and _symbol(after)


def _symbol(character: str) -> bool:
    return bool(character) and unicodedata.category(character) in ("So", "Sk")
