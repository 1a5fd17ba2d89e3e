"""The sheets of a workbook, as lines of cells."""

import re

from .archive import Archive, Attributes, Words, elements, listed
from .dates import Dates

COLUMNS = 256
"""Of a sheet; what stands further to the right is left out."""


def workbook(archive: Archive, words: Words) -> None:
    shared = _shared(archive.read("xl/sharedStrings.xml"))
    dates = Dates.of(archive)
    sheets = listed(archive, "xl/workbook.xml", "sheet", "xl/worksheets/sheet")
    for number, (title, name) in enumerate(sheets, 1):
        words.add(f"\n[sheet {title or number}]\n")
        Sheet(shared, dates, words).read(archive.read(name))


def _shared(xml: bytes) -> list[str]:
    """The texts that cells name by their place."""
    found: list[list[str]] = []
    inside = phonetic = False

    def started(name: str, _: Attributes) -> None:
        nonlocal inside, phonetic
        if name == "si":
            found.append([])
        phonetic = phonetic or name == "rPh"
        inside = name == "t" and not phonetic

    def ended(name: str) -> None:
        nonlocal inside, phonetic
        inside = False
        phonetic = phonetic and name != "rPh"

    if xml:
        elements(xml, started, ended, lambda text: found[-1].append(text) if inside and found else None)
    return ["".join(each) for each in found]


class Sheet:
    """Rows as lines, cells parted by tabs, at the place that they name."""

    def __init__(self, shared: list[str], dates: Dates, words: Words) -> None:
        self._shared, self._dates, self._words = shared, dates, words
        self._row: list[str] = []
        self._kind, self._text, self._style, self._inside = "", "", "", False

    def read(self, xml: bytes) -> None:
        elements(xml, self._started, self._ended, self._said)

    def _started(self, name: str, given: Attributes) -> None:
        if name == "row":
            self._row = []
        elif name == "c":
            self._kind, self._text, self._style = given.get("t", "n"), "", given.get("s", "")
            gap = min(_column(given.get("r", "")), COLUMNS) - len(self._row)
            self._row += [""] * gap
        self._inside = name in ("v", "t")

    def _said(self, text: str) -> None:
        if self._inside:
            self._text += text

    def _ended(self, name: str) -> None:
        self._inside = False
        if name == "c" and len(self._row) < COLUMNS:
            self._row.append(self._cell())
        elif name == "row":
            self._words.add("\t".join(self._row).rstrip() + "\n")

    def _cell(self) -> str:
        if self._kind == "s":
            place = int(self._text or -1)
            return self._shared[place] if 0 <= place < len(self._shared) else ""
        if self._kind == "n":
            return self._dates.told(self._text, self._style)
        return {"0": "FALSE", "1": "TRUE"}.get(self._text, "") if self._kind == "b" else self._text


def _column(reference: str) -> int:
    """From ``C7`` to 2; 0 where it names none."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    number = 0
    for letter in letters[0] if letters else "A":
        number = number * 26 + ord(letter) - 64
    return number - 1
