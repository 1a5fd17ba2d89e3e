"""Who answers a guest, and what is said of it."""

from dataclasses import dataclass, field
from typing import Protocol

from bot import words
from bot.services import log_entries
from bot.services.log_entries import Entry
from storage.members import Member

AGENT, ASKED, HOST, UNANSWERED = "", "asked", "host", "unanswered"
"""As `Session.host_state` has them; ``unanswered`` stands in the log alone: nobody came."""

MOST = 4_000
"""Characters of one message of a host's."""
TOO_LONG = f"A message to a guest may have {MOST:,} characters. Send it in parts."

SOMEBODY = "Your host"
"""Where a profile has no name, or guests are not to know it."""


def turned(state: str, name: str) -> Entry:
    """Stands in the log from where on somebody else answers; ``state`` is host, agent, asked or unanswered."""
    return log_entries.host(state, name, words.of("en")(f"host.{state}", named=name != SOMEBODY, name=name))


@dataclass(frozen=True)
class Picture:
    """Looked into: it is what ``type`` says."""

    content: bytes = field(repr=False)
    type: str


@dataclass(frozen=True)
class Host:
    """Who invites, as a guest may know it; names are what people typed."""

    name: str = ""
    organisation: str = ""
    pictured: bool = False

    @property
    def called(self) -> str:
        """In the middle of a sentence."""
        return self.name or "the person who sent you this link"

    @property
    def whole(self) -> str:
        """«Support (Acme)»; empty when nothing is known."""
        if self.name and self.organisation:
            return f"{self.name} ({self.organisation})"
        return self.name or self.organisation


class Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def picture(self) -> str: ...


class Names(Protocol):
    """Knows what members call themselves."""

    async def about(self, member: Member) -> Named: ...


class Pictures(Protocol):
    """Knows what members look like."""

    async def of(self, member: Member) -> Picture | None: ...
