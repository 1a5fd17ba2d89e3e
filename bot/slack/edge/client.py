"""The one Web API client of the process."""

from urllib.parse import urlsplit

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def web_client(token: str, session: ClientSession, api_url: str = "https://slack.com/api/") -> AsyncWebClient:
    """``session`` is ours to close; without one every call would open its own."""
    client = AsyncWebClient(token=token, base_url=api_url, session=session)
    if urlsplit(api_url).hostname in _LOOPBACK:
        client.proxy = None  # the SDK takes HTTPS_PROXY from the environment and knows no NO_PROXY
    return client
