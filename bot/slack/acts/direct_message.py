"""Words to a member alone, in their direct message with Usher."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.edge.errors import code_of
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens.blocks.elements import Block
from storage.members import Member
from storage.tables import Job

log = logging.getLogger(__name__)

NOBODY = frozenset({"user_disabled", "user_not_found", "cannot_dm_bot", "not_installed"})
"""The account has ended, or we were taken out of the workspace: there is nobody to be told, now or later."""
JobHandler = Callable[[Job], Awaitable[None]]


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
    of: str = "",
) -> str:
    """A message of its own, or in the thread of another; where it stands, as its ts. ``text`` is escaped already.

    ``broadcast``: what stands in a thread is seen above it too. ``of``: as `put_up` takes it, for what a job tells.
    """
    message: dict[str, Any] = {"text": text, "blocks": list(blocks) or None, "thread_ts": thread_ts}
    message |= {"reply_broadcast": broadcast and thread_ts is not None, "channel": await direct_channel(client, member)}
    if of:
        return await put_up(client, of, **message)
    answer = await client.chat_postMessage(**message, unfurl_links=False, unfurl_media=False)
    return str(answer["ts"])


def to_somebody(telling: JobHandler) -> JobHandler:
    async def told(job: Job) -> None:
        try:
            await telling(job)
        except SlackApiError as error:
            if code_of(error) not in NOBODY:
                raise
            log.info("there is nobody left to be told: %s", code_of(error))

    return told


async def whisper(client: AsyncWebClient, member: Member, place: Place, text: str, blocks: Sequence[Block]) -> None:
    """For the member's eyes alone, where they asked; in their direct message when that place takes none."""
    shown: dict[str, Any] = {"user": member.id, "text": text, "blocks": list(blocks)}
    try:
        await client.chat_postEphemeral(channel=place.channel, thread_ts=place.thread_ts, **shown)
    except SlackApiError:
        await client.chat_postEphemeral(channel=await direct_channel(client, member), **shown)
