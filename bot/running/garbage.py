"""Python's search for garbage is spared what stays for ever: the libraries, two hundred thousand objects.

While they are imported it would look through them again and again, for a quarter of a start; and later each full search
would stop everybody's turn for a seventh of a second.
"""

import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


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
