"""How much of a file is taken, by who sends it."""

from dataclasses import dataclass

from bot.services.files.kinds import MEGABYTE


@dataclass(frozen=True)
class Bounds:
    characters: int
    """Of a text."""
    pages: int
    """Of a PDF."""
    bytes: int
    """Of what is kept of a file, pictures and papers made anew."""
    lenient: bool = False
    """A text may be called whatever it is, and of a longer one its beginning is taken; office files are read."""


GUESTS = Bounds(characters=30_000, pages=20, bytes=10 * MEGABYTE)
MEMBERS = Bounds(characters=100_000, pages=50, bytes=8 * MEGABYTE, lenient=True)
