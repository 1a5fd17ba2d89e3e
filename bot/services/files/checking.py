"""What a file is, by what is in it: its name is a stranger's word, and decides nothing but how a text is called."""

import asyncio
import codecs
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from bot.services.files.bounds import GUESTS, Bounds
from bot.services.files.kinds import MEGABYTE, OFFICE, PDF, PICTURE, TEXT
from bot.services.limits.refusals import refused
from mcp_runtime.tools.untrusted_text import hides, quotable

PATIENCE = 30.0
"""Seconds for one file to be read; the process's own limit is on what it computes."""
AT_A_TIME = 2
CONFINED = Path(__file__).with_name("confined.py")
TEXTS = ("txt", "text", "md", "markdown", "csv", "tsv", "log")
_BEGINNINGS = (
    (PICTURE, re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF.{4}WEBP|GIF8[79]a", re.DOTALL)),
    (PDF, re.compile(rb"%PDF-")),
)
_ZIPPED = b"PK\x03\x04"
_MARKED = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_ENDS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}
_NAMED = re.compile(r"\.([A-Za-z0-9]{1,10})$", re.ASCII)
_UNFIT = re.compile(r"[<>:|?*`~&%#;{}$!^\\/]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
LONGEST_STEM = 60
WIDEST = 4
"""Bytes of a character, at most."""


@dataclass(frozen=True)
class Checked:
    """As it is kept: pictures and papers made anew, texts in UTF-8, of office files their words."""

    kind: str
    mime: str
    name: str
    content: bytes
    tokens: int
    width: int = 0
    height: int = 0
    cut: bool = False
    """It is the beginning alone."""


def kind_of(content: bytes) -> str:
    """By how it begins; what begins like nothing known may be text."""
    return next((kind for kind, begins in _BEGINNINGS if begins.match(content)), TEXT)


async def checked(name: str, content: bytes, kind: str, whose: str, bounds: Bounds = GUESTS) -> Checked:
    """``kind`` as `kind_of` found it; one file at a time of ``whose``. Raises `Refused`."""
    if kind == TEXT and bounds.lenient and content.startswith(_ZIPPED):
        kind = OFFICE
    if kind == TEXT:
        return _text(name, content, bounds)
    most = bounds.characters if kind == OFFICE else bounds.pages
    async with _TURNS.of(whose), _TURNS.one():
        told, made = await _read_apart(kind, content, most)
    if kind == OFFICE:
        return _kept(name, str(told["form"]), _shown(made.decode()), cut=bool(told["cut"]))
    if len(made) > bounds.bytes:
        raise refused("file_size", most=bounds.bytes // MEGABYTE)
    mime = str(told["mime"])
    size = int(told["width"]), int(told["height"])
    return Checked(kind, mime, tidy(name, _ENDS[mime]), made, int(told["tokens"]), *size)


def tidy(name: str, ending: str) -> str:
    """One line that is no path, hides nothing and ends as it should."""
    bare = re.split(r"[/\\]", name)[-1]
    stem = " ".join(_UNFIT.sub(" ", _NAMED.sub("", quotable(bare, 200))).split())
    stem = stem.strip(" .-_")[:LONGEST_STEM].strip()
    return f"{stem or 'file'}.{ending}"


def _text(name: str, content: bytes, bounds: Bounds) -> Checked:
    found = _NAMED.search(name.strip())
    ending = found[1].lower() if found else "txt"
    if ending not in TEXTS and not bounds.lenient:
        raise refused("file_mismatch")
    # No more is decoded than is taken, whatever it is encoded in.
    beginning = content[: bounds.characters * WIDEST + WIDEST]
    text = _decoded(beginning, whole=len(beginning) == len(content), guess=bounds.lenient and ending in TEXTS)
    long = len(text) > bounds.characters
    if long and not bounds.lenient:
        raise refused("file_long", most=bounds.characters)
    return _kept(name, ending, _shown(text[: bounds.characters]), cut=long)


def _kept(name: str, ending: str, text: str, *, cut: bool) -> Checked:
    if not text.strip():
        raise refused("file_empty")
    kept = text.encode()
    return Checked(TEXT, "text/plain", tidy(name, ending), kept, math.ceil(len(kept) / 3), cut=cut)


def _decoded(content: bytes, *, whole: bool, guess: bool) -> str:
    """``guess``: what marks itself as nothing and is no UTF-8 may be as Windows writes it."""
    encoding = next((name for mark, name in _MARKED if content.startswith(mark)), "utf-8")
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=whole)
    except UnicodeDecodeError:
        if not guess or encoding != "utf-8":
            raise refused("file_encoding") from None
        text = content.decode("cp1252", errors="replace")
    if _CONTROL.search(text):
        raise refused("file_encoding")
    return text


def _shown(text: str) -> str:
    """Without what nobody sees; lines end alike."""
    return "".join(each for each in text.replace("\r\n", "\n").replace("\r", "\n") if each in "\n\t" or not hides(each))


class _Turns:
    """Of this process: each event loop has its own, as a semaphore belongs to one."""

    def __init__(self) -> None:
        self._of: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None
        self._each = WeakValueDictionary[str, asyncio.Lock]()

    def of(self, whose: str) -> asyncio.Lock:
        """So that one link's slow pictures hold no turn of another's."""
        return self._each.setdefault(whose, asyncio.Lock())

    def one(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if self._of is None or self._of[0] is not loop:
            self._of = loop, asyncio.Semaphore(AT_A_TIME)
        return self._of[1]


_TURNS = _Turns()


async def _read_apart(kind: str, content: bytes, most: int) -> tuple[dict[str, Any], bytes]:
    # Isolated from the folder it runs in, and without one variable of ours: secrets stand in them.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(CONFINED),
        kind,
        str(most),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate(content)
    except TimeoutError:
        raise refused("file_broken") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    line, _, made = output.partition(b"\n")
    if process.returncode != 0 or not line:  # killed, by its own limits
        raise refused("file_broken")
    told = json.loads(line)
    if code := told.get("refused"):
        raise refused(code, **told["values"])
    return told, made
