"""One process at a time."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ASKED_EVERY = 0.2


@asynccontextmanager
async def alone(file: Path) -> AsyncIterator[None]:
    """Until the block ends no other process is in one; a lock of the kernel's, so it goes with its process."""
    held = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # The kernel tells nobody when a lock becomes free.
        while not _taken(held):  # noqa: ASYNC110
            await asyncio.sleep(ASKED_EVERY)
        yield
    finally:
        os.close(held)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
