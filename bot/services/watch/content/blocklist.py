"""Phrases that an installation wants to hear neither from guests nor from the agent: literal, whatever their case."""

import re
import unicodedata
from collections.abc import Iterable

from bot.services.watch.content.beginnings import Beginnings
from bot.services.watch.content.values import Direction, Passed, Said, Verdict

MOST_PHRASES, SHORTEST = 1_000, 3


class Blocklist:
    name = "blocklist"
    directions = frozenset({Direction.GUEST, Direction.AGENT})

    def __init__(self, lines: Iterable[str]) -> None:
        """One phrase a line; what begins with # is a remark. Raises ValueError."""
        phrases = [_folded(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if len(phrases) > MOST_PHRASES or any(len(each) < SHORTEST for each in phrases):
            raise ValueError(f"takes at most {MOST_PHRASES:,} phrases of at least {SHORTEST} characters")
        self._phrases = tuple(dict.fromkeys(phrases))
        self._beginnings = Beginnings(self._phrases)
        self.longest = max(map(len, self._phrases), default=0)

    def __call__(self, said: Said) -> Passed:
        text = _folded(said.text)
        blocked = any(phrase in text for phrase in self._phrases)
        return Passed(said.text, Verdict.BLOCK if blocked else Verdict.ALLOW, ("phrase",) if blocked else ())

    def held(self, said: Said) -> int:
        """In the text as it was said, whatever space and width it has there."""
        text, size = said.text, self._beginnings.at_the_end_of(_folded_on(said.text))
        back = min(size, len(text))
        while 0 < back < len(text) and (len(_folded_on(text[-back:])) < size or unicodedata.combining(text[-back])):
            back = min(len(text), 2 * back)
        return back


def _folded_on(text: str) -> str:
    """As `_folded`, but for space at its end: more may come."""
    return _folded(text) + " " * text[-1:].isspace()


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
