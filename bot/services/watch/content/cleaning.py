"""What cannot be seen goes: controls, marks that turn the writing round, characters without width, tags."""

import unicodedata

from bot.services.watch.content.values import Direction, Passed, Said, Verdict
from mcp_runtime.tools.untrusted_text import hides, visible

MOST = 32_000
"""Characters that are looked at; longer texts are refused before, and a model's are shorter."""
_MOST_HELD = 32


class Cleaning:
    name = "cleaning"
    directions = frozenset(Direction)
    longest = 1

    def __call__(self, said: Said) -> Passed:
        whole = said.text[:MOST]
        seen = visible(unicodedata.normalize("NFC", whole.replace("\r\n", "\n").replace("\r", "\n")))
        if seen == said.text:
            return Passed(seen)
        kinds = (("invisible", visible(whole) != whole.replace("\r", "")), ("too_long", len(said.text) > MOST))
        found = tuple(name for name, there in kinds if there)
        return Passed(seen, Verdict.REDACT, found or ("form",))

    def held(self, said: Said) -> int:
        """The last letter, where it ends in marks or joiners: whether they are seen depends on what follows."""
        last = said.text[-1:]
        if last.isascii() and (last.isprintable() or last in "\n\t"):
            return 0
        end = said.text[-_MOST_HELD:]
        size = next((size for size, each in enumerate(reversed(end)) if not _joins(each)), len(end))
        return size + 1 if size else 0


def _joins(character: str) -> bool:
    return unicodedata.combining(character) > 0 or (character not in "\n\t" and hides(character))
