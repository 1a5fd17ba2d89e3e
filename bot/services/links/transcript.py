"""A guest's conversation as plain text, in the language of whoever reads it; pure."""

from collections.abc import Sequence

from bot.services.links.in_words import guest, person, step, turned
from bot.words import Words
from storage.tables import Event


def written(title: str, events: Sequence[Event], words: Words) -> str:
    """What was said, each with its time, and what was done in between; the same for guest and host."""
    lines = [line for event in events if (line := _line(event, words))]
    return "\n".join([words("transcript.times", title=title), "", *lines]) if lines else ""


def aside(event: Event, words: Words) -> str:
    """What happened between messages; empty when there is nothing to tell of it."""
    match event.kind, event.body:
        case "tool", {"state": "done" | "failed" as state}:
            return f"{step(event.body, words)}: {words(f'transcript.{state}')}"
        case "status", {"state": "stopped"}:
            return words("transcript.answer_stopped")
        case "host", _:
            return turned(event.body, words)
        case "end", {"reason": reason}:
            key = f"transcript.ended_{reason}"
            return words(key if words.knows(key) else "transcript.ended")
    return ""


def speaker(event: Event, words: Words) -> str:
    """Of a message: the assistant, the host as the reader may know them, the guest as they called themselves."""
    match event.body["author"]:
        case "agent":
            return words("host.line_agent")
        case "host":
            return person(event.body, words)
    return guest(event.body, words)


def files(event: Event, words: Words) -> list[str]:
    """A line for each that came with a message."""
    return [words("transcript.file", name=str(file["name"])) for file in event.body.get("files", ())]


def text(event: Event, words: Words) -> str:
    """Of a message."""
    gone = event.body.get("changed") == "taken_back"
    return f"({words('host.taken_back')})" if gone else str(event.body["text"])


def mark(event: Event, words: Words) -> str:
    """Behind a message that was cut, or whose words are others now."""
    if event.body.get("partial"):
        return f" {words('transcript.stopped_here')}"
    return f" ({words('host.edited')})" if event.body.get("changed") == "edited" else ""


def _line(event: Event, words: Words) -> str:
    at = f"{event.at:%Y-%m-%d %H:%M}"
    if event.kind == "message":
        said = "\n".join([text(event, words), *files(event, words)])
        return f"[{at}] {speaker(event, words)}: {_indented(said)}{mark(event, words)}"
    told = aside(event, words)
    return f"[{at}] ({told})" if told else ""


def _indented(text: str) -> str:
    """Its later lines begin further in, so that none can pass for what somebody else said."""
    return "\n    ".join(text.rstrip().splitlines())
