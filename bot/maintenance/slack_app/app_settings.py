"""A Slack app's settings, changed with a configuration token; Slack's refusals in words, with what to do."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aiohttp import ClientConnectorError, ClientError, ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.edge.calls.client import web_client
from bot.slack.edge.errors import code_of, retry_after
from bot.slack.edge.token_check import UNREACHABLE

Json = dict[str, Any]
WITHIN = 30.0
"""Seconds for one call: to make an app takes a while."""
SETTINGS = "https://api.slack.com/apps"
NEW_ONE = f"Make a new one at {SETTINGS} under “Your App Configuration Tokens”"
GONE = frozenset({"app_not_found", "invalid_app_id", "no_permission", "no_access"})
"""Codes for an app that this person's token cannot look into."""
SAYS_NOT_WHO = frozenset({"not_allowed_token_type", "missing_scope", "unknown_method"})
"""Codes by which a good token may still not be told whose it is."""
WORDS = {
    "invalid_auth": f"Slack does not know this token. Take it by its “Copy” button. {NEW_ONE} if need be.",
    "not_authed": f"Slack wants a configuration token. {NEW_ONE}.",
    "token_expired": "This configuration token is more than twelve hours old. Enter the refresh token beside it "
    f"(xoxe-1-…) instead. {NEW_ONE} if need be.",
    "token_revoked": f"A newer configuration token has taken the place of this one. {NEW_ONE}.",
    "not_allowed_token_type": f"This is a token of another kind. {NEW_ONE}: it begins with xoxe.xoxp-.",
    "invalid_refresh_token": f"This refresh token was used before, and each is good for once. {NEW_ONE}.",
    "access_denied": "Your workspace does not let you do this: ask one of its administrators.",
    "restricted_action": "Your workspace does not let you do this: ask one of its administrators.",
    "app_approval_request_eligible": "Your workspace wants an administrator to approve apps before they are installed.",
    "app_approval_request_pending": "An administrator of your workspace has still to approve this app.",
    "app_approval_request_denied": "An administrator of your workspace has declined this app.",
    "org_login_required": "Your workspace is being moved into an organisation. Try again when that is over.",
    "team_added_to_org": "Your workspace is being moved into an organisation. Try again when that is over.",
}


class Declined(Exception):
    """Slack said no, and did nothing; the text says why and what to do."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Unsure(Exception):
    """Nobody knows whether Slack did it: the answer was lost."""


@dataclass(frozen=True)
class Person:
    """Whose configuration token it is, and in which workspace it makes apps; empty what Slack does not say."""

    user: str
    team: str
    team_name: str

    @property
    def workspace(self) -> str:
        """Its id; empty when the token is a whole organisation's."""
        return self.team if self.team.startswith("T") else ""


@dataclass(frozen=True)
class Made:
    app_id: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Installed:
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)


class AppSettings:
    """Of all apps that the holder of the token may change."""

    def __init__(self, session: ClientSession, api_url: str, token: str) -> None:
        self._client = web_client(token, session, api_url)
        # None of it is done again unasked: a second app would be made where only the answer was lost.
        self._client.retry_handlers.clear()

    async def holder(self) -> Person:
        """Raises `Declined` for a token that opens nothing."""
        try:
            answer = await self._call("auth.test")
        except Declined as no:
            if no.code not in SAYS_NOT_WHO:
                raise
            return Person("", "", "your workspace")
        return Person(str(answer["user_id"]), str(answer["team_id"]), str(answer.get("team") or answer["team_id"]))

    async def create(self, manifest: Json, team: str) -> Made:
        answer = await self._call("apps.manifest.create", manifest=json.dumps(manifest), **_team(team))
        if not answer.get("app_id"):
            raise Unsure("Slack's answer names no app.")
        given = answer.get("credentials") or {}
        return Made(str(answer["app_id"]), str(given.get("client_id", "")), str(given.get("client_secret", "")))

    async def export(self, app_id: str) -> Json:
        answer = await self._call("apps.manifest.export", app_id=app_id)
        return dict(answer["manifest"])

    async def update(self, app_id: str, manifest: Json) -> None:
        text = json.dumps(manifest)
        await self._call("apps.manifest.validate", app_id=app_id, manifest=text)
        await self._call("apps.manifest.update", app_id=app_id, manifest=text)

    async def install(self, app_id: str, scopes: Sequence[str], team: str) -> Installed:
        """As Slack's own command line does it, by a method that its reference does not list: it may be gone any day."""
        asked = {"app_id": app_id, "bot_scopes": list(scopes), "outgoing_domains": [], **_team(team)}
        answer = await self._answer("apps.developerInstall", json=asked)
        issued = answer.get("api_access_tokens") or {}
        return Installed(str(issued.get("bot") or ""), str(issued.get("app_level") or ""))

    async def rotated(self, refresh_token: str) -> str:
        """A new token for a refresh token, which is spent by that."""
        return str((await self._call("tooling.tokens.rotate", refresh_token=refresh_token))["token"])

    async def _call(self, method: str, **arguments: str) -> AsyncSlackResponse:
        """In the body: an address is kept by proxies."""
        return await self._answer(method, data=arguments)

    async def _answer(self, method: str, **body: Json) -> AsyncSlackResponse:
        """Raises `Declined` or `Unsure`."""
        try:
            async with asyncio.timeout(WITHIN):
                return await self._client.api_call(method, **body)
        except SlackApiError as error:
            _decline(error)
        except (ClientConnectorError, ConnectionRefusedError) as error:
            raise Declined(UNREACHABLE.format(url=self._client.base_url)) from error
        except (ClientError, TimeoutError, OSError) as error:
            raise Unsure(f"Slack's answer to {method} was lost ({type(error).__name__}).") from error


def _team(team: str) -> Json:
    return {"team_id": team} if team.startswith("T") else {}


def _decline(error: SlackApiError) -> NoReturn:
    code = code_of(error)
    if not code:
        raise Unsure("Slack answered with an error of its own.") from error
    if code == "ratelimited":
        raise Declined(f"Slack asks to wait {retry_after(error):.0f} s. Run it again then.", code) from error
    if code == "invalid_manifest":
        found = [
            f"  {each.get('pointer', '')}: {each.get('message', '')}" for each in error.response.get("errors") or ()
        ]
        raise Declined("\n".join(["Slack does not take the manifest:", *found]), code) from error
    raise Declined(WORDS.get(code, f"Slack declines ({code})."), code) from error
