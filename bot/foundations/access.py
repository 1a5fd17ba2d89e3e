"""Access tokens, who vouches for those that they act for, and the MCP server that is asked by them."""

from urllib.parse import urlsplit

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.openness import Openness
from bot.services.tokens.access import AccessTokens
from bot.slack.acts.admins import Admins
from bot.slack.acts.callers import Callers
from bot.slack.acts.memory_face import SlackMemoryFace
from bot.slack.edge.people.profiles import Profiles
from bot.slack.services import Services
from bot.web.edge.context import Inner
from storage.database import Database


def access_tokens(db: Database, client: AsyncWebClient, profiles: Profiles, admins: Admins) -> AccessTokens:
    return AccessTokens(db, Callers(client, profiles, Openness(db), admins))


def outside_server(services: Services, client: AsyncWebClient, url: str) -> Inner:
    """Usher as an MCP server for programs, at ``url``; imported when it is needed, since it is large and rarely is."""
    from bot.tool_server.outside import asgi, outside

    assert services.tokens  # noqa: S101  whoever gives this out has them
    memory = (services.memory, SlackMemoryFace(client)) if services.memory else None
    made = outside(services.tokens, services.links, services.connections, memory, url)
    parts = urlsplit(url)
    return Inner(asgi(made, [parts.netloc], [f"{parts.scheme}://{parts.netloc}"]), made.session_manager.run)
