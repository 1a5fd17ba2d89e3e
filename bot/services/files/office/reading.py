"""Which office file it is, and the words of documents and slides."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from ..unfit import Unfit
from .archive import Archive, Attributes, Enough, Words, elements, listed
from .sheets import workbook

Made = tuple[dict[str, Any], bytes]
Read = Callable[[Archive, Words], None]


def office(content: bytes, most: int) -> Made:
    words, cut = Words(most), False
    with ZipFile(BytesIO(content)) as archive:
        form, read = _form(archive)
        try:
            read(Archive(archive), words)
        except Enough:
            cut = True
    return {"form": form, "cut": cut}, str(words).strip().encode(errors="replace")


def _form(archive: ZipFile) -> tuple[str, Read]:
    names = set(archive.namelist())
    forms: tuple[tuple[str, str, Read], ...] = (
        ("word/document.xml", "docx", _document),
        ("xl/workbook.xml", "xlsx", workbook),
        ("ppt/presentation.xml", "pptx", _slides),
    )
    for member, form, read in forms:
        if member in names:
            return form, read
    raise Unfit("file_mismatch")


def _document(archive: Archive, words: Words) -> None:
    _paragraphs(archive.read("word/document.xml"), words)
    for name in ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml"):
        if xml := archive.read(name):
            words.add(f"\n[{name[5:-4]}]\n")
            _paragraphs(xml, words)


def _slides(archive: Archive, words: Words) -> None:
    slides = listed(archive, "ppt/presentation.xml", "sldId", "ppt/slides/slide")
    for number, (_, name) in enumerate(slides, 1):
        words.add(f"\n[slide {number}]\n")
        _paragraphs(archive.read(name), words)
    for number, name in enumerate(archive.numbered("ppt/notesSlides/notesSlide"), 1):
        words.add(f"\n[notes {number}]\n")
        _paragraphs(archive.read(name), words)


def _paragraphs(xml: bytes, words: Words) -> None:
    """Text stands in ``t``; paragraphs are lines, cells of a table's row are parted by tabs."""
    inside = False
    cells = 0

    def started(name: str, _: Attributes) -> None:
        nonlocal inside, cells
        inside = inside or name == "t"
        if name == "tc":
            cells += 1
        if name in ("tab", "br", "cr"):
            words.add("\t" if name == "tab" else "\n")

    def ended(name: str) -> None:
        nonlocal inside, cells
        if name == "t":
            inside = False
        elif name == "tc":
            cells -= 1
            words.add("\t")
        elif name == "tr" or (name == "p" and not cells):
            words.add("\n")
        elif name == "p":
            words.add(" ")

    elements(xml, started, ended, lambda text: words.add(text) if inside else None)
