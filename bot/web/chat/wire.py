"""What goes over the wire: frames, positions in the log, and the events a guest may see."""

import json
import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.services.chats.values import Delta
from bot.services.links.in_words import in_words
from bot.words import Words
from storage.tables import Event

Body = Mapping[str, Any]
_POSITION = re.compile(r"([0-9a-f]{12})-([0-9]{1,15})", re.ASCII)
_PIECE = 16 * 1024
_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
LARGEST = 2**31 - 1
"""What the column holds; PostgreSQL refuses to compare it with more."""
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "message": ("author", "name", "text", "turn", "partial", "changed"),
    "changed": ("turn", "name", "text", "changed"),
    "tool": ("call", "title", "state"),
    "status": ("state", "text"),
    "host": ("state", "name", "text"),
    "limit": ("code", "text", "retry_after"),
    "rating": ("turn", "verdict"),
    "expires": ("seconds",),
    "end": ("reason", "text"),
}
"""Never a tool's arguments, results or server, nor an approval's calls."""
_FILE = ("id", "name", "kind", "size", "width", "height")
"""Of a file that came with a message."""


def public(event: Event, words: Words) -> tuple[str, dict[str, Any]] | None:
    """The part of an event that is for the guest, in their language; None when nothing of it is."""
    if (names := _SHOWN.get(event.kind)) is None:
        return None
    body = {name: event.body[name] for name in names if name in event.body}
    if files := event.body.get("files"):
        body["files"] = [{name: file[name] for name in _FILE if name in file} for file in files]
    if event.kind == "status":
        body["turn"] = event.turn_id
    return event.kind, body | in_words(event, words) | {"at": int(event.at.timestamp() * 1000)}


def piece(delta: Delta) -> dict[str, Any]:
    """Running text; what does not go on from what a reader has is not for that reader."""
    return {"turn": delta.turn_id, "attempt": delta.attempt, "start": delta.start, "text": delta.text}


def epoch(conversation_id: str) -> str:
    """Names the log, so that a position in another one is not mistaken for one in this."""
    return conversation_id.replace("-", "")[-12:]


def position(conversation_id: str, seq: int) -> str:
    return f"{epoch(conversation_id)}-{seq}"


def seq_of(text: str, conversation_id: str) -> int | None:
    """Where the reader left off, 0 for the start; None when it speaks of another log."""
    if not text:
        return 0
    found = _POSITION.fullmatch(text)
    seq = int(found[2]) if found and found[1] == epoch(conversation_id) else LARGEST
    return seq if seq < LARGEST else None


def frame(kind: str, body: Body, event_id: str = "") -> bytes:
    """One SSE frame; JSON never holds a raw newline, so one data line is enough."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {kind}\ndata: {_line(body)}\n\n".encode()


def frames(events: list[Event], words: Words) -> Iterator[bytes]:
    """In pieces, since all that was written and not yet read is kept in memory, for each reader."""
    part = b""
    for event in events:
        if told := public(event, words):
            part += frame(*told, position(event.conversation_id, event.seq))
        if len(part) >= _PIECE:
            yield part
            part = b""
    if part:
        yield part


def bye(reason: str) -> bytes:
    # Random, so that a restart does not bring every reader back in the same instant.
    retry = random.randint(1000, 5000)  # noqa: S311
    return f"retry: {retry}\n".encode() + frame("bye", {"reason": reason})
