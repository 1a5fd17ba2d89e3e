"""Phrases that an installation wants to hear from no guest: literal, whatever their case or width."""

import re
import unicodedata
from collections.abc import Iterable

from bot.services.watch.content.values import Direction, Passed, Said, Verdict

MOST_PHRASES, SHORTEST = 1_000, 3


class Blocklist:
    name = "blocklist"
    directions = frozenset({Direction.GUEST})

    def __init__(self, lines: Iterable[str]) -> None:
        """One phrase a line; what begins with # is a remark. Raises ValueError."""
        phrases = [_folded(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if len(phrases) > MOST_PHRASES or any(len(each) < SHORTEST for each in phrases):
            raise ValueError(f"takes at most {MOST_PHRASES:,} phrases of at least {SHORTEST} characters")
        self._phrases = tuple(dict.fromkeys(phrases))

    def __call__(self, said: Said) -> Passed:
        text = _folded(said.text)
        blocked = any(phrase in text for phrase in self._phrases)
        return Passed(said.text, Verdict.BLOCK if blocked else Verdict.ALLOW, ("phrase",) if blocked else ())


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
