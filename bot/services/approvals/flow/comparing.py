"""Whether a text stands in another, also where it was spelt, spaced, cut or encoded in another way; pure.

What was put into other words altogether, or into another language, shares nothing that could be found here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.services.approvals.flow.decoding import DEEP, normal, readings

RUN = 20
"""Letters and digits in a row, whatever stands between them, that are no chance: about four words."""
BLOCK = 10
"""Of a text every so many are a block: each run of `RUN` holds a whole one, so that blocks alone are looked for."""
MOST_TRIED = 400
"""Places looked at closely; a text that has more of them was made for it."""
SHORT, PLAIN_NUMBER = 6, 4
"""Letters of a whole value of several words, and digits of a number, that tell something."""
LONGEST = 1_000
"""Characters of a value that is looked for as a whole."""
NOVEL, SHARE = 5, 0.75
"""Of its longer words so many, and this share of them, make a text that is told again in another order."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_TOKEN = re.compile(r"[^\s\"'`<>()\[\]{},;|]+")
_HOST = re.compile(r"//(?:[^/\s@]*@)?([^/\s:?#\"'<>\\]+)")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_EVERYWHERE = (
    "open opened close closed done complete completed active inactive pending draft final high medium normal true false"
    " none null todo public private internal main master name text type status state label note title task event user"
    " today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday"
)
_STATES = frozenset(_EVERYWHERE.split())
"""Values that stand everywhere, and say nothing of where they come from."""


def tokens_of(text: str) -> Iterator[str]:
    for found in _TOKEN.findall(text.casefold()):
        yield found.strip(".:!?*_~")
        yield from _HOST.findall(found)


def telling(token: str) -> bool:
    """An address, a handle, an id: nobody comes to write one by chance."""
    if token[:1] in "#@" or "@" in token or "//" in token:
        return len(token) > 2
    digits = sum(each.isdigit() for each in token)
    if token.isdigit():
        return digits >= PLAIN_NUMBER
    if digits and len(token) >= PLAIN_NUMBER:
        return True
    return bool(_DOMAIN.fullmatch(token)) or (len(token) >= RUN // 2 and any(each in token for each in "_/-"))


@dataclass(frozen=True)
class Reading:
    """One way to read a value."""

    text: str
    plain: str
    tokens: frozenset[str]
    words: frozenset[str]

    @cached_property
    def blocks(self) -> frozenset[str]:
        """Of every place in it: a block of an origin may stand anywhere."""
        return frozenset(self.plain[at : at + BLOCK] for at in range(len(self.plain) - BLOCK + 1))


def read(value: str) -> tuple[Reading, ...]:
    return tuple(
        Reading(told, normal(told), frozenset(tokens_of(told)), frozenset(_WORD.findall(told.casefold())))
        for told in readings(value)
    )


@dataclass
class Words:
    """Texts of one origin, as they are compared."""

    texts: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    blocks: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        for told in readings(text, DEEP - 1):
            plain = normal(told)
            if plain:
                self.texts.append(told.casefold())
                self.plain.append(plain)
                self.blocks.update(plain[at : at + BLOCK] for at in range(0, len(plain) - BLOCK + 1, BLOCK))
                self.tokens.update(tokens_of(told))
                self.words.update(_WORD.findall(told.casefold()))

    def holds(self, plain: str) -> bool:
        return any(plain in each for each in self.plain)

    def says(self, value: str) -> bool:
        """The whole of a value, be it ever so short, and not as a part of a longer word or address."""
        wanted = value.casefold().strip().lstrip("#@")
        if not wanted or len(wanted) > LONGEST:
            return False
        return wanted in self.tokens or any(stands(wanted, text) for text in self.texts)


def stands(wanted: str, text: str) -> bool:
    """Not as a part of a longer word or address; both in small letters."""
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        before, behind = text[at - 1 : at], text[end : end + 2]
        joined = behind[:1] in (".", "-") and behind[1:].isalnum()
        begins = not before or not (before.isalnum() or before in ".-_")
        if begins and not behind[:1].isalnum() and not joined:
            return True
        at = text.find(wanted, at + 1)
    return False


def came_from(value: Sequence[Reading], origin: Words, own: Words) -> bool:
    """Whether it says what stands in ``origin`` and not in ``own``, the member's words."""
    return any(_says(each, origin, own) for each in value)


def runs(value: Sequence[Reading], origin: Words, own: Words, run: int = RUN) -> bool:
    """Whether so many letters and digits in a row stand in both, and not in ``own``."""
    return any(_runs(each, origin, own, run) for each in value)


def told_again(value: Sequence[Reading], origin: Words, own: Words) -> bool:
    """Whether it is made of the words of ``origin``, in whatever order."""
    return any(_told_again(each, origin, own) for each in value)


def _says(value: Reading, origin: Words, own: Words) -> bool:
    if any(telling(each) and not own.says(each) for each in value.tokens & origin.tokens):
        return True
    if len(value.plain) < RUN:
        return _whole(value, origin, own)
    return _runs(value, origin, own, RUN) or _told_again(value, origin, own)


def _whole(value: Reading, origin: Words, own: Words) -> bool:
    """A short value says something as a whole alone."""
    if not value.words or own.holds(value.plain):
        return False
    if len(value.text.split()) > 1:
        return len(value.plain) >= SHORT and origin.holds(value.plain)
    return not value.words <= _STATES and value.words <= origin.words and not value.words <= own.words


def _runs(value: Reading, origin: Words, own: Words, run: int) -> bool:
    plain, tried = value.plain, 0
    for block in value.blocks & origin.blocks:
        at = plain.find(block)
        while at >= 0:
            for start in range(max(0, at + BLOCK - run), min(at, len(plain) - run) + 1):
                window = plain[start : start + run]
                if origin.holds(window) and not own.holds(window):
                    return True
            tried += 1
            if tried > MOST_TRIED:
                return True
            at = plain.find(block, at + 1)
    return False


def _told_again(value: Reading, origin: Words, own: Words) -> bool:
    novel = {word for word in value.words if len(word) > PLAIN_NUMBER} - own.words
    shared = novel & origin.words
    return len(shared) >= NOVEL and len(shared) >= SHARE * len(novel)
