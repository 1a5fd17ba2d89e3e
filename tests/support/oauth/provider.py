"""An authorization server's memory: clients, codes that are good once, tokens that renew others once."""

import secrets
import time
from urllib.parse import urlencode

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    RefreshToken,
    TokenError,
    TokenVerifier,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from tests.support.evidence import never_in_a_log
from tests.support.oauth.lab import Lab, issuer


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
