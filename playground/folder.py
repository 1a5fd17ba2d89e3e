"""The folder that keeps a playground: who has it, and how it is emptied.

Locks tell, and no file with a number in it: a lock ends with the processes that hold it, however those end.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.processes import holding
from playground.trouble import CannotStart

LAUNCHER, PARTS = "launcher.lock", "parts.lock"
OURS = ("playground.json*", "cards.json*", "usher.*", "notes.*", "calendar.*", "slack")
"""All that a run leaves behind, but for the locks."""
PARTS_END_WITHIN = 10.0
LOOK_EVERY = 0.05


class Running(Exception):
    """Somebody has this folder's playground running."""


@contextmanager
def held(folder: Path) -> Iterator[int]:
    """The folder is ours until the block ends; raises `Running`.

    Gives a descriptor for the parts to inherit: as long as one of them has it, the folder is not free.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (launcher := _lock(folder / LAUNCHER)) is None:
        raise Running
    try:
        parts = _until_the_last_parts_have_ended(folder / PARTS)
        try:
            yield parts
        finally:
            os.close(parts)
    finally:
        os.close(launcher)


def empty(folder: Path) -> None:
    """Forget all that was kept, and nothing that somebody else put there."""
    for pattern in OURS:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _lock(file: Path) -> int | None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _until_the_last_parts_have_ended(file: Path) -> int:
    """After a kill they need a moment: they end in order, and the database is theirs until then."""
    deadline = time.monotonic() + PARTS_END_WITHIN
    while (descriptor := _lock(file)) is None:
        if time.monotonic() > deadline:
            named = ", ".join(holding(str(file))) or "python -m app, python -m playground.notes"
            raise CannotStart(f"Parts of an earlier run in {file.parent} do not end: {named}. End them; try again.")
        time.sleep(LOOK_EVERY)
    return descriptor
