"""Slips of the keyboard: a word that is one slip from a word that matters is taken for it."""

import re
from collections.abc import Iterable

USUAL = {
    "waht": "what",
    "wat": "what",
    "whats": "what is",
    "wht": "what",
    "tme": "time",
    "tiem": "time",
    "teh": "the",
    "pls": "please",
    "plz": "please",
    "u": "you",
    "ur": "your",
    "r": "are",
    "thx": "thanks",
    "ty": "thanks",
    "hai": "hi",
    "helo": "hello",
    "hllo": "hello",
    "conect": "connect",
    "noets": "notes",
    "nots": "notes",
    "dont": "don't",
    "cant": "can't",
    "isnt": "isn't",
    "im": "i'm",
    "wanna": "want to",
    "gimme": "give me",
    "lnik": "link",
    "lnk": "link",
    "lsit": "list",
    "shwo": "show",
    "ist": "is",
}
CORE = [
    "what",
    "time",
    "notes",
    "note",
    "list",
    "delete",
    "remove",
    "create",
    "connect",
    "disconnect",
    "convert",
    "revoke",
    "summarise",
    "summarize",
    "read",
    "show",
    "weather",
    "search",
    "please",
    "links",
    "chat",
    "thanks",
    "thank",
    "hello",
    "github",
    "supabase",
    "customer",
    "candidate",
    "current",
    "privacy",
    "data",
    "reminder",
    "remind",
    "calendar",
]
SHORTEST = 5  # letters: shorter words are too near to other real words


def mended(text: str) -> str:
    """With the usual slips put right, and those that are one slip from a word of ours."""
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda match: _mended(match.group()), text)


def _mended(word: str) -> str:
    lower = word.lower()
    if lower in USUAL:
        return USUAL[lower]
    return nearest(lower, CORE) or word


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The only known word that is one slip away, when ``word`` is long enough to tell; itself is no slip."""
    known = set(known)
    if len(word) < SHORTEST - 1 or word in known:
        return None
    found = [each for each in known if one_slip(word, each)]
    return found[0] if len(found) == 1 else None


def one_slip(word: str, meant: str) -> bool:
    """Two neighbours changed places, a letter is missing or too many, or, in long words, one is another."""
    if word[:1] != meant[:1] or abs(len(word) - len(meant)) > 1 or len(meant) < SHORTEST - 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    swapped = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
    if swapped == meant and swapped != word:
        return True
    if len(meant) < SHORTEST:
        return False
    if len(word) < len(meant):
        return word[at:] == meant[at + 1 :] and meant != f"{word}s"
    if len(word) > len(meant):
        return word[at + 1 :] == meant[at:] and word not in (f"{meant}s", f"{meant}d", f"{meant}r")
    return len(word) > SHORTEST and word[at + 1 :] == meant[at + 1 :]
