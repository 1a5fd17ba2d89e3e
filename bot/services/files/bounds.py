"""How much of files is taken and shown to a model, by who sends them."""

from dataclasses import dataclass

from bot.services.files.kinds import MEGABYTE


@dataclass(frozen=True)
class Shown:
    """Of all files together in one request; each request sends them again."""

    tokens: int
    bytes: int


@dataclass(frozen=True)
class Bounds:
    """Of one file."""

    characters: int
    """Of a text."""
    pages: int
    """Of a PDF."""
    bytes: int
    """Of what is kept of it, pictures and papers made anew."""
    lenient: bool = False
    """A text may be called whatever it is, and of a longer one its beginning is taken; office files are read."""


GUESTS = Bounds(characters=30_000, pages=20, bytes=10 * MEGABYTE)
GUESTS_SHOWN = Shown(tokens=16_000, bytes=8_000_000)
MEMBERS = Bounds(characters=100_000, pages=50, bytes=8 * MEGABYTE, lenient=True)
MEMBERS_SHOWN = Shown(tokens=60_000, bytes=10 * MEGABYTE)
"""With what tools give beside it, a request stays below the 20 MB that the model's API takes."""
