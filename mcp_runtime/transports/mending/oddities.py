"""What is peculiar about a server, as far as it tells why no session comes about."""

import re
from dataclasses import dataclass, field

from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from mcp_runtime.errors import OldTransport, ProtocolTooOld, ServerError
from mcp_runtime.transports.large.reading import Reading
from mcp_runtime.transports.mending.echoes import Echoes
from mcp_runtime.transports.session_budgets import SessionBudget

DATED = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")
"""A version of the protocol; the day in a time stamp is none."""
OTHER_VERSION = "this server speaks MCP of {}, and I speak that of {} to {}"
BRING_TOGETHER = "Ask whoever runs it for an address that speaks one of these."


@dataclass
class Oddities:
    """Filled by the transport and by the handshake."""

    older_sse: bool = False
    """It takes messages in the way of before 2025-03-26: over a stream of SSE and an address that this names."""
    status: int = 0
    """Of the latest HTTP answer; none yet: 0."""
    said: str = ""
    """The beginning of the latest answer that is neither JSON nor a page; shown to nobody."""
    under_way: set[str] = field(default_factory=set)
    """The numbers of the requests whose answers are still to come."""
    budget: SessionBudget = field(default_factory=SessionBudget)
    """For reading what it says."""
    reading: Reading = field(default_factory=Reading)
    """Of what is large in it."""
    echoes: Echoes = field(default_factory=Echoes)
    """The connection's secrets in what it says."""
    opened: bool = False
    version_refused: bool = False
    versions: tuple[str, ...] = ()
    """Those that it named when it refused ours."""

    @property
    def unexplained(self) -> bool:
        """It took no message, for a reason that is not one of signing in or of waiting."""
        answered = self.status and self.status not in (401, 403, 407, 429)
        return bool(answered) and not (self.opened or self.older_sse or self.version_refused)

    def heard(self, event: str) -> None:
        """The first event of an answer."""
        if event == "endpoint":
            self.older_sse = True
            raise NotStreamable

    def error(self, server: str) -> ServerError | None:
        """The one that is known, when no session came about."""
        if self.opened:
            return None
        if self.older_sse:
            return OldTransport(server)
        if not self.version_refused:
            return None
        if not self.versions:
            return ProtocolTooOld(server)
        theirs, ours = ", ".join(self.versions), KNOWN_PROTOCOL_VERSIONS
        return ProtocolTooOld(server, OTHER_VERSION.format(theirs, ours[0], ours[-1]), BRING_TOGETHER)


class NotStreamable(Exception):
    """Ends the reading of a stream that will never bring an answer."""
