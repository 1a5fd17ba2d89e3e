"""What can go wrong with a server: each kind with its cause, and its own words: what happened and what cures it.

* ServerError              the server named in ``server`` failed
  * ConnectFailed          no session came about, or the server refused what was asked: nothing has happened
    * HostUnreachable      no host, no answer
      * UnknownHost, ConnectionRefused, BadCertificate, NoTls
    * TooSlow              the time to answer was up
    * AddressNotAllowed    a private address
      * InsecureAddress, PortNotAllowed
    * Redirected           it sends us to another host
    * RateLimited          429; ``retry_after`` says for how long
    * OutOfOrder           5xx
    * NotAnMcpServer       something answered, and it does not speak MCP
      * NothingThere, WebPage, OldTransport, ProtocolTooOld
    * TooBig               more than is taken at once
    * ErrorAnswered        it speaks MCP, and answered with an error of its own
    * SessionRefused       it does not know the session that it has just opened
    * TokenRefused         401 although a token was sent
      * AccessForbidden    403 although a token was sent
        * MoreRightsNeeded the token is good, and what was asked takes rights that it lacks
    * SandboxMissing       a stdio server without a sandbox to run it in
    * ProgramFailed        a stdio server that would not start
      * ProgramStopped     it took more than it may
      * ProgramMute        it starts, and does not speak MCP
    * NotPermitted         this installation does not let its member use it, or not any more
    * LeftAlone            it has failed too often to be tried now
  * AuthorizationNeeded    401 or 403, and no token was sent
    * SecretUnreadable     there is one, and its master key is gone
  * ToolFailed             a call was sent, and what became of it is not known: it may have happened
    * SessionLost, NoAnswer
"""

from mcp_runtime.causes import Cause
from mcp_runtime.challenges import Challenge


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


class HostUnreachable(ConnectFailed):
    cause = Cause.CANNOT_REACH
    reason = "nothing answered at this address"
    cure = "Check that it is right and that the server is running."


class UnknownHost(HostUnreachable):
    reason = "there is no host of this name"
    cure = "Check the address."


class ConnectionRefused(HostUnreachable):
    reason = "nothing answered at this address: the connection was refused"


class BadCertificate(HostUnreachable):
    cause = Cause.TLS
    reason = "the server's certificate could not be verified, so it may be somebody else's"
    cure = "Whoever runs the server has to give it one that browsers trust as well."


class NoTls(HostUnreachable):
    cause = Cause.TLS
    reason = "something answers at this address, but not over https://"
    cure = "Check the address, its port too."


class TooSlow(ConnectFailed):
    cause = Cause.TOO_SLOW
    reason = "the server did not answer in time"
    cure = "Check the address, or try again in a minute."


class AddressNotAllowed(ConnectFailed):
    cause = Cause.ADDRESS_REFUSED
    reason = "this address is private, so I may not call it"
    cure = "Use a public one, or ask an administrator to allow it."


class InsecureAddress(AddressNotAllowed):
    reason = "this address does not start with https://, so others could read what is sent there"
    cure = "Use the server's https:// address, or ask an administrator to allow this host."


class PortNotAllowed(AddressNotAllowed):
    reason = "this address names a port of its own, and only the usual one of https:// may be called"
    cure = "Leave the port out, or ask an administrator to allow this host with it."


class Redirected(ConnectFailed):
    cause = Cause.ADDRESS_REFUSED
    reason = "this address sends me on to another one"
    cure = "Enter that one instead, if you trust it."


class RateLimited(ConnectFailed):
    """``retry_after`` is in seconds; None when the server did not say."""

    cause = Cause.CANNOT_REACH
    reason = "the server takes no more requests for now (HTTP 429)"
    cure = "Try again in a few minutes."

    def __init__(self, server: str, retry_after: float | None = None) -> None:
        super().__init__(server, cure=f"It asks me to wait {_spoken(retry_after)}." if retry_after else "")
        self.retry_after = retry_after


class OutOfOrder(ConnectFailed):
    """``status`` is that of HTTP; ``retry_after`` as in `RateLimited`."""

    cause = Cause.CANNOT_REACH
    reason = "the server is out of order"
    cure = "Try again in a few minutes."

    def __init__(self, server: str, status: int, retry_after: float | None = None) -> None:
        wait = f"It asks me to wait {_spoken(retry_after)}." if retry_after else ""
        super().__init__(server, f"{self.reason} (HTTP {status})", wait)
        self.retry_after = retry_after


