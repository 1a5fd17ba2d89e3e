"""What was found about one thing."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "bad", "left"]


@dataclass(frozen=True)
class Finding:
    """``bad`` keeps Usher from its work; ``warn`` is worth knowing; ``left`` could not be asked yet."""

    subject: str
    state: State
    found: str
    cure: str = ""

    @property
    def bad(self) -> bool:
        return self.state == "bad"


def ok(subject: str, found: str) -> Finding:
    return Finding(subject, "ok", found)


def warn(subject: str, found: str, cure: str) -> Finding:
    return Finding(subject, "warn", found, cure)


def bad(subject: str, found: str, cure: str) -> Finding:
    return Finding(subject, "bad", found, cure)


def left(subject: str, *variables: str) -> Finding:
    """For what needs variables that are told of above."""
    return Finding(subject, "left", "not asked", f"first mend {' and '.join(variables)}, above")
