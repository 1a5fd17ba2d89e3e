"""A guest's conversation as plain text; pure."""

from collections.abc import Sequence

from storage.tables import Event

AGENT = "Usher"


def written(title: str, events: Sequence[Event]) -> str:
    """What was said, each with its time in UTC, and what was done in between."""
    lines = [line for event in events if (line := _line(event))]
    return "\n".join([title, "", *lines]) if lines else ""


def _line(event: Event) -> str:
    at = f"{event.at:%Y-%m-%d %H:%M}"
    match event.kind, event.body:
        case "message", {"author": author, "name": name, "text": text}:
            return f"[{at}] {AGENT if author == 'agent' else name or author}: {text}"
        case "tool", {"state": "done" | "failed" as state, "title": title}:
            return f"[{at}] ({title}: {state})"
        case "end", {"text": text}:
            return f"[{at}] ({text})"
    return ""
