"""What we are called at an authorization server: as an operator registered us, by our document, or registered now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, Field, ValidationError

from mcp_runtime.oauth.discovery import ServerDocument
from mcp_runtime.oauth.errors import NotRegistered, SignInImpossible, SignInServerAway
from mcp_runtime.oauth.grants import Client
from mcp_runtime.oauth.lenient import Number, Text
from mcp_runtime.oauth.web_addresses import is_loopback, same_issuer

METHODS = ("none", "client_secret_basic", "client_secret_post")
NOT_TAKEN = "its sign-in server did not register me (HTTP {})"
OF_THE_ADDRESS = "its sign-in server takes no app at the address that I am reached at"
MOVED = "it names another sign-in server than the one that I am registered with"
TELL = "Please tell an administrator."
UNUSABLE = "its sign-in server registered me in a way that I cannot use"

LONGEST = 4000
"""Characters: it is kept with each grant, and a store outside takes no more than 64 KiB."""
CALLBACK, DOCUMENT = "/oauth/callback", "/oauth/client.json"


@dataclass(frozen=True)
class Site:
    """Where we are reached by people's browsers, without a slash at its end."""

    base_url: str

    @property
    def redirect_uri(self) -> str:
        return self.base_url + CALLBACK

    @property
    def is_local(self) -> bool:
        return is_loopback(urlsplit(self.base_url))

    @property
    def client_id(self) -> str | None:
        """The address of our own document; None where no stranger could read it."""
        return None if self.is_local or not self.base_url.startswith("https://") else self.base_url + DOCUMENT


@dataclass(frozen=True)
class Registered:
    """As whom an operator has registered Usher: clients by issuer, and issuers by the name of their entry."""

    clients: Mapping[str, Client] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)

    def at(self, issuer: str) -> Client | None:
        """As the issuer writes itself, by which its answers are known."""
        ours = next((each for named, each in self.clients.items() if same_issuer(named, issuer)), None)
        return replace(ours, issuer=issuer) if ours else None

    def check(self, server: str, name: str, issuer: str) -> None:
        """For a card that needs this entry: it is there, and is for the issuer that the server names.

        Raises `NotRegistered`, or `SignInImpossible` where our secret would go to somebody else.
        """
        if name not in self.named:
            raise not_registered(server, issuer)
        if not same_issuer(self.named[name], issuer):
            raise SignInImpossible(server, MOVED, TELL)


class _Registration(BaseModel):
    """RFC 7591, 3.2.1: the server may have chosen other values than those that were asked for."""

    client_id: str = Field(max_length=LONGEST, coerce_numbers_to_str=True)
    client_secret: str | None = Field(default=None, max_length=LONGEST)
    client_secret_expires_at: Number = None
    token_endpoint_auth_method: Text = None


def document(site: Site) -> dict[str, Any]:
    """What we say about ourselves, to be read at `Site.client_id` (OAuth Client ID Metadata Document)."""
    return {
        "client_id": site.client_id,
        "client_uri": site.base_url,
        **_about(site),
        "token_endpoint_auth_method": "none",
    }


def _about(site: Site) -> dict[str, Any]:
    return {
        "client_name": "Usher",
        "redirect_uris": [site.redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "native" if site.is_local else "web",
    }


async def client_at(
    http: httpx2.AsyncClient, server: str, at: ServerDocument, site: Site, registered: Registered, known: Client | None
) -> Client:
    """``known`` is who we were there before, if ever; it is used at the issuer that it is for alone.

    Raises `NotRegistered`, `SignInImpossible` or `SignInServerAway`.
    """
    if (ours := registered.at(at.issuer)) is not None:
        return ours
    if at.client_id_metadata_document_supported and site.client_id is not None:
        return Client(at.issuer, site.client_id)
    if known is not None and known.good_for(at.issuer) and known.id != site.client_id:
        return known
    return await _register(http, server, at, site)


async def _register(http: httpx2.AsyncClient, server: str, at: ServerDocument, site: Site) -> Client:
    if not can_register(at, site, Registered()):
        raise not_registered(server, at.issuer)
    asked = {**_about(site), "token_endpoint_auth_method": _method(at)}
    answer = await http.post(str(at.registration_endpoint), json=asked, headers={"accept": "application/json"})
    if answer.status_code == 429 or answer.status_code >= 500:
        raise SignInServerAway(server)
    if answer.status_code not in (200, 201):
        raise SignInImpossible(
            server, OF_THE_ADDRESS if _about_the_address(answer) else NOT_TAKEN.format(answer.status_code)
        )
    try:
        found = _Registration.model_validate_json(answer.content)
    except ValidationError:
        raise SignInImpossible(server, UNUSABLE) from None
    method = found.token_endpoint_auth_method or ("client_secret_basic" if found.client_secret else "none")
    if method not in METHODS or (method != "none" and not found.client_secret):
        raise SignInImpossible(server, UNUSABLE)
    secret = None if method == "none" else found.client_secret
    return Client(at.issuer, found.client_id, secret, method, found.client_secret_expires_at or None)


def can_register(at: ServerDocument, site: Site, registered: Registered) -> bool:
    """Is there a way to be known there?"""
    by_document = at.client_id_metadata_document_supported and site.client_id is not None
    return bool(registered.at(at.issuer) or by_document or at.registration_endpoint)


def not_registered(server: str, issuer: str) -> NotRegistered:
    error = NotRegistered(server)
    error.issuer = issuer
    return error


def _method(at: ServerDocument) -> str:
    """The best that both know; a server that does not say takes the first of them (RFC 8414)."""
    offered = at.token_endpoint_auth_methods_supported
    return next((each for each in METHODS if offered is None or each in offered), "none")


def _about_the_address(answer: httpx2.Response) -> bool:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("error") == "invalid_redirect_uri"
