"""A guest's conversation as plain text; pure."""

from collections.abc import Sequence

from storage.tables import Event

AGENT = "Usher"
ENDS = {
    "guest": "The guest ended the chat.",
    "host": "The host ended the chat.",
    "revoked": "The host ended the chat.",
    "expired": "The link's time was over.",
    "idle": "Nobody wrote any more.",
    "unused": "Nothing was said.",
}


def written(title: str, events: Sequence[Event]) -> str:
    """What was said, each with its time, and what was done in between; the same for guest and host."""
    lines = [line for event in events if (line := _line(event))]
    return "\n".join([f"{title} (times are UTC)", "", *lines]) if lines else ""


def _line(event: Event) -> str:
    at = f"{event.at:%Y-%m-%d %H:%M}"
    match event.kind, event.body:
        case "message", {"author": author, "name": name, "text": text}:
            mark = " (stopped here)" if event.body.get("partial") else ""
            return f"[{at}] {AGENT if author == 'agent' else name or author}: {text.rstrip()}{mark}"
        case "tool", {"state": "done" | "failed" as state, "title": title}:
            return f"[{at}] ({title}: {state})"
        case "status", {"state": "stopped"}:
            return f"[{at}] (The answer was stopped.)"
        case "host", {"text": text}:
            return f"[{at}] ({text})"
        case "end", {"reason": reason}:
            return f"[{at}] ({ENDS.get(reason, 'The chat ended.')})"
    return ""
