"""Whether a person's words ask for what a tool does; pure. To name a service is not yet to ask for a change there."""

import re
from collections.abc import Iterator, Sequence

from bot.agent.finding.meant import act_of, understood
from storage.search.words import words as plain

_ADJECTIVES = "new neu neue neues neuen done complete item many number info reason recent"
_DESCRIBES = frozenset(_ADJECTIVES.split())
"""Words that tell how something is, as often as what is to be done."""
_OPEN = re.compile(
    r"(?:^|[.!?,;:]\s*|\b(?:and|to|please|then)\s+)open\b|\bopen\s+(?:an?|one|up|another)\b", re.IGNORECASE
)
_ENDINGS = (("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"))


def asked_for(tool: str, texts: Sequence[str]) -> bool:
    """``tool`` is the name that its server gives it.

    What cannot be told counts as asked for: a name that says no act, or a person who writes in another language.
    """
    wanted = act_of(tool)
    if not wanted or not understood(" ".join(texts)):
        return True
    return any(wanted & set(_acts(text)) for text in texts)


def _acts(text: str) -> Iterator[str]:
    if _OPEN.search(text):
        yield "open"
    for word in plain(text):
        if word == "open" or word in _DESCRIBES:
            continue
        yield word
        for ending, instead in _ENDINGS:
            if word.endswith(ending):
                yield word.removesuffix(ending) + instead
