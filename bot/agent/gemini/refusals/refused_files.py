"""Files that the model's API could not read, kept out of all that is asked from then on.

They stay in the history of their conversation: without this, one broken picture would end each turn after it.
"""

import hashlib
import re
from collections.abc import Sequence

from bot.agent.gemini.refusals.left_out import File, files_of, without
from bot.agent.model import Message

ABOUT = re.compile(r"\bimages?\b|\bmime|\bpdf\b|\bdocument\b|\bpages\b|inline_?data|payload size", re.IGNORECASE)
UNREAD = "a file that could not be read"
MOST = 1000


class RefusedFiles:
    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def refuse(self, history: Sequence[Message], message: str) -> bool:
        """Was that said of a file, so that it may go without? What came since the model's last word is suspected
        first, as all before was read then.
        """
        if not ABOUT.search(message):
            return False
        heard = max((place for place, each in enumerate(history) if each.get("role") == "model"), default=0)
        suspects = self._unknown(history[heard:]) or self._unknown(history)
        self._known |= dict.fromkeys(suspects)
        for oldest in list(self._known)[:-MOST]:
            del self._known[oldest]
        return bool(suspects)

    def without(self, history: Sequence[Message]) -> Sequence[Message]:
        """The same but for these."""
        return without(history, lambda file: UNREAD if _digest(file) in self._known else "") if self._known else history

    def _unknown(self, history: Sequence[Message]) -> list[str]:
        found = [_digest(file) for message in history for file in files_of(message)]
        return [each for each in found if each not in self._known]


def _digest(file: File) -> str:
    return hashlib.sha256(str(file.get("inlineData", {}).get("data", "")).encode()).hexdigest()
