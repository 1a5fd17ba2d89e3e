"""What cannot be seen goes: controls, marks that turn the writing round, characters without width, tags."""

import unicodedata

from bot.services.watch.content.values import Direction, Passed, Said, Verdict
from mcp_runtime.tools.untrusted_text import visible

MOST = 32_000
"""Characters that are looked at; longer texts are refused before, and a model's are shorter."""


class Cleaning:
    name = "cleaning"
    directions = frozenset(Direction)

    def __call__(self, said: Said) -> Passed:
        whole = said.text[:MOST]
        seen = visible(unicodedata.normalize("NFC", whole.replace("\r\n", "\n").replace("\r", "\n")))
        if seen == said.text:
            return Passed(seen)
        kinds = (("invisible", visible(whole) != whole.replace("\r", "")), ("too_long", len(said.text) > MOST))
        found = tuple(name for name, there in kinds if there)
        return Passed(seen, Verdict.REDACT, found or ("form",))
