"""Words to a member alone, in their direct message with Usher."""

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.screens.blocks.elements import Block
from storage.members import Member


async def direct_channel(client: AsyncWebClient, member: Member) -> str:
    answer = await client.conversations_open(users=member.id)
    return str(answer["channel"]["id"])


async def tell(
    client: AsyncWebClient,
    member: Member,
    text: str,
    blocks: Sequence[Block] = (),
    *,
    thread_ts: str | None = None,
    broadcast: bool = False,
) -> str:
    """A message of its own, or in the thread of another; where it stands, as its ts. ``text`` is escaped already.

    ``broadcast``: what stands in a thread is seen above it too.
    """
    answer = await client.chat_postMessage(
        channel=await direct_channel(client, member),
        thread_ts=thread_ts,
        reply_broadcast=broadcast and thread_ts is not None,
        text=text,
        blocks=list(blocks) or None,
        unfurl_links=False,
        unfurl_media=False,
    )
    return str(answer["ts"])
