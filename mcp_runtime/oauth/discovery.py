"""Who signs members in to a server: asked of the server itself, then of the authorization server that it names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, Field, ValidationError

from mcp_runtime.errors.challenges import Challenge
from mcp_runtime.oauth.errors import SignInImpossible, SignInServerAway
from mcp_runtime.oauth.grants import rights
from mcp_runtime.oauth.lenient import Said, Text, Words
from mcp_runtime.oauth.web_addresses import canonical, covers, is_safe, origin, parts_of, same_issuer

MOST_REDIRECTS, MOST_SCOPES, MOST_SERVERS = 3, 100, 4
OFFLINE = "offline_access"
"""The right to renew what was granted (OpenID Connect)."""
RESOURCE, SERVER, OPENID = "oauth-protected-resource", "oauth-authorization-server", "openid-configuration"

OTHER_RESOURCE = "it says of itself that it is another server, so that a token for it could be misused"
NO_DOCUMENT = "the sign-in server that it names does not describe itself"
OTHER_ISSUER = "the sign-in server that it names calls itself by another name, so it may be an impostor"
NO_PKCE = "its sign-in server offers no protection against stolen codes (PKCE with S256)"
ODD_ADDRESS = "its sign-in server names an address that is not safe to open"

Document = TypeVar("Document", bound=BaseModel)


class ResourceDocument(BaseModel):
    """RFC 9728; addresses stay as they are written, since they are compared letter by letter."""

    resource: str
    authorization_servers: list[str] = Field(min_length=1)
    scopes_supported: Words = None


class ServerDocument(BaseModel):
    """RFC 8414, and OpenID Connect Discovery, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    registration_endpoint: Text = None
    revocation_endpoint: Text = None
    scopes_supported: Words = None
    code_challenge_methods_supported: Words = None
    token_endpoint_auth_methods_supported: Words = None
    client_id_metadata_document_supported: Said = False
    authorization_response_iss_parameter_supported: Said = False


@dataclass(frozen=True)
class Discovered:
    """``resource`` is what tokens are asked for; nothing of this is a secret."""

    resource: str
    scopes: tuple[str, ...] | None
    """What the resource says that it needs at least; None: it says nothing."""
    server: ServerDocument

    @property
    def host(self) -> str:
        """Where the member's browser will go."""
        return urlsplit(self.server.authorization_endpoint).netloc


async def discover(
    http: httpx2.AsyncClient,
    server: str,
    url: str,
    challenge: Challenge | None,
    known: Callable[[str], bool] = lambda issuer: False,
) -> Discovered | None:
    """Of several authorization servers one that is ``known`` already is taken, else the first that can be.

    None when the server at ``url`` says nothing of OAuth; ``server`` is its title, for errors.

    Raises `SignInImpossible` when what it says cannot be used, `SignInServerAway` when nothing can be learned now.
    """
    resource = await _resource(http, server, url, challenge)
    if resource is None:
        # Servers of the first revision are themselves their authorization server, at their root.
        found = await _first(http, server, ServerDocument, [f"{origin(url)}/.well-known/{SERVER}"])
        if found is None:
            return None
        return Discovered(canonical(url), None, _checked(server, found, origin(url)))
    named = sorted(resource.authorization_servers[:MOST_SERVERS], key=lambda issuer: not known(issuer))
    problem: SignInImpossible | None = None
    for issuer in named:
        try:
            found = await _described(http, server, issuer)
        except SignInImpossible as error:
            problem = problem or error
        else:
            return Discovered(resource.resource, _scopes(resource.scopes_supported), found)
    raise problem or SignInImpossible(server, NO_DOCUMENT)


async def _described(http: httpx2.AsyncClient, server: str, issuer: str) -> ServerDocument:
    if parts_of(issuer) is None:
        raise SignInImpossible(server, ODD_ADDRESS)
    document = await _first(http, server, ServerDocument, list(server_addresses(issuer)))
    if document is None:
        raise SignInImpossible(server, NO_DOCUMENT)
    return _checked(server, document, issuer)


async def _resource(
    http: httpx2.AsyncClient, server: str, url: str, challenge: Challenge | None
) -> ResourceDocument | None:
    told = challenge.resource_metadata if challenge else ""
    document = await _first(http, server, ResourceDocument, list(resource_addresses(url, told)))
    if document is not None and not covers(document.resource, url):
        raise SignInImpossible(server, OTHER_RESOURCE)
    return document


def _checked(server: str, document: ServerDocument, issuer: str) -> ServerDocument:
    if not same_issuer(document.issuer, issuer):  # RFC 8414, 3.3: else one server could speak for another
        raise SignInImpossible(server, OTHER_ISSUER)
    if "S256" not in (document.code_challenge_methods_supported or ()):
        raise SignInImpossible(server, NO_PKCE)
    named = (
        document.authorization_endpoint,
        document.token_endpoint,
        document.registration_endpoint,
        document.revocation_endpoint,
    )
    if not all(is_safe(each, issuer) for each in named if each is not None):
        raise SignInImpossible(server, ODD_ADDRESS)
    # Of what may be a very long list this alone is of use.
    offline = [OFFLINE] if OFFLINE in (document.scopes_supported or ()) else []
    return document.model_copy(update={"scopes_supported": offline})


def _scopes(named: list[str] | None) -> tuple[str, ...] | None:
    return None if named is None else tuple(rights(" ".join(named[:MOST_SCOPES])).split())


def resource_addresses(url: str, told: str = "") -> Iterator[str]:
    """Where the document of a protected resource may be, the likeliest first."""
    if told and parts_of(told):
        yield told
    parts = urlsplit(url)
    if parts.path.strip("/"):
        yield f"{origin(url)}/.well-known/{RESOURCE}{parts.path}"
    yield f"{origin(url)}/.well-known/{RESOURCE}"


def server_addresses(issuer: str) -> Iterator[str]:
    """Where the document of an authorization server may be, in the order that is prescribed."""
    path = urlsplit(issuer).path.rstrip("/")
    yield f"{origin(issuer)}/.well-known/{SERVER}{path}"
    yield f"{origin(issuer)}/.well-known/{OPENID}{path}"
    if path:
        yield f"{origin(issuer)}{path}/.well-known/{OPENID}"


async def _first(http: httpx2.AsyncClient, server: str, kind: type[Document], addresses: list[str]) -> Document | None:
    """The first that is there and can be read. An outage is no «not there»: what follows could be another's word."""
    for address in addresses:
        answer = await _get(http, server, address)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise SignInServerAway(server)
        if answer.status_code == 200:
            try:
                return kind.model_validate_json(answer.content)
            except ValidationError:
                continue
    return None


async def _get(http: httpx2.AsyncClient, server: str, address: str) -> httpx2.Response:
    """With redirects that stay within the origin."""
    # Here, as the settings are checked by this file too, and a command that only reads them needs no protocol.
    from mcp_types.version import LATEST_MODERN_VERSION

    url = httpx2.URL(address)
    headers = {"accept": "application/json", "mcp-protocol-version": LATEST_MODERN_VERSION}
    answer = await http.get(url, headers=headers)
    for _ in range(MOST_REDIRECTS):
        following = url.join(answer.headers.get("location", "")) if answer.is_redirect else url
        if following == url or (following.scheme, following.netloc) != (url.scheme, url.netloc):
            break
        url = following
        answer = await http.get(url, headers=headers)
    return answer
