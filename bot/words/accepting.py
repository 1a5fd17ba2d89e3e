"""Which of our languages a browser asks for; pure."""

import re

from bot.words.languages import LANGUAGES

_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.ASCII)


def accepted(header: str) -> str:
    """The code of the one wanted most, of what an `Accept-Language` names (RFC 9110, 12.5.4); English without any."""
    best, weight = next(iter(LANGUAGES)), 0.0
    for written in header.split(","):
        found = _RANGE.fullmatch(written)
        if found is None or (code := found[1].lower()) not in LANGUAGES:
            continue
        if (wanted := float(found[2] or 1)) > weight:  # among equals the first is meant
            best, weight = code, wanted
    return best
