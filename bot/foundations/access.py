"""Access tokens, who vouches for those that they act for, and the MCP server that is asked by them."""

from functools import partial
from urllib.parse import urlsplit

from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.outside.people import OutsidePeople
from bot.services.tokens.access import AccessTokens
from bot.services.tokens.internal import InternalTokens
from bot.slack.acts.admins import Admins
from bot.slack.acts.memory_face import SlackMemoryFace
from bot.slack.acts.programs.callers import Callers
from bot.slack.acts.programs.slackbot import PassedOn
from bot.slack.edge.people.profiles import Profiles
from bot.slack.services import Services
from bot.web.edge.context import Inner, SlackbotDoor
from storage.bus.bus import Bus
from storage.database import Database


def access_tokens(db: Database, bus: Bus, client: AsyncWebClient, profiles: Profiles, admins: Admins) -> AccessTokens:
    return AccessTokens(db, Callers(client, profiles, OutsidePeople(db, bus), admins))


def outside_server(services: Services, client: AsyncWebClient, url: str, *, slackbot: bool = False) -> Inner:
    """Usher as an MCP server for programs, at ``url``; imported when it is needed, since it is large and rarely is.

    That for ``slackbot`` keeps no sessions, and has Usher's agent asked.
    """
    from bot.tool_server.outside import asgi, outside

    assert services.tokens  # noqa: S101  whoever gives this out has them
    memory = (services.memory, SlackMemoryFace(client)) if services.memory else None
    ask = PassedOn(client, services) if slackbot else None
    made = outside(services.tokens, services.links, services.connections, memory, url, ask)
    parts = urlsplit(url)
    app = asgi(made, [parts.netloc], [f"{parts.scheme}://{parts.netloc}"], sessions=not slackbot)
    return Inner(app, made.session_manager.run)


def slackbot_door(
    services: Services, client: AsyncWebClient, url: str, signing_secret: str | None, *, many: bool = False
) -> SlackbotDoor | None:
    """``many`` workspaces are served: each team is one by itself, also those of an organisation."""
    if not signing_secret or services.tokens is None:
        return None
    make = partial(outside_server, services, client, url, slackbot=True)
    tokens = InternalTokens(services.db, services.tokens)
    return SlackbotDoor(SignatureVerifier(signing_secret).is_valid, tokens, make, many)
