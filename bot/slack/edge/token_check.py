"""Are Slack's tokens good? Asked at the start, since Bolt itself would try bad ones for ever."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import SlackRefused, code_of

WITHIN = 8.0
"""Seconds for each question."""
BOT_CURE = "Copy the “Bot User OAuth Token” (xoxb-…) from “OAuth & Permissions” of your Slack app."
APP_CURE = "Make an app-level token (xapp-…) with the scope connections:write under “Basic Information”."
UNREACHABLE = "Slack could not be reached at {url}. Check SLACK_API_URL, the network and the proxy settings."
REFUSED = "{variable}: Slack refuses it ({code}). {cure}"


@dataclass(frozen=True)
class Identity:
    """Who Usher is in the workspace of its token."""

    team: str
    team_name: str
    user: str
    bot: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of Slack's answer, names in small letters: scopes, date."""


async def check_bot_token(client: AsyncWebClient) -> Identity:
    """Raises `SlackRefused`."""
    try:
        async with asyncio.timeout(WITHIN):
            answer = await client.auth_test()
    except SlackApiError as error:
        raise _refused("SLACK_BOT_TOKEN", error, BOT_CURE) from error
    except (ClientError, TimeoutError, OSError) as error:
        raise SlackRefused(UNREACHABLE.format(url=client.base_url)) from error
    return Identity(
        team=str(answer["team_id"]),
        team_name=str(answer.get("team", "")),
        user=str(answer["user_id"]),
        bot=str(answer.get("bot_id") or ""),
        headers={name.lower(): str(value) for name, value in answer.headers.items()},
    )


async def check_app_token(client: AsyncWebClient, app_token: str) -> str:
    """A fresh address for a socket; raises `SlackRefused`."""
    try:
        async with asyncio.timeout(WITHIN):
            answer = await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        raise _refused("SLACK_APP_TOKEN", error, APP_CURE) from error
    except (ClientError, TimeoutError, OSError) as error:
        raise SlackRefused(UNREACHABLE.format(url=client.base_url)) from error
    return str(answer["url"])


def _refused(variable: str, error: SlackApiError, cure: str) -> SlackRefused:
    return SlackRefused(REFUSED.format(variable=variable, code=code_of(error) or "no answer", cure=cure))
