"""Files that a link's creator asked for go into their direct message."""

import logging

from slack_sdk.errors import SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import TROUBLE, code_of
from storage.members import Member

log = logging.getLogger(__name__)


async def send(client: AsyncWebClient, member: Member, content: str, name: str, title: str) -> bool:
    """False when Slack did not take it."""
    try:
        channel = await direct_channel(client, member)
        await client.files_upload_v2(content=content, filename=name, title=title, channel=channel)
    except (*TROUBLE, SlackRequestError) as error:
        log.warning("a file was not sent to who asked for it: %s", code_of(error))
        return False
    return True
