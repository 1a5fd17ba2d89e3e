"""Dates and times in workbooks: numbers, which their cell's format makes one."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from .archive import Archive, Attributes, elements

BUILT_IN = frozenset({14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47})
"""Numbers of formats for dates and times that no workbook writes down."""
_NOT_ITS_OWN = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\\\.|_.|\*.")
"""In a format: text, colours and conditions, single signs, room."""
LATEST = 2_958_466
"""The day after 9999-12-31."""


@dataclass(frozen=True)
class Dates:
    styles: tuple[bool, ...]
    """Of each style whether it shows a date."""
    first: datetime

    @classmethod
    def of(cls, archive: Archive) -> "Dates":
        first = datetime(1899, 12, 30)

        def book(name: str, given: Attributes) -> None:
            nonlocal first
            if name == "workbookPr" and given.get("date1904") in ("1", "true"):
                first = datetime(1904, 1, 1)

        elements(archive.read("xl/workbook.xml"), book)
        return cls(_styles(archive.read("xl/styles.xml")), first)

    def told(self, number: str, style: str) -> str:
        place = int(style) if style.isdecimal() else -1
        if not (0 <= place < len(self.styles) and self.styles[place]):
            return number
        try:
            days = float(number)
        except ValueError:
            return number
        if not 0 <= days < LATEST:
            return number
        moment = self.first + timedelta(seconds=round(days * 86_400))
        if days < 1:
            return f"{moment:%H:%M:%S}"
        return f"{moment:%Y-%m-%d}" if days.is_integer() else f"{moment:%Y-%m-%d %H:%M:%S}"


def _styles(xml: bytes) -> tuple[bool, ...]:
    dated = set(BUILT_IN)
    found: list[int] = []
    inside = False

    def started(name: str, given: Attributes) -> None:
        nonlocal inside
        number = int(given.get("numFmtId") or 0)
        inside = inside or name == "cellXfs"
        if name == "numFmt" and re.search("[dmyhs]", _NOT_ITS_OWN.sub("", given.get("formatCode", "")), re.IGNORECASE):
            dated.add(number)
        elif name == "xf" and inside:
            found.append(number)

    def ended(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    if xml:
        elements(xml, started, ended)
    return tuple(number in dated for number in found)