class NotAnMcpServer(ConnectFailed):
    cause = Cause.NOT_MCP
    reason = "something answered at this address, but it does not speak MCP"
    cure = "The address often ends in /mcp: see the server's own documentation."


class NothingThere(NotAnMcpServer):
    reason = "the host answered, but it has nothing at this path (HTTP 404)"
    cure = "Check the path, which often ends in /mcp: see the server's own documentation."


class WebPage(NotAnMcpServer):
    reason = "a web page answered, perhaps one to log in at, and that does not speak MCP"
    cure = "Enter the address for MCP clients, which often ends in /mcp: see the server's own documentation."


class OldTransport(NotAnMcpServer):
    reason = (
        "this server speaks the older kind of MCP, over SSE, and wants messages to be sent to another host than its own"
    )
    cure = "See whether it has an address for Streamable HTTP: that often ends in /mcp instead of /sse."


class ProtocolTooOld(NotAnMcpServer):
    cause = Cause.PROTOCOL_ERROR
    reason = "this server speaks a version of MCP that I do not"
    cure = "Whoever runs it has to bring it up to date."


class TooBig(ConnectFailed):
    cause = Cause.TOO_BIG
    reason = "the server sent more at once than I take"
    cure = "Whoever runs it can send it in smaller parts."


class ErrorAnswered(ConnectFailed):
    reason = "the server answered with an error of its own"
    cure = "Try again in a minute; if it stays so, tell whoever runs it."


class SessionRefused(ConnectFailed):
    reason = "the server does not know the session that it has just opened itself"
    cure = "It may run as several copies that do not share their sessions: whoever runs it can mend that."


class TokenRefused(ConnectFailed):
    cause = Cause.SIGN_IN_REFUSED
    reason = "the server refused this token"
    cure = "Make a new one there, and paste the whole of it."


class AccessForbidden(TokenRefused):
    cause = Cause.FORBIDDEN_SCOPE
    reason = "the server does not allow this token to be used for it (HTTP 403)"
    cure = "Give it the rights that it lacks there, or make a new one."


class MoreRightsNeeded(AccessForbidden):
    reason = "this takes more rights than I was given there"
    cure = "Sign in to it again, and allow them there."


class SandboxMissing(ConnectFailed):
    cause = Cause.SANDBOX_REFUSED
    reason = "it runs only in a sandbox, and there is none here"
    cure = "An administrator can mend that."


class ProgramFailed(ConnectFailed):
    cause = Cause.CANNOT_REACH
    reason = "its program would not start here"
    cure = "An administrator can see why."


class LeftAlone(ConnectFailed):
    """It failed ``times`` in a row, the last time by ``last``, and is not tried for so many ``seconds``."""

    def __init__(self, last: ServerError, times: int, seconds: float) -> None:
        told = f"It failed {times} times in a row, so I leave it alone for another {_spoken(seconds)}."
        super().__init__(last.server, last.reason, told)
        self.cause = last.cause


class ProgramStopped(ProgramFailed):
    """The sandbox ended it, as it took more than it may."""

    cause = Cause.SANDBOX_REFUSED


class ProgramMute(ProgramFailed):
    cause = Cause.NOT_MCP
    reason = "its program does not speak MCP"


class NotPermitted(ConnectFailed):
    cause = Cause.NOT_PERMITTED
    reason = "it may not be used here any more"
    cure = "An administrator of this installation can change that."


class AuthorizationNeeded(ServerError):
    cause = Cause.SIGN_IN_NEEDED
    reason = "the server wants a token, and none was given"
    cure = "Make one there, and enter it."


class SecretUnreadable(AuthorizationNeeded):
    reason = "its token can no longer be read here, as the key that it was sealed with has changed"
    cure = "Enter it anew."


class ToolFailed(ServerError):
    """A call was sent, and what became of it is not known: it may have happened."""

    cause = Cause.CANNOT_REACH
    reason = "no answer came"


class SessionLost(ToolFailed):
    """The session ended under the call."""


class NoAnswer(ToolFailed):
    """The time to answer was up."""

    cause = Cause.TOO_SLOW


def _spoken(seconds: float) -> str:
    """«40 seconds», «3 minutes», «2 hours»; rounded up, so that nobody comes too early."""
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        number = -int(-seconds // length)
        if seconds >= length or length == 1:
            return f"1 {unit}" if number <= 1 else f"{number} {unit}s"
    raise AssertionError("unreachable")
