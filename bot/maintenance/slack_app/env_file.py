"""`.env`: values put into it; every other line stays as it is, byte for byte."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

WORD = re.compile(r"[!-~]+")
"""One word of plain characters: nothing that would have to be quoted, or could end a line and begin another."""


def begin(path: Path, text: str) -> None:
    """A new file, unless one is there by now. Raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def put(path: Path, values: Mapping[str, str | None]) -> None:
    """For the account of Usher alone, and never half: others of the machine read neither the file nor its forerunner.

    Raises OSError, or UnicodeDecodeError when what is there is no text.
    """
    place = path.resolve()  # a link stays one
    kept = place.read_bytes().decode() if place.exists() else ""
    owner = place.stat() if place.exists() else None
    number, temporary = tempfile.mkstemp(dir=place.parent, prefix=".env-")  # with mode 0600 from the start
    try:
        with os.fdopen(number, "wb") as file:
            if owner and owner.st_uid != os.geteuid():  # root fills in what Usher's account is to read
                os.fchown(number, owner.st_uid, owner.st_gid)
            file.write(filled(kept, values).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """With these variables set, or without them (None); of several lines for one the last counts, as when read."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    for name, value in values.items():
        live = _places(lines, rf"\s*(export\s+)?{name}\s*=")
        if value is None:
            lines = [each for number, each in enumerate(lines) if number not in live]
            continue
        if not WORD.fullmatch(value):
            raise ValueError(f"a value for {name} that is no plain word")
        line = f"{name}={value}{end}"
        if live:
            lines[live[-1]] = line
        elif found := _places(lines, rf"\s*#\s*{name}="):
            lines.insert(found[-1] + 1, line)
        else:
            lines.append(line)
    return "".join(lines)


def _places(lines: list[str], pattern: str) -> list[int]:
    return [number for number, line in enumerate(lines) if re.match(pattern, line, re.IGNORECASE)]
