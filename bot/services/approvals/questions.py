"""What a yes to a call would do, in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A line of a question. ``quoted``: the argument's own words are shown, whole, instead of ``text``."""

    label: str
    text: str = ""
    argument: str = ""
    """The argument that this line accounts for; empty when it tells something else."""
    quoted: bool = False
    until: float | None = None
    """A moment after the text, in seconds since 1970, shown in the reader's own zone."""


@dataclass(frozen=True)
class Question:
    """A call of Usher's own in words. Arguments that no fact accounts for are shown beside it as they came."""

    title: str
    facts: tuple[Fact, ...]
