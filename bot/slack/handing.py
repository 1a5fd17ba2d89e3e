"""A link that the agent made, handed to its creator alone: its address never passes through the model."""

from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chats import Place
from bot.links import Created
from bot.slack.direct import direct_channel
from bot.slack.screens import links as screens
from storage.members import Member

HandOver = Callable[[Member, Place, Created], Awaitable[None]]


def hand_over(client: AsyncWebClient) -> HandOver:
    """Where the conversation is held, for one pair of eyes; else in the direct message."""

    async def hand(member: Member, place: Place, made: Created) -> None:
        try:
            await whisper(client, member, made, place.channel, place.thread_ts)
        except SlackApiError:
            await whisper(client, member, made, await direct_channel(client, member))

    return hand


async def whisper(
    client: AsyncWebClient, member: Member, made: Created, channel: str, thread_ts: str | None = None
) -> None:
    await client.chat_postEphemeral(
        channel=channel,
        user=member.id,
        thread_ts=thread_ts,
        text=screens.created_text(made),
        blocks=screens.created(made),
    )
