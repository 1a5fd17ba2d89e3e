"""Python's search for garbage is spared what stays for ever: the libraries, two hundred thousand objects.

While they are imported it would look through them again and again, for a quarter of a start; and later each full search
would stop everybody's turn for a seventh of a second.
"""

import gc
from collections.abc import Iterator
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
