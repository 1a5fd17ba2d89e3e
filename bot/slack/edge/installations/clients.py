"""One client for all workspaces: each call is made with the token of the workspace that it is made for."""

from collections import OrderedDict
from typing import Any

from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.edge.calls.acting_for import current
from bot.slack.edge.calls.budget import CallBudget
from bot.slack.edge.calls.client import PacedClient, web_client
from bot.slack.edge.errors import code_of
from bot.slack.edge.installations.tokens import NoToken, Tokens

OF_THE_APP = frozenset({"apps.connections.open", "oauth.v2.access", "openid.connect.token"})
"""They bring what they need with them, and are no workspace's."""
NAMES_ITS_TEAM = frozenset({"users.list", "conversations.list", "users.conversations"})
"""With an organisation's token they have to say of which team."""
REFUSED = frozenset({"token_revoked", "token_expired", "account_inactive", "invalid_auth", "team_access_not_granted"})
ASKS_OF_THE_APP = "auth.test"
NOT_INSTALLED, NOBODYS = "not_installed", "no_workspace"
MOST = 2_000


class ManyWorkspaces(PacedClient):
    """Made for nobody: what is asked without a workspace (`acting_for`) is refused before it leaves the house."""

    def __init__(self, tokens: Tokens, session: ClientSession, api_url: str) -> None:
        bare = web_client("", session, api_url)
        super().__init__(CallBudget(), base_url=api_url, session=session)
        self.proxy = bare.proxy
        self._tokens = tokens
        self._clients: OrderedDict[str, PacedClient] = OrderedDict()
        self._api_url = api_url

    @property
    def whose(self) -> str:
        return current()

    @property
    def pace(self) -> CallBudget:
        """Slack counts each workspace's calls apart."""
        return self._client(self.whose).budget

    async def bearer(self) -> str:
        return (await self._ready(self.whose))[0].token or ""

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        if api_method in OF_THE_APP:
            return await super().api_call(api_method, **arguments)
        workspace = self.whose
        client, org_wide = await self._ready(workspace)
        if org_wide and api_method in NAMES_ITS_TEAM:
            arguments["params"] = {**(arguments.get("params") or {}), "team_id": workspace}
        try:
            return await client.api_call(api_method, **arguments)
        except SlackApiError as error:
            if (code := code_of(error)) in REFUSED:
                await self._refused(workspace, api_method, code)
            raise

    async def _refused(self, workspace: str, api_method: str, code: str) -> None:
        if api_method == ASKS_OF_THE_APP:  # by it the rest is looked into
            self._tokens.drop(workspace)
        else:
            await self._tokens.refused(workspace, code)

    async def _ready(self, workspace: str) -> tuple[PacedClient, bool]:
        """With the token of now."""
        if not workspace:
            raise NoToken(NOBODYS)
        held = await self._tokens.of(workspace)
        if held is None:
            raise NoToken(NOT_INSTALLED)
        client = self._client(workspace)
        client.token = held.token
        return client, held.installation.org_wide

    def _client(self, workspace: str) -> PacedClient:
        client = self._clients.get(workspace)
        if client is None:
            client = self._clients[workspace] = web_client("", self._session_of(), self._api_url)
            if len(self._clients) > MOST:
                self._clients.popitem(last=False)
        self._clients.move_to_end(workspace)
        return client

    def _session_of(self) -> ClientSession:
        assert self.session is not None  # noqa: S101  given when it was made
        return self.session
