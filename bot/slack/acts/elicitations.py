"""The message by which a server asks: put up once in the thread of its turn, and closed with its outcome."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.services.elicitations import Elicitations
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import NOTHING_LEFT, code_of
from bot.slack.screens import elicitations as screens
from storage.database import Database
from storage.members import Member
from storage.tables import Elicitation


async def ask(client: AsyncWebClient, db: Database, elicitations: Elicitations, job: Mapping[str, Any]) -> None:
    """Nothing when it stands there already, or nobody waits for it any more."""
    row = await elicitations.get(job["workspace"], job["id"])
    if row is None or row.message or row.state != "asked":
        return
    channel, thread_ts = await _where(client, db, row)
    if not channel:
        return
    answer = await client.chat_postMessage(
        channel=channel,
        thread_ts=thread_ts,
        text=screens.asked_text(row),
        blocks=screens.asked(row),
        unfurl_links=False,
        unfurl_media=False,
    )
    await elicitations.asked_in(row.workspace_id, row.id, {"channel": answer["channel"], "ts": answer["ts"]})
    now = await elicitations.get(row.workspace_id, row.id)
    if now is not None and now.state != "asked":  # closed while it was being put up
        await close(client, now)


async def _where(client: AsyncWebClient, db: Database, row: Elicitation) -> tuple[str, str | None]:
    """The thread of its turn; for a call that was made by hand, the direct message. No channel: nowhere."""
    if row.conversation_id is None:
        return await direct_channel(client, Member(row.workspace_id, row.member_id)), None
    async with db.read() as tables:
        conversation = await tables.conversations.get(row.workspace_id, row.conversation_id)
    if conversation is None or conversation.door != "slack":
        return "", None
    place = Place.of(conversation)
    return place.channel, place.thread_ts


async def close_asked(client: AsyncWebClient, elicitations: Elicitations, job: Mapping[str, Any]) -> None:
    """For the job that sees to it."""
    row = await elicitations.get(job["workspace"], job["id"])
    if row is not None and row.state != "asked":
        await close(client, row)


async def close(client: AsyncWebClient, row: Elicitation, message: Mapping[str, Any] | None = None) -> None:
    """``message`` is where it was clicked, else where it was asked."""
    there = message or row.message
    if not there.get("ts"):
        return
    try:
        await client.chat_update(
            channel=there["channel"], ts=there["ts"], text=screens.closed_text(row), blocks=screens.closed(row)
        )
    except SlackApiError as error:
        if code_of(error) not in NOTHING_LEFT:
            raise
