"""Where a message in Markdown may end and the next begin, and what carries over between them; pure.

Told line by line, since a fence, a table and a heading are whole lines; within a paragraph, between words.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from bot.slack.screens.blocks.open_spans import gaps, open_at_end

LONGEST_LEAD = 2_000
"""Characters of a table's head that are worth saying again."""

_FENCE = re.compile(r"[ \t]*(?:`{3,}[^`\n]*|~{3,}[^\n]*)$")
_RULE_ROW = re.compile(r"(?=.*\|)(?=.*-)[ \t:|-]+$")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_MARKER = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?")


class Rank(IntEnum):
    """The higher, the better to end a message there."""

    SPAN = 0  # its marks are closed here and opened again
    WORD = 1
    INDENTED = 2  # a line, and what follows belongs to a list's item
    LINE = 3
    PARAGRAPH = 4


@dataclass(frozen=True, order=True)
class Place:
    at: int
    rank: Rank


@dataclass
class _Reader:
    """What a text looks like at its end, and the places on the way there."""

    text: str
    since: int
    """Places before it are of no interest: most of a long answer is shown, and yet read again with each piece."""
    places: dict[int, Rank] = field(default_factory=dict)
    fence: str = ""
    """The line that opened the code block it is in."""
    head: str = ""
    """Of the table it is in: the names of the columns, and the line under them."""
    paragraph: int = 0
    """Where the running paragraph begins."""
    glued: bool = False
    """What comes next stays with what was read: a heading, or a fence that was just opened."""

    def read(self) -> "_Reader":
        *lines, last = self.text.split("\n")
        at = 0
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else None  # as far as it is known to its end
            self._line(line, at, following, whole=True)
            at += len(line) + 1
        if last:
            self._line(last, at, None, whole=False)
        self._words(at + len(last), finished=False)
        return self

    def _line(self, line: str, at: int, following: str | None, *, whole: bool) -> None:
        end = at + len(line) + whole
        if self.fence:
            self._in_fence(line, at, end, whole)
        elif _FENCE.match(line):
            self._break(at, end)
            self.fence, self.head, self.glued = line, "", True
        elif not line.strip():
            self._break(at, end)
            self.head = ""
            self._may_end(end, Rank.INDENTED if _indented(following) else Rank.PARAGRAPH, whole)
        elif _HEADING.match(line):
            self._break(at, end)
            self.head, self.glued = "", True
        elif line.lstrip().startswith("|") or (self.head and "|" in line) or _heads(line, following):
            self._row(line, at, end, following, whole)
        else:
            self.head, self.glued = "", False
            self._may_end(end, Rank.INDENTED if _indented(following) else Rank.LINE, whole)

    def _in_fence(self, line: str, at: int, end: int, whole: bool) -> None:
        if closes(self.fence, line):
            self.fence, self.paragraph = "", end
        elif not self.glued and end >= self.since:
            self.places |= {at + each.end(): Rank.WORD for each in re.finditer(r"(?<=\S)[ \t]+", line)}
        self.glued = False
        self._may_end(end, Rank.LINE, whole)

    def _row(self, line: str, at: int, end: int, following: str | None, whole: bool) -> None:
        """The head, the line under it and the first row stay together; a row is never cut."""
        self._break(at, end)
        if not self.head and _heads(line, following):
            self.head = line + "\n"
        elif self.head.count("\n") == 1:
            self.head += line + "\n"
        else:
            self.glued = False
            self._may_end(end, Rank.LINE, whole and bool(self.head or following is not None))

    def _may_end(self, at: int, rank: Rank, whole: bool) -> None:
        if whole and at and not self.glued:
            self.places[at] = rank

    def _break(self, at: int, end: int) -> None:
        """The running paragraph ended before this line, and the next begins after it."""
        self._words(at, finished=True)
        self.paragraph = end

    def _words(self, end: int, *, finished: bool) -> None:
        """Between the words of a paragraph; the end of a line within open marks is no better than that of a word."""
        begin = self.paragraph
        if begin >= end or end < self.since or self.fence:
            return
        for gap in gaps(self.text[begin:end], finished=finished, since=max(0, self.since - begin)):
            at = begin + gap.ends
            if gap.marks:
                self.places.pop(at, None)
                self.places[begin + gap.begins] = Rank.SPAN
            elif at not in self.places and not _only_marker(self.text, at):
                self.places[at] = Rank.WORD


def _indented(line: str | None) -> bool:
    return line is not None and line[:1] in (" ", "\t") and bool(line.strip())


def _heads(line: str, following: str | None) -> bool:
    return "|" in line and following is not None and bool(_RULE_ROW.match(following))


def _only_marker(text: str, at: int) -> bool:
    """Nothing but an item's mark stands before it in its line."""
    start = text.rfind("\n", 0, at) + 1
    found = _MARKER.match(text, start)
    return found is not None and found.end() >= at


def _mark(fence: str) -> str:
    bare = fence.strip()
    return bare[0] * (len(bare) - len(bare.lstrip(bare[0])))


def closes(fence: str, line: str) -> bool:
    """Whether the line ends the block that ``fence`` has opened."""
    bare, mark = line.strip(), _mark(fence)
    if _indent(line) > 3 >= _indent(fence):
        return False  # it is a line of the code
    return len(bare) >= len(mark) and bare == mark[0] * len(bare)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def places(before: str, text: str) -> list[Place]:
    """In ``text``, which goes on from ``before``: in order, counted from where it begins."""
    found = _Reader(before + text, len(before)).read().places
    return sorted(Place(at - len(before), rank) for at, rank in found.items() if at >= len(before))


def _at_end(text: str) -> _Reader:
    return _Reader(text, len(text) + 1).read()


def open_fence(text: str) -> str:
    """The line that opened the code block in which the text ends, or nothing."""
    return _at_end(text).fence


def closing(text: str, *, cut: bool = True) -> str:
    """What ends a message that shows ``text``: its code block, and where it is ``cut`` the marks of its last words."""
    reader = _at_end(text)
    if reader.fence:
        indent = reader.fence[: len(reader.fence) - len(reader.fence.lstrip())]
        return ("" if text.endswith("\n") else "\n") + indent + _mark(reader.fence)
    return "".join(reversed(_marks(reader))) if cut else ""


def opening(text: str) -> str:
    """What the next message begins with: the same code block, the table's head, the same marks."""
    reader = _at_end(text)
    if reader.fence:
        return reader.fence + "\n"
    if reader.head:
        again = text.endswith("\n") and reader.head.count("\n") == 2 and len(reader.head) <= LONGEST_LEAD
        return reader.head if again else ""
    return "".join(_marks(reader))


def _marks(reader: _Reader) -> tuple[str, ...]:
    last = reader.text[reader.paragraph :]
    return () if not last or last[-1].isspace() else open_at_end(last)
