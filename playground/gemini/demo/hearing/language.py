"""What a language other than English is known by, and how its phrases are said in plain English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    marks: frozenset[str]
    """Words by which it is known."""
    lead: str
    """Said once, in it, before an answer in English."""
    phrases: tuple[tuple[str, str], ...]
    """Patterns and their meaning, the longer ones first."""
