"""The way to Slack, opened from the settings: of one workspace by its bot token, or of all that installed the app."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout

from bot.foundations.foundations import plain
from bot.running.jobs import Recurring, Work
from bot.services.tickets.slack_install import STATE_KEY, SlackInstall
from bot.services.tokens import server_key
from bot.services.watch.audit.beginning import begun
from bot.settings import Settings
from bot.slack.acts.installed import noticing
from bot.slack.acts.installed.uninstalling import Uninstalling
from bot.slack.edge.calls.client import PacedClient, web_client
from bot.slack.edge.installations.clients import ManyWorkspaces
from bot.slack.edge.installations.oauth import SlackOAuth
from bot.slack.edge.installations.tokens import Tokens
from bot.slack.edge.token_check import check_bot_token
from bot.slack.services import Services
from mcp_runtime.secrets.store import SecretStore
from storage.database import Database

SLACK_CALL_SECONDS = 30


@dataclass(frozen=True)
class Slack:
    client: PacedClient
    tokens: Tokens | None = None
    """None: there is one token, and it is the client's own."""
    install: SlackInstall | None = None


async def open_slack(
    settings: Settings,
    house: AsyncExitStack,
    db: Database,
    secrets: SecretStore,
    key: bytes,
    scopes: Callable[[], Collection[str]],
) -> Slack:
    """Raises `SlackRefused`. ``scopes`` are those that workspaces grant when they install the app."""
    session = await house.enter_async_context(ClientSession(timeout=ClientTimeout(total=SLACK_CALL_SECONDS)))
    api_url, token = settings.slack_api_url, plain(settings.slack_bot_token)
    if token:
        client = web_client(token, session, api_url)
        identity = await check_bot_token(client)
        await begun(db, identity.team, identity.team_name)
        return Slack(client)
    client_id, client_secret = settings.slack_client_id or "", plain(settings.slack_client_secret) or ""
    oauth = SlackOAuth(session, client_id, client_secret, scopes(), api_url)
    tokens = Tokens(db, secrets, oauth)
    where, allowed = settings.public_base_url or settings.own_url, settings.slack_allowed_workspaces
    install = SlackInstall(db, secrets, oauth, where, server_key(key, STATE_KEY), allowed)
    return Slack(ManyWorkspaces(tokens, session, api_url), tokens, install)


def of_installations(slack: Slack, services: Services) -> Mapping[str, Work]:
    """Jobs that see whether the app is still where it was installed."""
    if slack.tokens is None:
        return noticing.of_own_token(slack.client, services)
    return noticing.handlers(slack.client, services, Uninstalling(services, slack.tokens))


def looking(slack: Slack) -> Sequence[Recurring]:
    return [Recurring(noticing.LOOK if slack.tokens else noticing.LOOK_AT_ONE, noticing.LOOK_SECONDS)]
