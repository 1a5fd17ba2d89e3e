"""A guest's conversation as plain text, in the language of whoever reads it; pure."""

from collections.abc import Sequence

from bot.services.links.in_words import person, turned
from bot.words import Words
from storage.tables import Event

AGENT = "Usher"


def written(title: str, events: Sequence[Event], words: Words) -> str:
    """What was said, each with its time, and what was done in between; the same for guest and host."""
    lines = [line for event in events if (line := _line(event, words))]
    return "\n".join([words("transcript.times", title=title), "", *lines]) if lines else ""


def _line(event: Event, words: Words) -> str:
    at = f"{event.at:%Y-%m-%d %H:%M}"
    match event.kind, event.body:
        case "message", {"author": author, "text": text}:
            mark = f" {words('transcript.stopped_here')}" if event.body.get("partial") else ""
            return f"[{at}] {_who(event, words) if author != 'agent' else AGENT}: {text.rstrip()}{mark}"
        case "tool", {"state": "done" | "failed" as state, "title": title}:
            return f"[{at}] ({title}: {words(f'transcript.{state}')})"
        case "status", {"state": "stopped"}:
            return f"[{at}] ({words('transcript.answer_stopped')})"
        case "host", _:
            return f"[{at}] ({turned(event.body, words)})"
        case "end", {"reason": reason}:
            key = f"transcript.ended_{reason}"
            return f"[{at}] ({words(key if words.knows(key) else 'transcript.ended')})"
    return ""


def _who(event: Event, words: Words) -> str:
    return person(event.body, words) if event.body["author"] == "host" else event.body["name"] or event.body["author"]
