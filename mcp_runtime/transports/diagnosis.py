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

from mcp_runtime.addresses import Insecure, OddPort, Refused
from mcp_runtime.errors import (
    AddressNotAllowed,
    BadCertificate,
    ConnectFailed,
    ConnectionRefused,
    ErrorAnswered,
    HostUnreachable,
    HungUp,
    InsecureAddress,
    NotAnMcpServer,
    NoTls,
    PortNotAllowed,
    ProgramFailed,
    ProgramMute,
    ProgramStopped,
    ProtocolTooOld,
    ServerError,
    TooBig,
    TooSlow,
    UnknownHost,
    WebPage,
)
from mcp_runtime.transports import exchanges, exit_codes
from mcp_runtime.transports.exchanges import Answer
from mcp_runtime.transports.refusals import CUT, REFUSING, error_of_status, made_here, unreadable

log = logging.getLogger(__name__)

OURS = "something is wrong on our side, and is in the log"
TELL = "Please tell an administrator."
TOO_LONG = "it sent a message that is too long"
MEMORY = "it used more than {} MB of memory and was ended"
FILES = "it wrote more than {} MB of files and was ended"
PROCESSES = "it ran more than {} processes at once and was ended"
BROKEN_PROGRAM = "{}, and no session came about"
CERTIFICATES = {
    9: "the server's certificate is not valid yet",
    10: "the server's certificate has expired",
    18: "the server's certificate is self-signed, so nobody vouches for it",
    19: "the server's certificate is signed by somebody whom nobody here vouches for",
    62: "the server's certificate is for another host, so it may be somebody else's",
    64: "the server's certificate is for another host, so it may be somebody else's",
}
"""By OpenSSL's number of what was found."""
GONE, HALF = "Server disconnected", "peer closed connection"
"""How httpcore's errors begin for a connection that ends before an answer, and within one: it has one kind for both,
and for what is no HTTP."""
NOT_OF_SPEECH = (401, 403, 407, 429)
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


@dataclass
class Diagnosis:
    """Filled by the transports. The SDK reports most of this as one and the same error, or not at all."""

    token_sent: bool = False
    stdio: bool = False
    answers: list[Answer] = field(default_factory=list)
    """The latest over HTTP, in order."""
    failure: Exception | None = None
    why_ended: str = ""
    spent: str = ""
    """What it had too much of, so that we ended it."""
    exit_code: int | None = None
    """Of a program that says by it why it ended."""
    pid: int | None = None
    excuse: ServerError | None = None
    """Why a token that may be used up had to do: what a refusal then means."""
    by_get: bool = False
    """The transport is the older one, whose stream is a GET."""

    def begin_anew(self) -> None:
        """It is tried in another way: what was seen in this one says nothing of that."""
        self.answers.clear()
        self.failure, self.why_ended = None, ""

    def may_speak_otherwise(self, error: BaseException) -> bool:
        """Something answered, and what it said has nothing to do with signing in, with waiting, or with being ill."""
        if self.stdio:
            return isinstance(error, MCPError) and error.code != types.CONNECTION_CLOSED
        heard = [each.status for each in self.answers if each.verb == ("GET" if self.by_get else "POST")]
        return self.failure is None and bool(heard) and heard[-1] < 500 and heard[-1] not in NOT_OF_SPEECH

    @contextmanager
    def following(self, request: httpx2.Request) -> Iterator["Following"]:
        """From the sending of this request to the head of its answer, or to what went wrong."""
        following = Following(self, request)
        try:
            yield following
        except Exception as exc:
            following.failed(exc)
            raise

    def cured(self) -> None:
        """The refusal that came last counts no more: its request goes out again, with another token."""
        refused = [index for index, each in enumerate(self.answers) if each.status == 401]
        del self.answers[refused[-1] if refused else len(self.answers) :]
        if exchange := exchanges.current():
            exchange.answer = None

    def excused(self, why: ServerError) -> None:
        self.excuse = why
        if exchange := exchanges.current():
            exchange.excuse = why

    @property
    def refused(self) -> Answer | None:
        """The first refusal that was not cured; what a server says beside it comes of that."""
        asked = (each for each in self.answers if each.verb == "POST" or self.by_get)
        return next((each for each in asked if each.status in REFUSING), None)

    def explain(self, server: str, error: BaseException) -> ServerError:
        """The error to raise in place of this one; none of its words are the other side's."""
        if isinstance(error, ServerError):
            return error
        if self.spent:
            return TooBig(server, self.spent)
        if isinstance(error, httpx2.InvalidURL):
            return UnknownHost(server)
        if not isinstance(error, THEIRS):
            log.error("a session with %s could not be opened", server, exc_info=error)
            return ConnectFailed(server, OURS, TELL)
        return self._of_program(server, error) if self.stdio else self._over_http(server, error)

    def _over_http(self, server: str, error: BaseException) -> ServerError:
        if self.failure is not None:
            return of_network(server, self.failure)
        asked = [answer for answer in self.answers if answer.verb == "POST" or self.by_get]
        if (refused := self.refused) is not None:
            return self.excuse or error_of_status(server, refused, token_sent=self.token_sent)
        if isinstance(error, TimeoutError):
            return TooSlow(server)
        if asked and asked[-1].status >= 300:
            return error_of_status(server, asked[-1], error, token_sent=self.token_sent)
        if isinstance(error, httpx2.HTTPError):
            return of_network(server, error)
        if isinstance(error, MCPError):
            return _of_answer(server, error, asked[-1] if asked else Answer(200))
        return (WebPage if asked and asked[-1].kind == "text/html" else NotAnMcpServer)(server)

    def _of_program(self, server: str, error: BaseException) -> ServerError:
        if isinstance(error, TimeoutError):
            return TooSlow(server)
        if (told := exit_codes.explained(server, self.exit_code, secret_sent=self.token_sent)) is not None:
            return told
        if isinstance(error, OSError):
            log.warning("the program of %s could not be started: %r", server, error)
            return ProgramFailed(server, "its program could not be started")
        if not self.why_ended:
            return ProgramMute(server)
        used_up = self.why_ended.startswith(tuple(each.partition("{")[0] for each in (MEMORY, FILES, PROCESSES)))
        kind = TooBig if self.why_ended == TOO_LONG else ProgramStopped if used_up else ProgramFailed
        return kind(server, BROKEN_PROGRAM.format(self.why_ended))


