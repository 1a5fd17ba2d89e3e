"""Who answers a guest, and what is said of it."""

from dataclasses import dataclass

AGENT, ASKED, HOST, UNANSWERED = "", "asked", "host", "unanswered"
"""As `Session.host_state` has them; ``unanswered`` stands in the log alone: nobody came."""

ANSWERS = "{name} has joined. A person answers you now."
AGAIN = "{name} has left. The AI assistant answers you again."
CALLED = "{name} has been told that you would like to talk to a person. Until then the AI assistant answers you."
NOT_NOW = (
    "{name} could not come. Leave a message here if you like: they read this chat. The AI assistant goes on answering."
)
SOMEBODY = "Your host"
"""Where a profile has no name, or guests are not to know it."""


@dataclass(frozen=True)
class Host:
    """Who invites, as a guest may know it; names are what people typed."""

    name: str = ""
    organisation: str = ""

    @property
    def called(self) -> str:
        """In the middle of a sentence."""
        return self.name or "the person who sent you this link"

    @property
    def whole(self) -> str:
        """«Anna (Acme)»; empty when nothing is known."""
        if self.name and self.organisation:
            return f"{self.name} ({self.organisation})"
        return self.name or self.organisation
