"""Which marks of a paragraph are open where: bold, code and links are not cut in two; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LITERAL_AFTER = 400
"""Characters; a lone star or backtick that is not closed by then is one, and opens nothing."""

_MARKS = r"""\\[!-/:-@\[-`{-~]                                   # an escaped mark
    | \[(?:[^\[\]\n]|\\.)*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)  # a whole link
    | \[ | \](?=[^(]) | `+ | \*+ | _+ | ~~+"""
_MARK = re.compile(_MARKS, re.VERBOSE)
_TOKEN = re.compile(rf"{_MARKS} | \s+", re.VERBOSE)
_LABEL = "["
"""Of a link that may not be whole yet; nothing of it is closed or opened again."""
# Written without blanks between words: here any place between two characters is one.
_DENSE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_NO_START = re.compile(r"[\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\u300d\u300f\u3011\uff09\u3009\u300b]")


@dataclass(frozen=True)
class Gap:
    """Between two words: ``begins`` before the blanks, ``ends`` after them; ``marks`` are those open here."""

    begins: int
    ends: int
    marks: tuple[str, ...]


@dataclass
class _Open:
    mark: str
    at: int


@dataclass
class _Scan:
    text: str
    finished: bool
    """The paragraph ends here: what is not closed never will be."""
    since: int = 0
    """Places before it are of no interest."""
    open: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.since = len(self.text[: self.since].rstrip())  # blanks that end there are of interest, and begin before

    def gaps(self) -> Iterator[Gap]:
        at = 0
        while found := self._next(at):
            yield from self._dense(at, found.start())
            at = found.end()
            mark = found[0]
            if mark.isspace():
                yield Gap(found.start(), at, self.marks(at))
            elif mark[0] == "`":
                at = self._code(found)
            elif mark == "[" and not self.finished:
                self.open.append(_Open(_LABEL, found.start()))
            elif mark == "]":
                self._label_ends()
            elif mark[0] in "*_~":
                self._delimiter(found)
        yield from self._dense(at, len(self.text))

    def _next(self, at: int) -> re.Match[str] | None:
        """The next mark or blank; where blanks are of no interest, a mark."""
        mark = _MARK.search(self.text, at) if at < self.since else None
        return mark if mark and mark.start() < self.since else _TOKEN.search(self.text, max(at, self.since))

    def marks(self, here: int) -> tuple[str, ...]:
        return tuple(each.mark for each in self.open if len(each.mark) > 1 or here - each.at < LITERAL_AFTER)

    def _dense(self, begin: int, end: int) -> Iterator[Gap]:
        for found in _DENSE.finditer(self.text, max(begin, self.since - 1), max(begin, end - 1)):
            place = found.end()
            if not _NO_START.match(self.text[place]):
                yield Gap(place, place, self.marks(place))

    def _code(self, found: re.Match[str]) -> int:
        """Past a code span; what stands in it is no mark."""
        closing = re.compile(rf"(?<!`){found[0]}(?!`)").search(self.text, found.end())
        if closing:
            return closing.end()
        if not self.finished:
            self.open.append(_Open(found[0], found.start()))
        return found.end()

    def _delimiter(self, found: re.Match[str]) -> None:
        mark, left = found[0][0], len(found[0])
        before, after = self.text[found.start() - 1 : found.start()], self.text[found.end() : found.end() + 1]
        opens, closes = not after.isspace(), bool(before) and not before.isspace()
        if mark == "_":  # names_like_this have no marks in them
            opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
        while closes and left and (index := self._last(mark)) is not None:
            del self.open[index + 1 :]
            length = len(self.open[index].mark)
            taken = min(length, left)
            left -= taken
            self.open[index].mark = mark * (length - taken)
            if taken == length:
                self.open.pop()
        if left and opens and not (self.finished and not after):
            self.open.append(_Open(mark * left, found.start()))

    def _label_ends(self) -> None:
        if (index := self._last(_LABEL)) is not None:
            del self.open[index:]

    def _last(self, mark: str) -> int | None:
        return next((i for i in reversed(range(len(self.open))) if self.open[i].mark[0] == mark), None)


def gaps(paragraph: str, *, finished: bool = False, since: int = 0) -> list[Gap]:
    """Where the paragraph may be cut between words, in order; before ``since`` perhaps not all of them."""
    return list(_Scan(paragraph, finished, since).gaps())


def open_at_end(paragraph: str) -> tuple[str, ...]:
    """The marks that the text leaves open, outermost first."""
    scan = _Scan(paragraph, finished=False, since=len(paragraph))
    for _ in scan.gaps():
        pass
    return tuple(mark for mark in scan.marks(len(paragraph)) if mark != _LABEL)
