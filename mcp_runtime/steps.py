"""How far the opening of a server has come, for whoever waits for it.

The listener is found by its context: what lies between the window that shows the steps and the session that takes them
need not hand it on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum


class Step(IntEnum):
    REACHING = 0
    """Dialling it, and signing in."""
    LISTING = 1
    """It has let us in, and is asked for its tools."""
    SAVING = 2


Listener = Callable[[Step], None]
_listener: ContextVar[Listener | None] = ContextVar("steps", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """What is opened inside tells its steps to ``listener``."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def at(step: Step) -> None:
    if (listener := _listener.get()) is not None:
        listener(step)
