"""The Web API client of a process: of one workspace here, of many in `installations.clients`."""

from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.edge.calls.budget import CallBudget
from bot.slack.edge.calls.posting import POST, posted
from bot.slack.edge.calls.retrying import handlers

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class PacedClient(AsyncWebClient):
    """Makes no more calls than Slack takes, and makes those again that Slack did not take.

    Bolt makes a plain client of its own for each request, which has the same handlers and no pace: a person waits.
    """

    def __init__(self, budget: CallBudget, **options: Any) -> None:
        super().__init__(retry_handlers=handlers(budget), **options)
        self.budget = budget

    @property
    def whose(self) -> str:
        """Whose answers these are; empty for the one workspace that there is."""
        return ""

    @property
    def pace(self) -> CallBudget:
        return self.budget

    async def bearer(self) -> str:
        """The token, for what is fetched beside the Web API."""
        return self.token or ""

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        await self.budget.turn(api_method)
        if api_method == POST:
            return await posted(self, super().api_call, arguments)
        return await super().api_call(api_method, **arguments)


def web_client(token: str, session: ClientSession, api_url: str = "https://slack.com/api/") -> PacedClient:
    """``session`` is ours to close; without one every call would open its own."""
    client = PacedClient(CallBudget(), token=token, base_url=api_url, session=session)
    if urlsplit(api_url).hostname in _LOOPBACK:
        client.proxy = None  # the SDK takes HTTPS_PROXY from the environment and knows no NO_PROXY
    return client


def budget_of(client: AsyncWebClient) -> CallBudget:
    """That of the client, or one for it alone."""
    return client.pace if isinstance(client, PacedClient) else CallBudget()


def whose(client: AsyncWebClient) -> str:
    """The workspace of what it is asked now; empty where it serves one alone."""
    return client.whose if isinstance(client, PacedClient) else ""
