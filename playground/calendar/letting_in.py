"""The authorization server's side: apps register, people agree; tokens live shortly, are renewed once, and revoked."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    TokenError,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from playground.calendar.kept import Kept

ACCESS_SECONDS = 120
"""Short, so that it is renewed while somebody looks on."""
CODE_SECONDS, ASKING_SECONDS = 60, 600
MOST_APPS = 50


@dataclass
class Asked:
    """Somebody is being asked; ``account`` once they have signed in."""

    app: OAuthClientInformationFull
    params: AuthorizationParams
    until: float
    account: str = ""

    @property
    def goes_to(self) -> str:
        """The host that gets the answer."""
        return urlsplit(str(self.params.redirect_uri)).netloc

    @property
    def scopes(self) -> list[str]:
        return self.params.scopes or []


class LettingIn(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """What the SDK's authorization server asks for. Tokens are kept as hashes: whoever reads the file has none."""

    def __init__(self, kept: Kept, origin: str) -> None:
        self._kept = kept
        self._origin = origin
        self.asked: dict[str, Asked] = {}
        self._codes: dict[str, AuthorizationCode] = {}
        self._access: dict[str, AccessToken] = {}

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        found = self._kept.apps.get(client_id)
        return OAuthClientInformationFull.model_validate(found) if found else None

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        with self._kept:
            apps = self._kept.apps
            apps[client_info.client_id] = client_info.model_dump(mode="json", exclude_none=True)
            used = {each["app"] for each in self._kept.grants.values()}
            for oldest in [each for each in apps if each not in used][:-MOST_APPS]:
                del apps[oldest]

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        now = time.time()
        self.asked = {key: each for key, each in self.asked.items() if each.until > now}
        key = secrets.token_urlsafe(16)
        self.asked[key] = Asked(client, params, now + ASKING_SECONDS)
        return f"{self._origin}/sign-in?asked={key}"

    def waiting(self, key: str) -> Asked | None:
        asked = self.asked.get(key)
        return asked if asked and asked.until > time.time() else None

    def decided(self, key: str, *, agreed: bool) -> str:
        """Where the browser goes next; the question cannot be answered once more."""
        asked = self.asked.pop(key)
        answer = {"state": asked.params.state or ""}
        if agreed:
            code = secrets.token_urlsafe(24)
            self._codes[code] = AuthorizationCode(
                code=code,
                scopes=asked.scopes,
                expires_at=time.time() + CODE_SECONDS,
                client_id=asked.app.client_id,
                code_challenge=asked.params.code_challenge,
                redirect_uri=asked.params.redirect_uri,
                redirect_uri_provided_explicitly=asked.params.redirect_uri_provided_explicitly,
                resource=asked.params.resource,
                subject=asked.account,
            )
            answer["code"] = code
        else:
            answer["error"] = "access_denied"
        target = str(asked.params.redirect_uri)
        return f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}"

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self._codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        code = authorization_code
        if self._codes.pop(code.code, None) is None:
            raise TokenError("invalid_grant")
        grant = {"app": client.client_id, "account": code.subject, "scopes": code.scopes, "resource": code.resource}
        return self._issued(grant | {"since": int(time.time())})

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        grant = self._kept.grants.get(_hash(refresh_token))
        if grant is None or grant["app"] != client.client_id:
            return None
        return RefreshToken(token=refresh_token, client_id=client.client_id, scopes=grant["scopes"])

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        with self._kept:
            grant = self._kept.grants.pop(_hash(refresh_token.token), None)
        if grant is None:
            raise TokenError("invalid_grant")
        return self._issued(grant)

    async def load_access_token(self, token: str) -> AccessToken | None:
        found = self._access.get(token)
        return found if found and (found.expires_at or 0) > time.time() else None

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Of either kind: the whole grant ends."""
        ends = self._access[token.token].claims if token.token in self._access else None
        ended = (ends or {}).get("grant", _hash(token.token))
        self.remove(str(ended))

    def remove(self, grant: str) -> None:
        with self._kept:
            self._kept.grants.pop(grant, None)
        self._access = {key: each for key, each in self._access.items() if (each.claims or {}).get("grant") != grant}

    def _issued(self, grant: dict[str, Any]) -> OAuthToken:
        access, renewing, now = secrets.token_urlsafe(24), secrets.token_urlsafe(24), int(time.time())
        self._access = {key: each for key, each in self._access.items() if (each.expires_at or 0) > now}
        with self._kept:
            self._kept.grants[_hash(renewing)] = grant
        self._access[access] = AccessToken(
            token=access,
            client_id=grant["app"],
            scopes=grant["scopes"],
            expires_at=now + ACCESS_SECONDS,
            resource=grant["resource"],
            subject=grant["account"],
            claims={"grant": _hash(renewing)},
        )
        return OAuthToken(
            access_token=access, expires_in=ACCESS_SECONDS, refresh_token=renewing, scope=" ".join(grant["scopes"])
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
