"""Pieces of a streamed message: weighed, clipped, joined and cut; pure."""

from collections.abc import Sequence
from typing import Any

Chunk = dict[str, Any]

FIELD = 250
"""Characters; the published limit of a task's title, details and output is 256."""
_COUNTED = ("text", "title", "details", "details", "output", "output")


def markdown(text: str) -> Chunk:
    return {"type": "markdown_text", "text": text}


def task(task_id: str, title: str, status: str, output: str = "") -> Chunk:
    """``status``: pending, in_progress, complete or error."""
    chunk = {"type": "task_update", "id": task_id, "title": title[:FIELD] or "A tool", "status": status}
    return chunk | ({"output": output[:FIELD]} if output else {})


def weight(chunk: Chunk) -> int:
    """UTF-8 bytes, a task's words twice: the count that fits what Slack was seen to refuse."""
    return sum(len(str(chunk.get(name) or "").encode()) for name in _COUNTED)


def joined(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Neighbouring texts as one."""
    result: list[Chunk] = []
    for chunk in chunks:
        if result and chunk["type"] == result[-1]["type"] == "markdown_text":
            result[-1] = markdown(result[-1]["text"] + chunk["text"])
        else:
            result.append(chunk)
    return result


def fitting(chunks: Sequence[Chunk], room: int, whole: int) -> tuple[list[Chunk], list[Chunk]]:
    """What of the chunks fits into ``room`` bytes, and the rest; a text is cut after a line or a word.

    ``whole`` is the room of an empty message: only there may a word itself be cut.
    """
    for index, chunk in enumerate(chunks):
        if weight(chunk) <= room:
            room -= weight(chunk)
            continue
        head = _head(str(chunk.get("text", "")), room, whole)
        rest = [markdown(chunk["text"][len(head) :])] if head else [chunk]
        return [*chunks[:index], *([markdown(head)] if head else [])], [*rest, *chunks[index + 1 :]]
    return list(chunks), []


def _head(text: str, room: int, whole: int) -> str:
    head = text.encode()[: max(room, 0)].decode(errors="ignore")
    cut = max(head.rfind("\n"), head.rfind(" ")) + 1
    return head[:cut] or (head if room >= whole else "")


def open_fence(text: str) -> str:
    """The line that opened the code block in which the text ends, or nothing."""
    fence = ""
    for line in text.splitlines():
        if line.lstrip().startswith("```") and line.count("```") % 2:
            fence = "" if fence else line.strip()
    return fence


def posts(text: str, most: int = 11_000) -> list[str]:
    """A whole answer as messages of its own, for when it cannot be streamed."""
    parts: list[str] = []
    while text:
        now, later = fitting([markdown(text)], most, most)
        parts.append(now[0]["text"])
        text = "".join(chunk["text"] for chunk in later)
    return parts
