"""A new link goes to its creator alone; when the agent made it, its address never passes through the model."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.screens import links as screens
from storage.members import Member


class HandOver:
    """An ephemeral message where the member asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def __call__(self, member: Member, place: Place, created: Created) -> None:
        try:
            await whisper(self._client, member, created, place.channel, place.thread_ts)
        except SlackApiError:
            await whisper(self._client, member, created, await direct_channel(self._client, member))


async def whisper(
    client: AsyncWebClient, member: Member, created: Created, channel: str, thread_ts: str | None = None
) -> None:
    """For one pair of eyes; raises SlackApiError where Usher is not in the channel."""
    await client.chat_postEphemeral(
        channel=channel,
        user=member.id,
        thread_ts=thread_ts,
        text=screens.created_text(created),
        blocks=screens.created(created),
    )
