"""What can go wrong with a server.

* ServerError              the server named in ``server`` failed
  * ConnectFailed          no session came about; each subclass has a cure of its own
    * HostUnreachable      no such host, refused, or no answer at all
    * TooSlow              the time to connect was up
    * AddressNotAllowed    the address is private, or not one that may be dialled
    * NotAnMcpServer       something answered, and it does not speak MCP
    * TokenRefused         401 or 403 although a token was sent
    * SandboxMissing       a stdio server without a sandbox to run it in
    * ProgramFailed        a stdio server that would not start
  * AuthorizationNeeded    401 and no token was sent
  * ToolFailed             a call was sent and no answer came; it may have happened
"""


class ServerError(Exception):
    """``reason`` is a plain clause for people; it holds no secret, no address and no URL."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server}: {reason}")
        self.server = server
        self.reason = reason


class ConnectFailed(ServerError):
    """No session came about."""


class HostUnreachable(ConnectFailed):
    """No such host, a refused connection, or no answer at all."""


class TooSlow(ConnectFailed):
    """The time to connect was up."""


class AddressNotAllowed(ConnectFailed):
    """The address is private, or not one that may be dialled."""


class NotAnMcpServer(ConnectFailed):
    """Something answered, and it does not speak MCP."""


class TokenRefused(ConnectFailed):
    """401 or 403 although a token was sent."""


class SandboxMissing(ConnectFailed):
    """A stdio server, and no sandbox to run it in."""


class ProgramFailed(ConnectFailed):
    """A stdio server that would not start."""


class AuthorizationNeeded(ServerError):
    """401, and no token was sent."""


class ToolFailed(ServerError):
    """A call was sent and no answer came; it may have happened."""
