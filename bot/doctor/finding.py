"""What was found about one thing."""

from dataclasses import dataclass
from typing import Literal

MARKS = {"ok": "✓", "warn": "!", "bad": "✗"}


@dataclass(frozen=True)
class Finding:
    """``bad`` keeps Usher from its work; ``warn`` is worth knowing."""

    subject: str
    state: Literal["ok", "warn", "bad"]
    found: str
    cure: str = ""

    @property
    def bad(self) -> bool:
        return self.state == "bad"

    @property
    def line(self) -> str:
        told = f"{self.found} → {self.cure}" if self.cure else self.found
        return f"{MARKS[self.state]} {self.subject:<13} {told}"


def ok(subject: str, found: str) -> Finding:
    return Finding(subject, "ok", found)


def warn(subject: str, found: str, cure: str) -> Finding:
    return Finding(subject, "warn", found, cure)


def bad(subject: str, found: str, cure: str) -> Finding:
    return Finding(subject, "bad", found, cure)
