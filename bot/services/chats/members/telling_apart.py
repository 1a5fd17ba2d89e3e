"""By what two calls of one tool are told apart in the steps of an answer; pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.services.approvals.phrases import filled, names_in, phrase_of, plainly
from bot.services.watch.content.secret_shapes import looks_secret
from mcp_runtime.tools.tools import Tool

LONGEST, MOST = 60, 8
"""Characters of an argument, and how many of them."""
_HIDDEN = re.compile(
    r"passw|passphrase|pwd|secret|token|credential|authori[sz]ation|(?:api|access|private)[_-]?key", re.IGNORECASE
)


def briefly(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """By what a call may be told from another of the same tool: in the card's words, and by short arguments."""
    phrase = phrase_of(tool, arguments)
    told = filled(phrase.text, {name: plainly(arguments[name]) for name in names_in(phrase.text)}) if phrase else ""
    given = dict(list(_short(arguments))[:MOST])
    return {name: value for name, value in (("words", told), ("given", given)) if value}


def _short(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What may be read by whoever reads the answer: nothing that looks like a secret."""
    for name, value in arguments.items():
        if isinstance(value, str | int | float) and not _HIDDEN.search(name):
            told = " ".join(str(value)[: 4 * LONGEST].split())
            if told and not looks_secret(told):
                yield name, told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
