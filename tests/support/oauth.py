"""A real authorization server over HTTP (the SDK's), a real MCP server that it protects, and somebody who agrees."""

import asyncio
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    RefreshToken,
    TokenError,
    TokenVerifier,
)
from mcp.server.auth.routes import build_metadata, create_auth_routes
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from mcp.types import ToolAnnotations
from starlette.applications import Starlette

from tests.support.evidence import never_in_a_log

Message = MutableMapping[str, Any]
App = Callable[[Any, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
SCOPES = ["read", "write", "offline_access"]
METADATA = "/.well-known/oauth-authorization-server"


@dataclass
class Lab:
    """``url`` is the protected server's. ``asked`` are the queries of `/authorize`, ``forms`` those of `/token`.

    ``extra`` changes what the authorization server says of itself; a value of None takes a member away.
    """

    origin: str = ""
    url: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    needs: set[str] = field(default_factory=lambda: {"read"})
    """Scopes without which the protected server answers 403."""
    lifetime: int = 3600
    down: int = 0
    """The status with which `/token` answers instead of doing anything."""
    token_answer: Any = None
    """What `/token` says instead of giving a token."""
    broken: set[str] = field(default_factory=set)
    """Paths that answer 503."""
    resource: str = ""
    """What the protected server says that it is, where that is something else."""
    moved_to: str = ""
    """Another issuer, that the protected server names from now on."""
    says_issuer: bool = True
    seen: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    to_server: list[str] = field(default_factory=list)
    """Bodies and headers of all that came to the protected server."""
    clients: dict[str, OAuthClientInformationFull] = field(default_factory=dict)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    """What was done with the protected server's tools."""
    refused: int = 0
    """Requests that came to the protected server with a token that is not good."""
    before_token: Callable[[], Awaitable[None]] | None = None

    def count(self, path: str) -> int:
        return self.seen.count(path)

    def expire(self) -> None:
        """All access tokens are over, as their lifetime says."""
        self.access.clear()

    @property
    def refreshes(self) -> int:
        return sum(form.get("grant_type") == "refresh_token" for form in self.forms)


class Provider:
    """In memory; codes are good once, and so are refresh tokens: using one twice ends its whole family."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self._lab.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        if client_info.client_secret:
            never_in_a_log(client_info.client_secret)
        self._lab.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        code = secrets.token_urlsafe(24)
        never_in_a_log(code)
        self._lab.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        answer = {"code": code, "state": params.state or ""}
        if self._lab.says_issuer:
            answer["iss"] = issuer(self._lab)
        return f"{params.redirect_uri}?{urlencode(answer)}"

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self._lab.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self._lab.codes[authorization_code.code]
        return self._issued(client.client_id, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        return self._lab.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        if self._lab.refresh.pop(refresh_token.token, None) is None:
            self._lab.access.clear()
            raise TokenError("invalid_grant")
        return self._issued(client.client_id, refresh_token.scopes, refresh_token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self._lab.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self._lab.access.pop(token.token, None)
        self._lab.refresh.pop(token.token, None)

    def _issued(self, client: str, scopes: list[str], resource: str | None) -> OAuthToken:
        access, renewing = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        never_in_a_log(access)
        never_in_a_log(renewing)
        until = int(time.time()) + self._lab.lifetime
        self._lab.access[access] = AccessToken(
            token=access, client_id=client, scopes=scopes, expires_at=until, resource=resource
        )
        self._lab.refresh[renewing] = RefreshToken(token=renewing, client_id=client, scopes=scopes, resource=resource)
        return OAuthToken(
            access_token=access, expires_in=self._lab.lifetime, refresh_token=renewing, scope=" ".join(scopes)
        )


class Verifier(TokenVerifier):
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def verify_token(self, token: str) -> AccessToken | None:
        return self._lab.access.get(token)


def _settings(lab: Lab) -> AuthSettings:
    addresses = {"issuer_url": lab.origin, "resource_server_url": lab.url}
    return AuthSettings.model_validate({**addresses, "required_scopes": ["read"], "validate_token_resource": True})


def issuer(lab: Lab) -> str:
    """Letter by letter as both servers write it."""
    return str(_settings(lab).issuer_url)


def _authorization_server(lab: Lab) -> App:
    registration = ClientRegistrationOptions(enabled=True, valid_scopes=SCOPES, default_scopes=SCOPES)
    revocation = RevocationOptions(enabled=True)
    url = _settings(lab).issuer_url
    assert url is not None
    routes = create_auth_routes(
        Provider(lab),
        url,
        client_registration_options=registration,
        revocation_options=revocation,
    )
    described = build_metadata(url, None, registration, revocation).model_dump(mode="json", exclude_none=True)
    described["authorization_response_iss_parameter_supported"] = True
    described["token_endpoint_auth_methods_supported"] = ["none", "client_secret_post", "client_secret_basic"]
    inner = Starlette(routes=routes)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        lab.seen.append(scope["path"])
        if scope["path"] in lab.broken:
            await _json(send, 503, {})
            return
        if scope["path"] == METADATA:
            told = {name: value for name, value in {**described, **lab.extra}.items() if value is not None}
            await _json(send, 200, told)
            return
        if scope["path"] == "/authorize":
            lab.asked.append(dict(parse_qsl(scope["query_string"].decode())))
        if scope["path"] == "/token":
            body, receive = await _read(receive)
            lab.forms.append(dict(parse_qsl(body.decode())))
            if lab.before_token is not None:
                await lab.before_token()
            if lab.token_answer is not None:
                await _json(send, 200, lab.token_answer)
                return
            if lab.down:
                await _json(send, lab.down, {"error": "temporarily_unavailable"})
                return
        await inner(scope, receive, send)

    return app


def _protected(lab: Lab) -> App:
    server = MCPServer("Vault", log_level="CRITICAL", token_verifier=Verifier(lab), auth=_settings(lab))

    @server.tool(title="Look", annotations=ToolAnnotations(read_only_hint=True))
    async def look() -> str:
        """Look at what is there."""
        lab.done.append("look")
        return "seen"

    @server.tool(title="Change")
    async def change(what: str) -> str:
        """Change something."""
        lab.done.append(what)
        return f"changed {what}"

    inner = server.streamable_http_app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body, receive = await _read(receive)
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            lab.to_server.append(f"{headers} {body.decode()}")
            token = lab.access.get(headers.get("authorization", "").removeprefix("Bearer "))
            if (lab.moved_to or lab.resource) and "oauth-protected-resource" in scope["path"]:
                named = [lab.moved_to or issuer(lab)]
                await _json(send, 200, {"resource": lab.resource or lab.url, "authorization_servers": named})
                return
            lab.refused += token is None and "authorization" in headers
            calls = b'"tools/call"' in body
            if calls and token and not lab.needs <= set(token.scopes):
                more = " ".join(sorted(lab.needs))
                challenge = f'Bearer error="insufficient_scope", scope="{more}"'
                await _json(send, 403, {"error": "insufficient_scope"}, challenge)
                return
        await inner(scope, receive, send)

    return app


async def _read(receive: Any) -> tuple[bytes, Any]:
    """The whole body, and a ``receive`` that gives it once more."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


async def _json(send: Any, status: int, body: Any, challenge: str = "") -> None:
    headers = [(b"content-type", b"application/json")]
    headers += [(b"www-authenticate", challenge.encode())] if challenge else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@asynccontextmanager
async def serving(app: App, listening: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task


def _listening() -> tuple[socket.socket, str]:
    # With protocol 0 asyncio sets no TCP_NODELAY, and each call would take 45 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def open_lab(**options: Any) -> AsyncIterator[Lab]:
    lab = Lab(**options)
    at_sign_in, lab.origin = _listening()
    at_server, origin = _listening()
    lab.url = f"{origin}/mcp"
    with at_sign_in, at_server:
        async with serving(_authorization_server(lab), at_sign_in), serving(_protected(lab), at_server):
            yield lab


async def agree(url: str) -> httpx2.URL:
    """Go there as a browser would, and say yes: the address that one is sent back to."""
    async with httpx2.AsyncClient() as http:
        answer = await http.get(url)
    location = answer.headers["location"]
    assert urlsplit(location).query, answer.text
    return httpx2.URL(location)
