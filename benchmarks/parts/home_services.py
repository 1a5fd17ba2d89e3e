"""The product's own services in this process, by which Home is drawn; none of its work is running."""

from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.parts.house import MANIFEST
from bot.foundations.foundations import open_model, open_secrets
from bot.house import services_of
from bot.services.cards import Shelf
from bot.settings import Settings
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.people.profiles import Profiles
from bot.slack.services import Services
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets.keys import parse_keys
from playground.slack.server import LocalSlack
from run_cards import CARDS
from storage.bus.bus import open_bus
from storage.database import Database

KEY = "A" * 43 + "="


async def home_services(db: Database, url: str, where: Path, opened: AsyncExitStack) -> tuple[Services, AsyncWebClient]:
    slack = await opened.enter_async_context(LocalSlack(where / "slack", manifest=MANIFEST, generosity=None))
    session = await opened.enter_async_context(aiohttp.ClientSession())
    client = web_client(slack.bot_token, session, slack.api_url)
    named = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}
    settings = Settings(_env_file=None, **named, gemini_api_key="offline", database_url=url, secret_key=KEY)
    keys = parse_keys(KEY)
    secrets, model = await open_secrets(settings, opened, keys), open_model(settings, opened)
    bus = await opened.enter_async_context(open_bus(db))
    profiles, sandbox = Profiles(client), Sandbox(False)
    shelf = Shelf(db, CARDS, secrets=secrets, runs=sandbox.refusal)
    known = (client, profiles, secrets, keys[0].secret, sandbox, shelf, model)
    return services_of(settings, opened, db, bus, *known), client
