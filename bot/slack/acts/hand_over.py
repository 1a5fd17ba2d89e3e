"""A new link goes to its creator alone; when the agent made it, its address never passes through the model."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.services.chats.member_turns import Person
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.people.profiles import Profiles
from bot.slack.screens.links import card
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
        text=card.created_text(created),
        blocks=card.created(created, await host_of(client, member)),
    )


async def host_of(client: AsyncWebClient, member: Member) -> Person:
    """As whom an invitation speaks; without a name when Slack does not say in time."""
    return await Profiles(client).about(member)
