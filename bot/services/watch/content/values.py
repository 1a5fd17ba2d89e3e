"""What a stage is given and what it says; a stage of an installation's own needs no more than this file."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    ALLOW = "allow"
    REDACT = "redact"
    """Its text goes on in the place of what was said."""
    FLAG = "flag"
    """As it was said, and noted."""
    BLOCK = "block"
    """It goes no further."""


class Direction(StrEnum):
    GUEST = "guest"
    """What a guest writes, before it is stored."""
    AGENT = "agent"
    """What the agent answers a guest: as it runs, before it is shown, and whole, before it is stored."""
    RELAY = "relay"
    """Either, before it stands in Slack."""


@dataclass(frozen=True)
class Said:
    """``private`` is what the guest must not read, the link's instructions; ``tools`` are names not meant for them.

    ``canary`` stands in what the model is told, and in no answer that does not copy it.
    """

    text: str
    direction: Direction
    private: str = ""
    tools: Collection[str] = ()
    canary: str = ""


@dataclass(frozen=True)
class Passed:
    """``found`` names kinds of things, never what was found."""

    text: str
    verdict: Verdict = Verdict.ALLOW
    found: tuple[str, ...] = ()


class Stage(Protocol):
    """Pure and quick: it runs in the guest's request. Time grows with the text's length and no faster.

    One that reads what the agent answers says in ``longest`` how many characters it has to see together; 0: it only
    notes, and waits for the whole. So much is held back of a running answer, or as much as its ``held`` says of the
    text so far. Without either, an answer is shown when it is whole.
    """

    @property
    def name(self) -> str: ...

    @property
    def directions(self) -> Collection[Direction]: ...

    def __call__(self, said: Said) -> Passed: ...


@dataclass(frozen=True)
class Finding:
    stage: str
    verdict: Verdict
    found: str
