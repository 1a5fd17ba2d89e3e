"""Files that the model's API could not read, kept out of all that is asked from then on.

They stay in the history of their conversation: without this, one broken picture would end each turn after it.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
        """The same but for these, each told in words where it stood."""
        return [self._told(message) for message in history] if self._known else history

    def _unknown(self, history: Sequence[Message]) -> list[str]:
        found = [_digest(file) for message in history for file in _files(message)]
        return [each for each in found if each not in self._known]

    def _told(self, message: Message) -> Message:
        if not any(_digest(file) in self._known for file in _files(message)):
            return message
        return {**message, "parts": [self._part(part) for part in message["parts"]]}

    def _part(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        if "inlineData" in part:  # a person sent it
            return {"text": f"[{UNREAD}]"} if _digest(part) in self._known else part
        response = part.get("functionResponse", {})
        files = response.get("parts", [])
        kept = [file for file in files if _digest(file) not in self._known]
        if len(kept) == len(files):
            return part
        bare = {key: value for key, value in response.items() if key != "parts"} | ({"parts": kept} if kept else {})
        said = response.get("response", {})
        left_out = [*said.get("left_out", []), *[UNREAD] * (len(files) - len(kept))]
        return {**part, "functionResponse": {**bare, "response": {**said, "left_out": left_out}}}


def _files(message: Message) -> Iterator[Mapping[str, Any]]:
    for part in message.get("parts", []):
        if "inlineData" in part:
            yield part
        yield from part.get("functionResponse", {}).get("parts", [])


def _digest(file: Mapping[str, Any]) -> str:
    return hashlib.sha256(str(file.get("inlineData", {}).get("data", "")).encode()).hexdigest()