class Following:
    """One HTTP request: noted here for the session, and in its `Exchange` for whoever asked."""

    def __init__(self, diagnosis: Diagnosis, request: httpx2.Request) -> None:
        self._diagnosis = diagnosis
        self._request = request
        self._exchange = exchanges.current()
        if self._exchange:
            self._exchange.begun = True

    def answered(self, status: int, headers: httpx2.Headers) -> None:
        answer = Answer.to(self._request, status, headers)
        self._diagnosis.failure = None
        if status not in REFUSING:
            self._diagnosis.excuse = None
        self._diagnosis.answers.append(answer)
        del self._diagnosis.answers[:-8]
        if self._exchange:
            self._exchange.answered(answer)

    def failed(self, error: Exception) -> None:
        self._diagnosis.failure = error
        if self._exchange:
            self._exchange.failure = error


def _of_answer(server: str, error: MCPError, answer: Answer) -> ServerError:
    if not made_here(error):
        return (ProtocolTooOld if error.code == types.UNSUPPORTED_PROTOCOL_VERSION else ErrorAnswered)(server)
    return unreadable(server, answer, error) or NotAnMcpServer(server)


def of_network(server: str, failure: Exception) -> ServerError:
    if isinstance(failure, Refused):
        kinds: dict[type[Refused], type[ServerError]] = {Insecure: InsecureAddress, OddPort: PortNotAllowed}
        return kinds.get(type(failure), AddressNotAllowed)(server)
    if isinstance(failure, httpx2.TimeoutException):
        return TooSlow(server)
    causes = list(chain(failure))
    if certificate := next((each for each in causes if isinstance(each, ssl.SSLCertVerificationError)), None):
        return BadCertificate(server, CERTIFICATES.get(certificate.verify_code, ""))
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return NoTls(server)
    if isinstance(failure, httpx2.ProtocolError):
        return _of_protocol(server, str(failure))
    if isinstance(failure, (httpx2.ReadError, httpx2.WriteError, httpx2.CloseError)):
        return HungUp(server)
    if any(isinstance(each, (UnicodeError, socket.gaierror)) for each in causes):
        return UnknownHost(server)
    refused = any(isinstance(each, ConnectionRefusedError) for each in causes)
    return (ConnectionRefused if refused else HostUnreachable)(server)


def _of_protocol(server: str, told: str) -> ServerError:
    if told.startswith(HALF):
        return ConnectFailed(server, CUT)
    return HungUp(server) if told.startswith(GONE) else NotAnMcpServer(server)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def root_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
