"""What is written of the hosts that a program asked for and may not reach."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from mcp_runtime.sandbox.network.way_out import Verdict

MOST_LINES = 50
"""In the log for one program: what it asks for is its own choice, and so would be how much is written."""
SHORTEST_SECRET = 6
"""What is shorter may be a part of any name."""
log = logging.getLogger(__name__)


def noted(
    server: str, secrets: Iterable[str] = (), refused: Callable[[Verdict], None] = lambda _: None
) -> Callable[[Verdict], None]:
    """Refusals go to the log, with their reasons, and to ``refused``, each host once."""
    told: set[tuple[str, int]] = set()
    # A name is how a program could carry out what it was given; no record is to keep that for it.
    hidden = [secret.lower() for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def note(verdict: Verdict) -> None:
        host = verdict.host
        for secret in hidden:
            host = host.replace(secret, "…")
        place = (host, verdict.port)
        if verdict.refusal is None or place in told or len(told) >= MOST_LINES:
            return
        told.add(place)
        log.warning("the program of %r asked for %.253r, port %d: %s", server, *place, verdict.refusal)
        refused(replace(verdict, host=host))

    return note
