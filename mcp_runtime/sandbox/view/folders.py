"""Folders of this machine that the operator lets programs see: nothing else of it is there for them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

INSIDE = "/srv/folders"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
WHOLE_MACHINE = ("/", "/usr", "/etc", "/proc", "/sys", "/dev", "/run", "/root", "/home", "/var", "/tmp", "/boot")  # noqa: S108


@dataclass(frozen=True)
class Folder:
    path: Path
    writable: bool = False


Folders = Mapping[str, Folder]


def parse(text: str) -> dict[str, Folder]:
    """From ``MCP_FOLDERS``: ``name=/path`` or ``name=/path:rw``, by commas. Raises ValueError."""
    found = dict[str, Folder]()
    for entry in filter(None, (word.strip() for word in text.split(","))):
        name, _, path = entry.partition("=")
        writable = path.endswith(":rw")
        folder = Path(path.removesuffix(":rw").removesuffix(":ro"))
        if not NAME.fullmatch(name) or name in found or not path:
            raise ValueError("has to be NAME=/PATH or NAME=/PATH:rw, by commas, each NAME once, in small letters")
        if not folder.is_absolute() or ".." in folder.parts:
            raise ValueError(f"names no whole path for {name}: it has to begin with /")
        if str(folder) in WHOLE_MACHINE:  # whoever means it has a reason that a member's program has not
            raise ValueError(f"would show too much of this machine as {name}: name a folder below it")
        found[name] = Folder(folder, writable)
    return found


def chosen(names: Iterable[str], allowed: Folders) -> dict[str, Folder]:
    """By the path that each gets inside; raises LookupError for one that is not, or no longer, allowed or there."""
    wanted = {f"{INSIDE}/{name}": allowed[name] for name in names}
    for inside, folder in wanted.items():
        if not folder.path.is_dir():
            raise LookupError(inside)
    return wanted
