"""What this process is spared: libraries that it never needs, and the search for garbage in those that stay for ever.

Of these there are two hundred thousand objects.

While they are imported it would look through them again and again, for a quarter of a start; and later each full search
would stop everybody's turn for a seventh of a second.
"""

import gc
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

NEVER = ("PIL", "rich", "python_multipart")
"""What SDKs take along where it is there, and do without where it is not.

The first decodes what strangers send: that is for a process of its own. The others would colour logs that are not ours,
and read forms of an app that has none.
"""


def spared() -> None:
    """Whoever imports these from now on finds that they are not there, and does without."""
    for name in NEVER:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # as the import system has it


@contextmanager
def lasting() -> Iterator[None]:
    """What is made meanwhile is never searched: it stays until the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def warmed(*parts: Callable[[], Awaitable[object]]) -> None:
    """What first turns would import is imported before them, one part after the other, and lasts as well."""
    with lasting():
        for part in parts:
            await part()
