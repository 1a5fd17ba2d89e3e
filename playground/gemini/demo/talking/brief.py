"""What a guest's chat is: title, purpose, when it closes; as the model is told it, without the host's notes."""

import re
from dataclasses import dataclass
from datetime import datetime

from playground.gemini.demo.telling.strangers import clipped

TITLE = re.compile(r"^This chat is called: (.+)$", re.MULTILINE)
PURPOSE = re.compile(
    r"^It is for:\n(.*?)(?=\n\n|\nThe host's notes|\Z)",
    re.MULTILINE | re.DOTALL,
)
GUEST = re.compile(r"^The guest goes by the name (.+?); nobody has checked it\.$", re.MULTILINE)
CLOSES = re.compile(r"^The chat closes on \w+, (\d{4}-\d{2}-\d{2} \d{2}:\d{2}) ?(\S*?)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Brief:
    title: str
    purpose: str
    guest: str
    closes: str
    noted: bool
    """The host left notes, which are not for the guest."""

    @property
    def about(self) -> str:
        """In a sentence: «It is about Website support: questions about opening hours.»."""
        purpose = clipped(" ".join(self.purpose.split()), 300).rstrip(" .")
        if not purpose or purpose.casefold() == self.title.casefold():
            return f"This chat is about **{self.title}**."
        return f"This chat is about **{self.title}**: {purpose}."


def read_brief(task: str) -> Brief:
    # What the host noted could look like any of these lines, so it is cut out first.
    before, notes, after = task.partition("\nThe host's notes to you")
    tail = after[after.rfind("\n\n") :] if notes else ""
    shown = before + tail
    return Brief(
        _first(TITLE, before) or "this conversation",
        _first(PURPOSE, shown),
        _first(GUEST, shown),
        _closing(shown),
        bool(notes),
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1].strip() if match else ""


def _closing(text: str) -> str:
    match = CLOSES.search(text)
    if not match:
        return ""
    at = datetime.fromisoformat(match[1])
    return f"{at:%A}, {at.day} {at:%B}, at {at:%H:%M} {match[2]}".strip()
