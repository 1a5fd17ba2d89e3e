"""The Bolt app: nothing is asked of anybody when it is built."""

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.door import Door
from bot.slack.listeners import (
    approvals,
    connecting,
    connections,
    home,
    links,
    mcp,
    messages,
    stopping,
    tempchat,
    tools,
)
from bot.slack.once import once
from bot.slack.services import Services
from bot.slack.tasks import Tasks


def build_app(
    client: AsyncWebClient, services: Services, *, signing_secret: str | None, tasks: Tasks | None = None
) -> AsyncApp:
    """One app for both transports. ``tasks`` holds what its listeners are at, to be drained before the end."""
    # Everything is passed on purpose: what is missing, Bolt would take from the environment.
    app = AsyncApp(
        name="usher", client=client, token=client.token, signing_secret=signing_secret or "", oauth_settings=None
    )
    app.middleware(once(services.db))
    hang_all(Door(app, tasks or Tasks()), services, client)
    return app


def hang_all(door: Door, services: Services, client: AsyncWebClient) -> Door:
    for room in (mcp, tempchat, connecting, connections, tools, links, approvals, home, stopping):
        room.hang(door, services)
    messages.hang(door, services, client)
    door.close()
    return door
