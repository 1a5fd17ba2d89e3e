"""What was seen of a server while a session was opened or used, and the plain error that it adds up to."""

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
import httpx2
from mcp import MCPError, types
from pydantic import ValidationError

from mcp_runtime.addresses import Refused
from mcp_runtime.errors import (
    AddressNotAllowed,
    AuthorizationNeeded,
    ConnectFailed,
    HostUnreachable,
    NotAnMcpServer,
    ProgramFailed,
    ServerError,
    TokenRefused,
    TooSlow,
)

log = logging.getLogger(__name__)

TOKEN_REFUSED = "it refused the token: check that it is whole, still valid and allowed to do this"  # noqa: S105
TOKEN_NEEDED = "it asks for a token, and none was given"  # noqa: S105
NO_MCP = "something answers at this address, but it is no MCP server: check the address, its path too"
REDIRECTED = "it sends us on to another address: enter that one instead, if you trust it"
BUSY = "it is overloaded or out of order (HTTP {}): try again later"
UNKNOWN_NAME = "there is no host of this name: check the address"
NO_ANSWER = "nothing answers at this address: check the address and that the server is running"
BAD_CERTIFICATE = "its certificate could not be verified, so it may be somebody else"
TOO_SLOW = "it did not answer in time: try again later"
OURS = "something is wrong on our side, and is in the log: tell an administrator"
REFUSING = (401, 403)
THEIRS = (
    MCPError,
    ValidationError,
    RuntimeError,
    OSError,
    httpx2.HTTPError,
    httpx2.StreamError,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
    anyio.EndOfStream,
)
"""What a server or the way to it can make the SDK and the transports raise; all else is a fault of ours."""
BROKEN_PROGRAM = "{}, and no session came about"


@dataclass
class Diagnosis:
    """Filled by the transports. The SDK reports most of this as one and the same error, or not at all."""

    token_sent: bool = False
    stdio: bool = False
    statuses: list[int] = field(default_factory=list)
    """Of the latest HTTP answers, in order."""
    failure: Exception | None = None
    why_ended: str = ""
    pid: int | None = None

    def answered(self, status: int) -> None:
        self.failure = None
        self.statuses.append(status)
        del self.statuses[:-8]

    @contextmanager
    def noting_failures(self) -> Iterator[None]:
        try:
            yield
        except Exception as exc:
            self.failure = exc
            raise

    def explain(self, server: str, error: BaseException) -> ServerError:
        """The error to raise in place of this one; none of its words are the other side's."""
        if isinstance(error, ServerError):
            return error
        if isinstance(error, httpx2.InvalidURL):
            return HostUnreachable(server, UNKNOWN_NAME)
        if not isinstance(error, THEIRS):
            log.error("a session with %s could not be opened", server, exc_info=error)
            return ConnectFailed(server, OURS)
        if self.stdio:
            return self._of_program(server, error)
        if self.failure is not None:
            return of_network(server, self.failure)
        if (refused := next((each for each in self.statuses if each in REFUSING), None)) is not None:
            return self._of_status(server, refused)
        if isinstance(error, TimeoutError):
            return TooSlow(server, TOO_SLOW)
        if self.statuses and self.statuses[-1] >= 300:
            return self._of_status(server, self.statuses[-1])
        if isinstance(error, httpx2.HTTPError):
            return of_network(server, error)
        return NotAnMcpServer(server, NO_MCP)

    def _of_program(self, server: str, error: BaseException) -> ServerError:
        if isinstance(error, TimeoutError):
            return TooSlow(server, TOO_SLOW)
        if isinstance(error, OSError):
            return ProgramFailed(server, "its program could not be started")
        return ProgramFailed(server, BROKEN_PROGRAM.format(self.why_ended or "its program does not speak MCP"))

    def _of_status(self, server: str, status: int) -> ServerError:
        if status in REFUSING:
            kind, reason = (TokenRefused, TOKEN_REFUSED) if self.token_sent else (AuthorizationNeeded, TOKEN_NEEDED)
            return kind(server, reason)
        if status < 400:
            return NotAnMcpServer(server, REDIRECTED)
        if status == 429 or status >= 500:
            return ConnectFailed(server, BUSY.format(status))
        return NotAnMcpServer(server, NO_MCP)


def of_network(server: str, failure: Exception) -> ServerError:
    if isinstance(failure, Refused):
        return AddressNotAllowed(server, str(failure))
    if isinstance(failure, httpx2.TimeoutException):
        return TooSlow(server, TOO_SLOW)
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in chain(failure)):
        return HostUnreachable(server, BAD_CERTIFICATE)
    if isinstance(failure, (httpx2.RemoteProtocolError, httpx2.LocalProtocolError)):
        return NotAnMcpServer(server, NO_MCP)
    named = any(isinstance(each, (UnicodeError, socket.gaierror)) for each in chain(failure))
    return HostUnreachable(server, UNKNOWN_NAME if named else NO_ANSWER)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def root_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def session_lost(error: MCPError) -> bool:
    """The codes alone are ambiguous: one oversized answer is -32000 as well, without a loss."""
    if error.code == types.CONNECTION_CLOSED:
        return error.message == "Connection closed"
    return was_refused_unseen(error)


def was_refused_unseen(error: MCPError) -> bool:
    """The server does not know the session, as after its restart: it has done nothing with what was sent."""
    return error.code == types.INVALID_REQUEST and error.message in ("Session not found", "Session terminated")
