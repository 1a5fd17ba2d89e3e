"""What people type after a command."""

import re
from collections.abc import Collection
from difflib import SequenceMatcher

_SHAPES = re.compile(
    r"\b(xox[a-z]-|xapp-|gh[pousr]_|github_pat_|glpat-|sk-|sbp_|sb_secret_|AIza|AKIA|eyJ|ya29\.|hf_|npm_|tk_|ts_|tc_)"
    r"[\w.-]{6,}|\bbearer\s+\S{6,}",
    re.I,
)
_LONG = re.compile(r"[A-Za-z0-9_+=-]{24,}")


def split(text: str) -> tuple[str, str]:
    """The word and the rest."""
    word, _, rest = text.strip().partition(" ")
    return word.casefold(), rest.strip()


def nearest(word: str, known: Collection[str]) -> str:
    return max(known, key=lambda each: SequenceMatcher(None, word, each).ratio())


def looks_secret(text: str) -> bool:
    """By the shapes of well-known tokens, and by long words that mix letters and digits."""
    return bool(_SHAPES.search(text)) or any(_mixed(word) for word in _LONG.findall(text))


def _mixed(word: str) -> bool:
    return any(each.isdigit() for each in word) and any(each.isalpha() for each in word)
