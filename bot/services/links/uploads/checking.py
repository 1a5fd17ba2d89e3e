"""What a file is, by what is in it: its name is a stranger's word, and decides nothing but how a text is called."""

import asyncio
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from bot.services.links.uploads.values import PDF, PICTURE, TEXT
from bot.services.refusals import refused
from mcp_runtime.tools.untrusted_text import hides, quotable

MOST_CHARACTERS = 30_000
PATIENCE = 30.0
"""Seconds for one file to be made anew; the process's own limit is on what it computes."""
AT_A_TIME = 2
ANEW = Path(__file__).with_name("anew.py")
TEXTS = ("txt", "text", "md", "markdown", "csv", "tsv", "log")
_BEGINNINGS = (
    (PICTURE, re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF.{4}WEBP|GIF8[79]a", re.DOTALL)),
    (PDF, re.compile(rb"%PDF-")),
)
_MARKED = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_ENDS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}
_NAMED = re.compile(r"\.([A-Za-z0-9]{1,10})$", re.ASCII)
_UNFIT = re.compile(r"[<>:|?*`~&%#;{}$!^\\/]+")
LONGEST_STEM = 60


@dataclass(frozen=True)
class Checked:
    """As it is kept: pictures and papers made anew, texts in UTF-8."""

    kind: str
    mime: str
    name: str
    content: bytes
    tokens: int
    width: int = 0
    height: int = 0


def kind_of(content: bytes) -> str:
    """By how it begins; what begins like nothing known may be text."""
    return next((kind for kind, begins in _BEGINNINGS if begins.match(content)), TEXT)


async def checked(name: str, content: bytes, kind: str, whose: str) -> Checked:
    """``kind`` as `kind_of` found it; one file at a time of ``whose``. Raises `Refused`."""
    if kind == TEXT:
        return _text(name, content)
    async with _TURNS.of(whose), _TURNS.one():
        told, made = await _made_anew(kind, content)
    mime = str(told["mime"])
    size = int(told["width"]), int(told["height"])
    return Checked(kind, mime, tidy(name, _ENDS[mime]), made, int(told["tokens"]), *size)


def tidy(name: str, ending: str) -> str:
    """One line that is no path, hides nothing and ends as it should."""
    bare = re.split(r"[/\\]", name)[-1]
    stem = " ".join(_UNFIT.sub(" ", _NAMED.sub("", quotable(bare, 200))).split())
    stem = stem.strip(" .-_")[:LONGEST_STEM].strip()
    return f"{stem or 'file'}.{ending}"


def _text(name: str, content: bytes) -> Checked:
    found = _NAMED.search(name.strip())
    ending = found[1].lower() if found else "txt"
    if ending not in TEXTS:
        raise refused("file_mismatch")
    text = _decoded(content)
    if len(text) > MOST_CHARACTERS:
        raise refused("file_long", most=MOST_CHARACTERS)
    if not text.strip():
        raise refused("file_empty")
    kept = text.encode()
    return Checked(TEXT, "text/plain", tidy(name, ending), kept, math.ceil(len(kept) / 3))


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKED if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise refused("file_encoding") from None
    if any(each < " " and each not in "\t\n\r\f" for each in text):
        raise refused("file_encoding")
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


async def _made_anew(kind: str, content: bytes) -> tuple[dict[str, Any], bytes]:
    # Isolated from the folder it runs in, and without one variable of ours: secrets stand in them.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(ANEW),
        kind,
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
