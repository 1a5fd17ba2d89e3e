"""A new link goes to its creator alone; when the agent made it, its address never passes through the model."""

import asyncio
import io

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.services.chats.members.turns import Person
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.people.profiles import Profiles
from bot.slack.screens.links import card, words
from storage.members import Member
from storage.tables import Link

CODE = "The QR code of your link {title}, {until}. It opens the link for whoever scans it, so show it with care."


class HandOver:
    """An ephemeral message where the member asked; in their direct message when that place takes none."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def __call__(self, member: Member, place: Place, created: Created) -> None:
        with acting_for(member.workspace):
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


async def send_code(client: AsyncWebClient, member: Member, link: Link, url: str) -> str:
    """Into their direct message, since Slack shows no file to one person elsewhere; its id. Raises SlackApiError."""
    channel = await direct_channel(client, member)
    await client.files_upload_v2(
        channel=channel,
        content=await asyncio.to_thread(_code, url),
        filename="chat-link.png",
        title=f"QR code: {link.title}",
        alt_txt=f"QR code of the chat link {link.title}",
        initial_comment=CODE.format(title=words.title(link), until=words.until(link.expires_at)),
    )
    return channel


def _code(url: str) -> bytes:
    """A picture that phones read, printed small too: 15 % of it may be lost, and a margin stands round it."""
    import segno  # loaded with the first code

    picture = io.BytesIO()
    segno.make_qr(url, error="m").save(picture, kind="png", scale=12, border=4)
    return picture.getvalue()
