"""The files that a command names: found once, pinned by what they hold, and looked at again before each use."""

import asyncio
import hashlib
import os
import shutil
import stat
from pathlib import Path

from mcp_runtime.commands.typed import FETCHES, FETCHING, NotRunnable, words_of
from mcp_runtime.specs import Command

PATH = "/usr/local/bin:/usr/bin:/bin"
BELOW = Path("/usr")
LARGEST = 512 << 20
"""Bytes of one file."""
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

NOT_FOUND = "There is no program “{}” in {} of the machine that I run on. Install it there, or name its whole path."
RELATIVE = "Name the program alone, or by its whole path from / on: it has no folder that it could start from."
OUTSIDE = "“{}” is not below {}: a program sees nothing else of this machine. Install it there."
NO_FILE = "“{}” is no file that could be run."
WRITABLE = "“{}”, or a folder that it lies in, can be changed by others than root, so it could become something else."
TOO_LARGE = "“{}” is too large."
Seen = tuple[int, int, int, int, int]


class Commands:
    """Programs lie ``below`` one folder, which every sandbox shows, and nobody but ``owner`` can change them."""

    def __init__(self, path: str = PATH, below: Path = BELOW, owner: int = 0) -> None:
        self._path = path
        self._below = below
        self._owner = owner
        self._digests: dict[str, tuple[Seen, str]] = {}

    async def found(self, text: str, variables: tuple[tuple[str, str], ...] = (), megabytes: int = 256) -> Command:
        """What this line names here and now; raises `NotRunnable`."""
        return await asyncio.to_thread(self._found, words_of(text), variables, megabytes)

    async def stands(self, command: Command) -> bool:
        """Whether each of its files is still what it was when it was confirmed."""
        return await asyncio.to_thread(self._stands, command)

    def _found(self, typed: tuple[str, ...], variables: tuple[tuple[str, str], ...], megabytes: int) -> Command:
        program = self._program(typed[0])
        words, files = [str(program)], [program, *self._interpreter(program)]
        for word in typed[1:]:
            option, equals, value = word.rpartition("=") if "=/" in word else ("", "", word)
            if (file := self._file(value)) is not None:
                files.append(file)
                word = f"{option}{equals}{file}"
            words.append(word)
        pinned = {str(file): self._digest(file) for file in files}
        return Command(tuple(words), tuple(pinned.items()), variables, megabytes)

    def _program(self, name: str) -> Path:
        if "/" in name and not name.startswith("/"):
            raise NotRunnable(RELATIVE)
        there = name if name.startswith("/") else shutil.which(name, path=self._path)
        if there is None or not _is_there(there):
            raise NotRunnable(NOT_FOUND.format(name[:60], self._path))
        program = self._checked(there)
        if not program.stat().st_mode & stat.S_IXOTH:
            raise NotRunnable(NO_FILE.format(name[:60]))
        if (real := program.name.removesuffix(".js").removesuffix("-cli")) in FETCHES:
            raise NotRunnable(FETCHING.format(real))
        return program

    def _interpreter(self, program: Path) -> list[Path]:
        """What a script says that it is run by."""
        with program.open("rb") as file:
            line = file.readline(256)
        if not line.startswith(b"#!"):
            return []
        words = line[2:].decode(errors="replace").split()
        interpreter = [self._checked(words[0])] if words else []
        if interpreter and interpreter[0].name == "env":
            named = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
            interpreter.append(self._program(named))
        return interpreter

    def _file(self, word: str) -> Path | None:
        return self._checked(word) if word.startswith("/") and _is_there(word) and Path(word).is_file() else None

    def _checked(self, name: str) -> Path:
        """Where it really lies, by no link that could be led elsewhere later; raises `NotRunnable`."""
        try:
            real = Path(name).resolve(strict=True)
        except (OSError, RuntimeError):
            raise NotRunnable(NO_FILE.format(name[:60])) from None
        if not real.is_relative_to(self._below):
            raise NotRunnable(OUTSIDE.format(name[:60], self._below))
        if not real.is_file() or not os.access(real, os.R_OK):
            raise NotRunnable(NO_FILE.format(name[:60]))
        above = [each for each in real.parents if each.is_relative_to(self._below)]
        if any(self._others_write(each) for each in (real, *above)):
            raise NotRunnable(WRITABLE.format(name[:60]))
        return real

    def _others_write(self, path: Path) -> bool:
        """Else it could be exchanged between being looked at and being run."""
        found = path.stat()
        return found.st_uid != self._owner or bool(found.st_mode & OTHERS_WRITE)

    def _stands(self, command: Command) -> bool:
        try:
            return all(self._same(path, digest) for path, digest in command.files)
        except (NotRunnable, OSError):
            return False

    def _same(self, path: str, digest: str) -> bool:
        return str(self._checked(path)) == path and self._digest(Path(path)) == digest

    def _digest(self, file: Path) -> str:
        """Read again only when the kernel says that it was touched: its time of change can be set by nobody."""
        with file.open("rb") as opened:
            found = os.fstat(opened.fileno())
            if found.st_size > LARGEST:
                raise NotRunnable(TOO_LARGE.format(file.name[:60]))
            seen = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if (held := self._digests.get(str(file))) is not None and held[0] == seen:
                return held[1]
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        self._digests[str(file)] = seen, digest
        return digest


def _is_there(name: str) -> bool:
    """Not where the system cannot say, as of what is no name of a file, or lies in a folder that is closed to us."""
    try:
        return Path(name).exists()
    except OSError:
        return False
