"""The two that all others stem from."""

from mcp_runtime.errors.causes import Cause
from mcp_runtime.errors.challenges import Challenge


class ServerError(Exception):
    """``reason`` is a clause for people, ``cure`` a sentence; neither holds a secret, a URL or the server's words."""

    retry_after: float | None = None
    """Seconds for which the server asks to be left alone."""
    cause: Cause
    challenge: Challenge | None = None
    """What it says about signing in, where it refused somebody."""
    reason = "the server could not be used"
    cure = "Try again in a minute."

    def __init__(self, server: str, reason: str = "", cure: str = "") -> None:
        self.server = server
        self.reason = reason or self.reason
        self.cure = cure or self.cure
        super().__init__(f"{server}: {self.reason}")


class ConnectFailed(ServerError):
    """No session came about, or the server refused what was asked."""

    cause = Cause.PROTOCOL_ERROR
