"""What a test sees of the authorization server and of the server that it protects, and what it may change."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
)
from mcp.server.auth.settings import AuthSettings
from mcp.shared.auth import OAuthClientInformationFull


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


def settings(lab: Lab) -> AuthSettings:
    addresses = {"issuer_url": lab.origin, "resource_server_url": lab.url}
    return AuthSettings.model_validate({**addresses, "required_scopes": ["read"], "validate_token_resource": True})


def issuer(lab: Lab) -> str:
    """Letter by letter as both servers write it."""
    return str(settings(lab).issuer_url)
