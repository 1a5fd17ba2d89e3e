"""What a person put into a call that the model had made; the rest of it stays whoever's it was."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.agent.step import CHANGED_BY_PERSON
from bot.services.approvals.flow.arguments import texts_of

LEAD = CHANGED_BY_PERSON.removesuffix("{}")


def parted(told: str) -> tuple[Mapping[str, Any], str]:
    """Of a note about changed arguments: those, and what was said behind it, which is the tool's word.

    Nothing of what was cut off is believed: it counts as the tool's.
    """
    try:
        arguments, end = json.JSONDecoder().raw_decode(told, len(LEAD))
    except (ValueError, RecursionError):
        return {}, told
    return (arguments, told[end:]) if isinstance(arguments, Mapping) else ({}, told)


def put_in(arguments: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[str]:
    """Texts of ``arguments`` that did not stand there ``before``; of one that was mended, what lies between."""
    known = set(texts_of(before))
    for name, value in arguments.items():
        old = before.get(name)
        if isinstance(value, str) and isinstance(old, str):
            yield _between(value, old)
        else:
            yield from (each for each in texts_of(value) if each not in known)


def _between(new: str, old: str) -> str:
    """Without how both begin and how both end."""
    most = min(len(new), len(old))
    first = next((at for at in range(most) if new[at] != old[at]), most)
    last = next((at for at in range(most - first) if new[-1 - at] != old[-1 - at]), most - first)
    return new[first : len(new) - last]
