"""What is known of whoever acted, and whether they may."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from storage.members import Member
from storage.rules.outside import Kind


class Refusal(Enum):
    GUEST = auto()
    """Of the workspace, by Slack's own word."""
    OUTSIDER = auto()
    """Of another organisation."""
    BOT = auto()
    """Another app, which is told nothing: it might answer."""
    NOT_KNOWN = auto()
    """Slack did not say, and so: no."""
    ASK_FIRST = auto()
    """An admin has to be asked, and was not yet."""
    WAITS = auto()
    REFUSED = auto()
    """An admin has said no to this one."""
    ELSEWHERE = auto()
    """Not here, but in ``channels``."""


@dataclass(frozen=True)
class Seen:
    member: Member | None
    """Who acted, under our own workspace; None for nobody whom there is a reason to answer."""
    refusal: Refusal | None = None
    kind: Kind | None = None
    """Of those from outside; None: one of ours."""
    home: str = ""
    """Of whom, where they are from elsewhere."""
    reads_only: bool = False
    """They may ask, and nothing that takes a yes of theirs."""
    channels: tuple[str, ...] = ()
    until: datetime | None = None

    @property
    def admitted(self) -> Member | None:
        return None if self.refusal else self.member
