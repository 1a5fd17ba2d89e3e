"""What keeps us from a server: the address, the way to it, or its own wish to be left alone."""

from mcp_runtime.errors.base import ConnectFailed, ServerError
from mcp_runtime.errors.causes import Cause


class HostUnreachable(ConnectFailed):
    cause = Cause.CANNOT_REACH
    reason = "nothing answered at this address"
    cure = "Check that it is right and that the server is running."


class UnknownHost(HostUnreachable):
    reason = "there is no host of this name"
    cure = "Check the address."


class ConnectionRefused(HostUnreachable):
    reason = "nothing answered at this address: the connection was refused"


class HungUp(HostUnreachable):
    reason = "the server hung up before it answered"
    cure = "Try again in a minute, and check the address."


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


class LeftAlone(ConnectFailed):
    """It failed ``times`` in a row, the last time by ``last``, and is not tried for so many ``seconds``."""

    def __init__(self, last: ServerError, times: int, seconds: float) -> None:
        told = f"It failed {times} times in a row, so I leave it alone for another {_spoken(seconds)}."
        super().__init__(last.server, last.reason, told)
        self.cause = last.cause


def _spoken(seconds: float) -> str:
    """«40 seconds», «3 minutes», «2 hours»; rounded up, so that nobody comes too early."""
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        number = -int(-seconds // length)
        if seconds >= length or length == 1:
            return f"1 {unit}" if number <= 1 else f"{number} {unit}s"
    raise AssertionError("unreachable")


class ClosedMeanwhile(ConnectFailed):
    """By us, as when its member disconnects it: no failure of the server's."""

    cause = Cause.CANNOT_REACH
    reason = "it was closed meanwhile"
