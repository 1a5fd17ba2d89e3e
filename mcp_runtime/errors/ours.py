"""What goes wrong on our own side while a session is opened or used."""

from collections.abc import Iterator
from contextlib import contextmanager

from mcp_runtime.errors.base import ServerError


class OurTrouble(Exception):
    """What we do ourselves beside a session has failed, as where the database is away."""


@contextmanager
def on_our_side() -> Iterator[None]:
    """In which an error says nothing of the server, of whatever kind it is; our own words for it pass."""
    try:
        yield
    except ServerError:
        raise
    except Exception as error:
        raise OurTrouble from error
