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
    "abuse": "Too many messages came, the same ones again and again, or too many links.",
}


def written(title: str, events: Sequence[Event]) -> str:
    """What was said, each with its time, and what was done in between; the same for guest and host."""
    lines = [line for event in events if (line := _line(event))]
    return "\n".join([f"{title} (times are UTC)", "", *lines]) if lines else ""


def aside(event: Event) -> str:
    """What happened between messages; empty when there is nothing to tell of it."""
    match event.kind, event.body:
        case "tool", {"state": "done" | "failed" as state, "title": title}:
            return f"{title}: {state}"
        case "status", {"state": "stopped"}:
            return "The answer was stopped."
        case "host", {"text": text}:
            return str(text)
        case "end", {"reason": reason}:
            return ENDS.get(reason, "The chat ended.")
    return ""


def _line(event: Event) -> str:
    at = f"{event.at:%Y-%m-%d %H:%M}"
    match event.kind, event.body:
        case "message", {"author": author, "name": name, "text": text}:
            mark = " (stopped here)" if event.body.get("partial") else ""
            return f"[{at}] {AGENT if author == 'agent' else name or author}: {_indented(text)}{mark}"
    told = aside(event)
    return f"[{at}] ({told})" if told else ""


def _indented(text: str) -> str:
    """Its later lines begin further in, so that none can pass for what somebody else said."""
    return "\n    ".join(text.rstrip().splitlines())
