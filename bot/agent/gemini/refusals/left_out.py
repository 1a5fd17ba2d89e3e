"""Files that stand in the history and do not go with a request: each is told in words where it stood."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.agent.model import Message

File = Mapping[str, Any]
"""A part of Gemini's REST JSON with ``inlineData``."""
Why = Callable[[File], str]
"""What is said in place of a file; empty where it goes along."""


def files_of(message: Message) -> Iterator[File]:
    for part in message.get("parts", []):
        if "inlineData" in part:  # a person sent it
            yield part
        yield from part.get("functionResponse", {}).get("parts", [])


def size_of(file: File) -> int:
    """Characters of it in base64."""
    return len(file.get("inlineData", {}).get("data", ""))


def without(history: Sequence[Message], why: Why) -> Sequence[Message]:
    """Messages that keep all their files are the same objects."""
    return [_told(message, why) if any(map(why, files_of(message))) else message for message in history]


def _told(message: Message, why: Why) -> Message:
    return {**message, "parts": [_part(part, why) for part in message["parts"]]}


def _part(part: Mapping[str, Any], why: Why) -> Mapping[str, Any]:
    if "inlineData" in part:
        words = why(part)
        return {"text": f"[{words}]"} if words else part
    response = part.get("functionResponse", {})
    files = response.get("parts", [])
    kept = [file for file in files if not why(file)]
    if len(kept) == len(files):
        return part
    bare = {key: value for key, value in response.items() if key != "parts"} | ({"parts": kept} if kept else {})
    said = response.get("response", {})
    left_out = [*said.get("left_out", []), *filter(None, map(why, files))]
    return {**part, "functionResponse": {**bare, "response": {**said, "left_out": left_out}}}
