"""Requests to one host of a member's: with their secret, bounded, and never sent on to another host."""

import json
import os
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
from mcp.server.mcpserver.exceptions import ToolError

from mcp_runtime.own_servers.request_bodies import Body
from mcp_runtime.own_servers.running import (
    MOST_CHARACTERS,
    NO_SUCH_HOST,
    REFUSED,
    SECONDS,
    UNFIT,
    UNREACHABLE,
    CannotStart,
)

MOST_MOVES = 3
MOST_BYTES = 8 << 20
"""Of one answer, as it is read; what the model is given is much less."""


@dataclass(frozen=True)
class SignIn:
    """How the secret goes along: ``bearer``, ``basic`` (it is name:password), ``header``, ``query`` or ``none``."""

    kind: str = "none"
    name: str = ""
    secret: str = ""

    @classmethod
    def of(cls, kind: str, name: str) -> "SignIn":
        secret = os.environ.get("SERVER_TOKEN", "")
        return cls(kind if secret else "none", name, secret)

    @property
    def headers(self) -> dict[str, str]:
        if self.kind == "bearer":
            return {"Authorization": f"Bearer {self.secret}"}
        return {self.name or "X-API-Key": self.secret} if self.kind == "header" else {}

    @property
    def query(self) -> dict[str, str]:
        return {self.name or "api_key": self.secret} if self.kind == "query" else {}

    @property
    def basic(self) -> tuple[str, str] | None:
        name, _, password = self.secret.partition(":")
        return (name, password) if self.kind == "basic" else None


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str
    text: str
    cut: bool
    location: str = ""
    """Where it sends on to, which is not followed."""

    def told(self) -> dict[str, Any]:
        """For the model: JSON as JSON while it fits, else the beginning of it."""
        shown: Any = self.text[:MOST_CHARACTERS]
        if "json" in self.kind and not self.cut and len(self.text) <= MOST_CHARACTERS:
            with suppress(ValueError, RecursionError):
                shown = json.loads(self.text)
        cut = self.cut or len(self.text) > MOST_CHARACTERS
        note = {"note": f"Cut after {MOST_CHARACTERS} characters: ask for less."} if cut else {}
        sent_on = {"location": self.location} if self.location else {}
        return {"status": self.status, "answer": shown} | sent_on | note


class Host:
    """One host and port. Leave it as an async context manager."""

    def __init__(self, address: str, sign_in: SignIn) -> None:
        self.origin = origin(address)
        self._sign_in = sign_in
        # A proxy that the environment names is the only way out of the sandbox.
        self._http = httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=True)

    async def __aenter__(self) -> "Host":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.aclose()

    async def ask(
        self, method: str, url: str, *, query: Any = (), headers: Any = (), body: Body | None = None
    ) -> Answer:
        """Raises `httpx2.HTTPError`, and ToolError for another host."""
        if origin(url) != self.origin:
            raise ToolError(f"Only {self.origin} may be called.")
        own = self._sign_in
        of_the_body = {"content-type": body.kind} if body else {}
        asked = self._http.build_request(
            method, url, params=[*parse_qsl(urlsplit(url).query), *query, *own.query.items()] or None,
            headers={"accept": "application/json, */*;q=0.5", **dict(headers), **of_the_body, **own.headers},
            content=body.content if body else None,
        )  # fmt: skip
        answer = await self._http.send(asked, auth=own.basic, stream=True)
        try:
            got = bytearray()
            async for part in answer.aiter_bytes():
                got += part
                if len(got) > MOST_BYTES:
                    break
        finally:
            await answer.aclose()
        text = bytes(got[:MOST_BYTES]).decode(answer.encoding or "utf-8", "replace")
        kind, location = (answer.headers.get(name, "") for name in ("content-type", "location"))
        return Answer(answer.status_code, kind, text, len(got) > MOST_BYTES, location)

    async def ask_first(
        self, method: str, url: str, fits: Container[int] = (), whole: bool = True, **options: Any
    ) -> Answer:
        """While starting; raises `CannotStart`. Descriptions are often moved: they are looked for at this host.

        ``fits``: failures that the caller can read; not ``whole``: the beginning of an answer will do.
        """
        try:
            answer = await self.ask(method, url, **options)
            for _ in range(MOST_MOVES):
                url = urljoin(url, answer.location)
                if method != "GET" or not answer.location or origin(url) != self.origin:
                    break
                answer = await self.ask(method, url, **options)
        except httpx2.HTTPError as error:
            raise CannotStart(NO_SUCH_HOST if "Name or service" in str(error) else UNREACHABLE, str(error)) from error
        if answer.status in (401, 403):
            raise CannotStart(REFUSED, f"HTTP {answer.status}")
        if answer.status >= 300 and answer.status not in fits:
            raise CannotStart(UNREACHABLE if answer.status >= 500 else UNFIT, f"HTTP {answer.status}")
        if answer.cut and whole:
            raise CannotStart(UNFIT, f"more than {MOST_BYTES >> 20} MB")
        return answer


def origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def failed(error: httpx2.HTTPError) -> ToolError:
    if isinstance(error, httpx2.TimeoutException):
        return ToolError(f"No answer came within {SECONDS:.0f} s. What was asked may still have happened.")
    return ToolError("The connection broke before an answer came. What was asked may still have happened.")
