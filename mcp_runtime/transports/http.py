"""An httpx2 client for addresses that members choose: resolve once, check, dial what was checked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anyio
import httpcore2
import httpx2

from mcp_runtime.addresses import Reach, Refused, Resolve, system_resolve
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.mending.bodies import id_of
from mcp_runtime.transports.mending.messages import RequestId
from mcp_runtime.transports.mending.oddities import Oddities
from mcp_runtime.transports.mending.responses import STREAM, incoming, kind_of
from mcp_runtime.transports.refusals import LONGER
from mcp_runtime.transports.session_budgets import SessionBudget

MAX_BODY = 8 << 20
CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0
FAREWELL_SECONDS = 2.0
"""For the end of a session, which the server is told out of courtesy: it forgets by itself."""


class BodyRefused(httpx2.StreamError):
    """Of all body errors the SDK turns only this kind into an error of the one call."""


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Below the pool: TLS and SNI keep the host name, the socket goes to the checked address."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        self._dialler = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the interface is httpcore2's
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = httpcore2.ConnectError("the host has no address")
        for address in await self._addresses(host, port, timeout):
            try:
                inner = await self._dialler.connect_tcp(address, port, timeout, local_address, socket_options)
                return ClosingStream(inner)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                failure = exc
        raise failure

    async def _addresses(self, host: str, port: int, seconds: float | None) -> list[str]:
        try:
            async with asyncio.timeout(seconds):
                addresses = list(dict.fromkeys(await self._resolve(host, port)))
        except TimeoutError:
            raise httpcore2.ConnectTimeout("resolving the name took too long") from None
        except (OSError, UnicodeError) as exc:
            raise httpcore2.ConnectError("the name does not resolve") from exc
        self._reach.check_addresses(host, port, addresses)
        return addresses

    async def connect_unix_socket(self, *_: Any, **__: Any) -> Any:
        raise Refused("unix sockets are not allowed")

    async def sleep(self, seconds: float) -> None:
        await self._dialler.sleep(seconds)


class ClosingStream(httpcore2.AsyncNetworkStream):
    """A stream that is closed when its TLS handshake is given up; httpcore2 leaves it open when cancelled."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner
        self.read = inner.read  # type: ignore[method-assign]
        self.write = inner.write  # type: ignore[method-assign]
        self.aclose = inner.aclose  # type: ignore[method-assign]
        self.get_extra_info = inner.get_extra_info  # type: ignore[method-assign]

    async def start_tls(self, *given: Any, **named: Any) -> httpcore2.AsyncNetworkStream:
        try:
            return await self._inner.start_tls(*given, **named)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._inner.aclose()
            raise


class CappedBody(httpx2.AsyncByteStream):
    def __init__(self, inner: Any, limit: int | None, refusal: str, budget: SessionBudget) -> None:
        self._inner = inner
        self._budget = budget
        self._limit = limit
        self._refusal = refusal

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        with httpx2_errors():
            async for part in self._inner:
                seen += len(part)
                self._budget.came(len(part))
                if self._limit is not None and seen > self._limit:
                    raise BodyRefused(self._refusal)
                yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


class GuardedTransport(httpx2.AsyncBaseTransport):
    """``diagnosis`` and ``oddities`` learn what the SDK does not pass on: statuses, why nothing could be dialled."""

    def __init__(self, reach: Reach, resolve: Resolve, diagnosis: Diagnosis, oddities: Oddities, max_body: int) -> None:
        self._reach = reach
        self._diagnosis = diagnosis
        self._oddities = oddities
        self._max_body = max_body
        self._backend = PinnedBackend(reach, resolve)
        self._opened: httpcore2.AsyncConnectionPool | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = id_of(request) if request.method == "POST" else None
        self._oddities.under_way.add(str(asked))
        try:
            return await self._answered(request, asked)
        except BaseException:
            self._oddities.under_way.discard(str(asked))
            raise

    async def _answered(self, request: httpx2.Request, asked: RequestId | None) -> httpx2.Response:
        with self._diagnosis.following(request) as following:
            self._reach.check_url(request.url)
            with httpx2_errors():
                answer = await (await self._pool()).handle_async_request(outgoing(request))
            headers = httpx2.Headers(answer.headers)
            following.answered(answer.status, headers)
        body = self._body(request, answer, headers)
        response = httpx2.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)
        return await incoming(asked, response, self._oddities)

    def _body(self, request: httpx2.Request, answer: httpcore2.Response, headers: httpx2.Headers) -> CappedBody:
        budget = self._oddities.budget
        if headers.get("content-encoding", "identity") != "identity":
            # None was asked for, and a small compressed body may unpack to gigabytes.
            return CappedBody(answer.stream, 0, "a compressed answer is not accepted", budget)
        # Who asks for no stream reads all that comes: no answer shall escape its bound by calling itself one.
        if kind_of(headers) == STREAM and STREAM in request.headers.get("accept", ""):
            return CappedBody(answer.stream, None, "", budget)  # each event is capped instead
        return CappedBody(answer.stream, self._max_body, f"{LONGER} {self._max_body} bytes", budget)

    async def _pool(self) -> httpcore2.AsyncConnectionPool:
        """Opened with the first request, which may wait for the one context of the process."""
        context = await asyncio.to_thread(shared_ssl_context) if not _CONTEXTS else shared_ssl_context()
        if self._opened is None:
            self._opened = httpcore2.AsyncConnectionPool(
                ssl_context=context,
                max_connections=16,
                max_keepalive_connections=2,
                keepalive_expiry=30.0,
                network_backend=self._backend,
            )
        return self._opened

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()


def outgoing(request: httpx2.Request) -> httpcore2.Request:
    url = httpcore2.URL(
        scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
    )
    return httpcore2.Request(
        request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
    )


class GuardedClient(httpx2.AsyncClient):
    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Follow no redirect; the SDK itself follows those that stay within the origin.

        Raises `TimeoutError` where a farewell is not answered.
        """
        async with asyncio.timeout(FAREWELL_SECONDS if request.method == "DELETE" else None):
            return await super().send(request, **{**options, "follow_redirects": False})


_CONTEXTS: list[ssl.SSLContext] = []


def shared_ssl_context() -> ssl.SSLContext:
    """One per process, made in a thread: it takes 60 ms to read all authorities, and each of its own 0.8 MB."""
    if not _CONTEXTS:
        _CONTEXTS.append(httpx2.create_ssl_context())
    return _CONTEXTS[0]


def guarded_client(
    reach: Reach,
    diagnosis: Diagnosis,
    *,
    headers: Mapping[str, str],
    resolve: Resolve = system_resolve,
    oddities: Oddities | None = None,
    max_body: int = MAX_BODY,
    auth: httpx2.Auth | None = None,
) -> GuardedClient:
    """One client per MCP connection: pool, cookies and credentials are never shared."""
    return GuardedClient(
        transport=GuardedTransport(reach, resolve, diagnosis, oddities or Oddities(), max_body),
        trust_env=False,  # neither the host's proxy nor its .netrc
        headers={**headers, "accept-encoding": "identity"},
        auth=auth,
        timeout=httpx2.Timeout(CONNECT_SECONDS, read=READ_SECONDS),
    )


@contextmanager
def httpx2_errors() -> Iterator[None]:
    """The two packages name their exceptions alike."""
    try:
        yield
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as exc:
        raise getattr(httpx2, type(exc).__name__)(str(exc)) from exc
