"""The Bolt app: nothing is asked of anybody when it is built."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.installed.greeting import Greeting
from bot.slack.acts.installed.uninstalling import Uninstalling
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.deduplication import once
from bot.slack.edge.installations.arriving import authorize, of_many, of_one_workspace
from bot.slack.edge.installations.tokens import Tokens
from bot.slack.edge.people.no_room import refusing
from bot.slack.edge.people.profiles import Profiles
from bot.slack.edge.registration import Registry
from bot.slack.listeners import (
    home,
    hosting,
    mcp,
    memory,
    tempchat,
)
from bot.slack.listeners.accounts import ended, tokens
from bot.slack.listeners.agents import granting, managing
from bot.slack.listeners.approvals import allowed, asking_why, changing, deciding, elicitations
from bot.slack.listeners.cards import programs, workspace_cards
from bot.slack.listeners.connections import (
    asking,
    connecting,
    departing,
    editing,
    offerings,
    pausing,
    signing_in,
    tools,
    trying,
)
from bot.slack.listeners.connections import listing as connections
from bot.slack.listeners.governing import audit, bounds, budgets, outside, people, policies, tabs
from bot.slack.listeners.hearing import asking_about, messages, showing, stopping
from bot.slack.listeners.links import channels, finding, making, minding, reading, results
from bot.slack.listeners.turns import closing, interrupted, reminders
from bot.slack.services import Services

BOLT_READS = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_VERIFICATION_TOKEN")


def build_app(
    client: AsyncWebClient,
    services: Services,
    *,
    signing_secret: str | None,
    tasks: BackgroundTasks | None = None,
    profiles: Profiles | None = None,
    tokens: Tokens | None = None,
) -> AsyncApp:
    """One app for both transports. ``tasks`` holds what its listeners are at, to be drained before the end.

    ``profiles`` is what others ask about people too, so that Slack is asked once. With ``tokens`` it serves the
    workspaces that installed it; without, the one of the client's own token.
    """
    with _nothing_from_the_environment():
        # Left alone, its loggers take the root's level, and it logs whole bodies whose signature is wrong.
        logger = logging.getLogger("slack_bolt")
        app = AsyncApp(
            name="usher",
            logger=logger,
            client=client,
            signing_secret=signing_secret or "",
            authorize=cast("Any", authorize(tokens) if tokens else None),
        )
    app.error(refusing(client))
    app.middleware(of_many(services.db, tokens) if tokens else of_one_workspace())
    app.middleware(once(services.db))
    registry = Registry(app, tasks or BackgroundTasks(), profiles, services.from_outside)
    hang_all(registry, services, client, Uninstalling(services, tokens))
    return app


@contextmanager
def _nothing_from_the_environment() -> Iterator[None]:
    """With a client id and secret in it, Bolt becomes an OAuth app by itself and drops the bot token."""
    hidden = {name: os.environ.pop(name) for name in BOLT_READS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def hang_all(
    registry: Registry, services: Services, client: AsyncWebClient, uninstalling: Uninstalling | None = None
) -> Registry:
    greeting = Greeting(services)
    # Bolt asks one listener after the other whether something is theirs: what people say is the first's.
    messages.hang(registry, services, client, greeting)
    ended.hang(registry, services, uninstalling or Uninstalling(services))
    for room in (mcp, asking, connecting, connections, departing, editing, pausing):
        room.hang(registry, services)
    for room in (signing_in, tools, trying, offerings, budgets):
        room.hang(registry, services)
    for room in (tempchat, making, minding, finding, reading, results, hosting, workspace_cards, programs):
        room.hang(registry, services)
    for room in (tokens, allowed, asking_why, changing, channels, closing, deciding, elicitations):
        room.hang(registry, services)
    for room in (audit, interrupted, asking_about, memory, outside, reminders, showing, stopping):
        room.hang(registry, services)
    for room in (bounds, granting, managing, people, policies, tabs):
        room.hang(registry, services)
    home.hang(registry, services, greeting)
    registry.close()
    return registry
