"""A channel in which guests are followed is archived or deleted, or Usher put out of it: their chats go elsewhere."""

import logging

from bot.services.links.hosting.channels import leave_all
from bot.slack.edge.payload import Payload, workspace_of
from bot.slack.edge.registration import Registry
from bot.slack.services import Services

GONE = ("channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_left", "group_left")
log = logging.getLogger(__name__)


def hang(registry: Registry, services: Services) -> None:
    async def gone(body: Payload) -> None:
        channel = body["event"].get("channel")
        if not isinstance(channel, str):
            return
        if left := await leave_all(services.db, services.bus, workspace_of(body), channel):
            log.info("the chats of %d links are followed in direct messages now: their channel is gone", left)

    for event in GONE:
        registry.taken(event, gone)
