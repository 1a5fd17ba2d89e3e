"""The Home tab, published when it is opened and after each change."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.screens.home import home
from bot.slack.services import Services
from storage.members import Member
from storage.schema import now

log = logging.getLogger(__name__)


async def publish(client: AsyncWebClient, services: Services, member: Member, page: int = 0) -> None:
    """``page`` is that of the connections."""
    connections = await services.connections.of(member)
    links = await services.links.of(member)
    await client.views_publish(user_id=member.id, view=home(connections, links, now(), page))


async def opened(client: AsyncWebClient, services: Services, member: Member) -> None:
    """As it was left; then once more, when something that failed works by now."""
    await publish(client, services, member)
    if await services.connections.look_again(member):
        await republish(client, services, member)


async def republish(client: AsyncWebClient, services: Services, member: Member) -> None:
    """After a change that was made all the same: what Slack says about it is only logged."""
    try:
        await publish(client, services, member)
    except TROUBLE as error:
        log.warning("the Home tab could not be published: %s", code_of(error))
