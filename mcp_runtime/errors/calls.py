"""A call was sent, and what became of it is not known."""

from mcp_runtime.errors.base import ServerError
from mcp_runtime.errors.causes import Cause


class ToolFailed(ServerError):
    """A call was sent, and what became of it is not known: it may have happened."""

    cause = Cause.CANNOT_REACH
    reason = "no answer came"


class SessionLost(ToolFailed):
    """The session ended under the call."""


class TookTooMuch(SessionLost):
    """We ended it: the server took more than one session may."""

    cause = Cause.TOO_BIG


class NoAnswer(ToolFailed):
    """The time to answer was up."""

    cause = Cause.TOO_SLOW
