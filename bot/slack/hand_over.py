"""Giving a new link to its creator alone, when it was the agent who made it."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chats import Place
from bot.links import Created
from bot.slack.direct import direct_channel
from bot.slack.screens import links as screens
from storage.members import Member


class HandOver:
    """An ephemeral message where the member asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def __call__(self, member: Member, place: Place, created: Created) -> None:
        try:
            await self._whisper(place.channel, place.thread_ts, member, created)
        except SlackApiError:
            await self._whisper(await direct_channel(self._client, member), None, member, created)

    async def _whisper(self, channel: str, thread_ts: str | None, member: Member, created: Created) -> None:
        await self._client.chat_postEphemeral(
            channel=channel,
            user=member.id,
            thread_ts=thread_ts,
            text=screens.created_text(created),
            blocks=screens.created(created),
        )
