"""The message by which a server asks: put up once where its member alone reads it, and closed with its outcome."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.approvals.elicitations import Elicitations
from bot.services.chats import Place
from bot.services.chats.members.showing import Open
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import NOTHING_LEFT, TROUBLE, code_of
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens.approvals import elicitations as screens
from storage.database import Database
from storage.members import Member
from storage.tables import Conversation, Elicitation

log = logging.getLogger(__name__)


class Where(NamedTuple):
    channel: str
    thread_ts: str | None = None
    about: Place | None = None
    """The thread that others read too, where the call was asked for: of it nothing is shown there but that it asks."""


async def ask(client: AsyncWebClient, db: Database, elicitations: Elicitations, job: Mapping[str, Any]) -> None:
    """Nothing when it stands there already, or nobody waits for it any more."""
    row = await elicitations.get(job["workspace"], job["id"])
    if row is None or row.message or row.state != "asked":
        return
    where = await _where(client, db, row)
    if where is None:
        return
    about = where.about.channel if where.about else ""
    told: dict[str, Any] = {"text": screens.asked_text(row), "blocks": screens.asked(row, about)}
    ts = await put_up(client, row.id, channel=where.channel, thread_ts=where.thread_ts, **told)
    await elicitations.asked_in(row.workspace_id, row.id, {"channel": where.channel, "ts": ts})
    if where.about:
        await _point(client, row, where.about)
    now = await elicitations.get(row.workspace_id, row.id)
    if now is not None and now.state != "asked":  # closed while it was being put up
        await close(client, now)


async def _where(client: AsyncWebClient, db: Database, row: Elicitation) -> Where | None:
    """The thread of its turn where nobody else reads it, else the direct message; None: nowhere.

    What a server asks may tell of what only its member may know, and buttons that others cannot use help nobody.
    """
    direct = Member(row.workspace_id, row.member_id)
    if row.conversation_id is None:  # a call that was made by hand
        return Where(await direct_channel(client, direct))
    async with db.read() as tables:
        conversation = await tables.conversations.get(row.workspace_id, row.conversation_id)
    if conversation is None or conversation.door != "slack":
        return None
    place = Place.of(conversation)
    if place.private:
        return Where(place.channel, place.thread_ts)
    channel, thread_ts = _beside(conversation) or (await direct_channel(client, direct), None)
    return Where(channel, thread_ts, place)


def _beside(conversation: Conversation) -> tuple[str, str] | None:
    """The other question, when its member is being asked already where to answer."""
    found = Open.of(conversation)
    return (found.channel, found.ts) if found and found.ts else None


async def _point(client: AsyncWebClient, row: Elicitation, place: Place) -> None:
    """Best effort, for the member's eyes alone: who waits in the thread learns where it goes on."""
    try:
        await client.chat_postEphemeral(
            channel=place.channel, user=row.member_id, thread_ts=place.thread_ts, text=screens.elsewhere(row)
        )
    except TROUBLE as error:
        log.info("a member could not be told where a server asks: %s", code_of(error))


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
