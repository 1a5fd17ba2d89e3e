"""A mark in what the model is told: an answer that holds it copies its instructions, and goes no further."""

import hashlib
from functools import lru_cache

from bot.services.watch.content.beginnings import Beginnings
from bot.services.watch.content.values import Direction, Passed, Said, Verdict
from storage.tables import Link


class Canary:
    name = "canary"
    directions = frozenset({Direction.AGENT})
    longest = 64

    def __call__(self, said: Said) -> Passed:
        copied = bool(said.canary) and said.canary in said.text
        return Passed(said.text, Verdict.BLOCK if copied else Verdict.ALLOW, ("instructions",) if copied else ())

    def held(self, said: Said) -> int:
        return _beginnings(said.canary).at_the_end_of(said.text)


@lru_cache(maxsize=300)
def _beginnings(canary: str) -> Beginnings:
    """Of those who chat at present: it is asked for each piece of an answer."""
    return Beginnings((canary,))


def canary_of(link: Link) -> str:
    """The same for all turns of a link, so that what the model is told stays the same too."""
    return f"note-{hashlib.sha256(f'canary:{link.id}:{link.frozen}'.encode()).hexdigest()[:16]}"
