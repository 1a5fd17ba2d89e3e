"""Where a text may be cut so that what a person sees as one character stays one."""

import re
import unicodedata

JOINER = "\u200d"
FURTHEST = 64
"""Characters that one seen as one may be made of, and more than any real one is: nothing endless is kept together."""

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
# Skin tones, selectors, tags and the vowels and finals of Korean go on with what stands before them.
_GOES_ON = re.compile("[\U0001f3fb-\U0001f3ff\ufe00-\ufe0f\U000e0020-\U000e007f\u1160-\u11ff\u200d]")
_ENTITY = re.compile(r"&[a-z]{2,4};?")


def cut_before(text: str, at: int) -> int:
    """The last place not after ``at`` where nothing seen as one is cut; ``at`` itself when there is none near."""
    for place in range(min(at, len(text)), max(0, at - FURTHEST), -1):
        if place == len(text) or not _inside(text, place):
            return place
    return at


def _inside(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if _GOES_ON.match(after) or unicodedata.category(after).startswith("M") or before == JOINER:
        return True
    if _FLAG.match(before) and _FLAG.match(after):
        return _flags_up_to(text, place) % 2 == 1
    return (before, after) == ("\r", "\n") or _in_entity(text, place)


def _flags_up_to(text: str, place: int) -> int:
    """Letters of flags in a row: two make one."""
    start = place
    while start and place - start < FURTHEST and _FLAG.match(text[start - 1]):
        start -= 1
    return place - start


def _in_entity(text: str, place: int) -> bool:
    """«&amp;» is one character to people."""
    begins = text.rfind("&", max(0, place - 5), place)
    found = _ENTITY.match(text, begins) if begins >= 0 else None
    return found is not None and found[0].endswith(";") and begins < place < found.end()
