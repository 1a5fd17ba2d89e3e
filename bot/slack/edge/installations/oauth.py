"""Slack's OAuth door: where a browser is sent to install the app, codes and refresh tokens changed for tokens."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError

from bot.services.tickets.slack_install import Granted, NotGranted
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.errors import TROUBLE, code_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fresh:
    """A token in the place of one that comes to its end."""

    token: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


class SlackOAuth:
    """For the app of this id and secret; ``scopes`` are those of its manifest."""

    def __init__(
        self, session: ClientSession, client_id: str, client_secret: str, scopes: Collection[str], api_url: str
    ) -> None:
        self._session = session
        self._client_id, self._client_secret = client_id, client_secret
        self._scopes = ",".join(sorted(scopes))
        self._api_url = api_url

    @property
    def origin(self) -> str:
        parts = urlsplit(self._api_url)
        return f"{parts.scheme}://{parts.netloc}"

    def install_address(self, redirect: str, state: str) -> str:
        asked = {"client_id": self._client_id, "scope": self._scopes, "redirect_uri": redirect, "state": state}
        return f"{self.origin}/oauth/v2/authorize?{urlencode(asked)}"

    async def granted(self, code: str, redirect: str) -> Granted:
        """Raises `NotGranted`."""
        try:
            told = await self._access(code=code, redirect_uri=redirect)
            token = str(told["access_token"])
            # Asked with the token itself: a token that does not work is not kept, and only this names our bot's id.
            who = await web_client(token, self._session, self._api_url).auth_test()
            return _granted(told, token, who)
        except (*TROUBLE, KeyError, TypeError, ValueError) as error:
            log.warning("Slack did not install the app: %s", code_of(error))
            raise NotGranted from None

    async def said_of_no_code(self) -> str:
        """Whether it knows the app that asks: for the doctor, who has no code. Raises what is not Slack's own word."""
        try:
            await self._access(code="none")
        except SlackApiError as error:
            return code_of(error)
        return ""

    async def refreshed(self, refresh_token: str) -> Fresh:
        """Raises `SlackApiError` where Slack refuses it, and the rest of `TROUBLE`."""
        told = await self._access(grant_type="refresh_token", refresh_token=refresh_token)
        return Fresh(str(told["access_token"]), str(told["refresh_token"]), int(told["expires_in"]))

    async def _access(self, **sent: str) -> Any:
        # Not the SDK's own method: it makes the header by a class that its HTTP library gives up.
        who = {"Authorization": aiohttp.encode_basic_auth(self._client_id, self._client_secret)}
        client = web_client("", self._session, self._api_url)
        return await client.api_call("oauth.v2.access", data=sent, headers=who)

    async def give_back(self, token: str) -> None:
        try:
            await web_client(token, self._session, self._api_url).auth_revoke()
        except (SlackApiError, *TROUBLE) as error:
            log.warning("a token that is not kept could not be revoked: %s", code_of(error))


def _granted(told: Any, token: str, who: Any) -> Granted:
    team, enterprise = told.get("team") or {}, told.get("enterprise") or {}
    org_wide = bool(told.get("is_enterprise_install"))
    if told.get("token_type") != "bot" or not token:
        raise ValueError("no bot token")
    named = enterprise if org_wide else team
    return Granted(
        team=str(team.get("id") or ""),
        enterprise=str(enterprise.get("id") or ""),
        org_wide=org_wide,
        name=str(named.get("name") or ""),
        bot_user=str(told["bot_user_id"]),
        bot=str(who.get("bot_id") or ""),
        scopes=str(told.get("scope") or ""),
        by=str(told["authed_user"]["id"]),
        token=token,
        refresh=str(told.get("refresh_token") or ""),
        expires_in=int(told.get("expires_in") or 0),
    )
