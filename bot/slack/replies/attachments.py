"""Pictures, sounds and papers that a tool gave, put into the thread."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from slack_sdk.errors import SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.edge.calls.marked import posted_since
from bot.slack.edge.errors import TROUBLE, code_of
from mcp_runtime.tools.tools import File
from storage.schema import now

log = logging.getLogger(__name__)

WITHIN = 20.0
"""Seconds; the answer goes on without them then."""
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "text/plain": "txt",
    "text/csv": "csv",
}
"""What a server calls a file decides how it is opened, so only what is harmless is called by its kind."""


async def attach(client: AsyncWebClient, place: Place, title: str, files: Sequence[File]) -> list[str] | None:
    """Slack's ids of them; None when it did not take them."""
    uploads = [
        {"content": each.content, "filename": _name(each, number), "title": title, "alt_txt": f"From {title}"}
        for number, each in enumerate(files, 1)
    ]
    since = now()
    try:
        async with asyncio.timeout(WITHIN):
            answer = await client.files_upload_v2(
                file_uploads=uploads, channel=place.channel, thread_ts=place.thread_ts
            )
    except (*TROUBLE, SlackRequestError) as error:
        if there := await _standing(client, place, title, len(files), since):
            return there
        log.warning("files of a tool were not put into the thread: %s", code_of(error))
        return None
    return [str(each["id"]) for each in answer["files"]]


async def _standing(client: AsyncWebClient, place: Place, title: str, count: int, since: datetime) -> list[str]:
    """Slack's ids of them where they stand all the same: of two tries the first was done, and its answer lost."""
    there = await posted_since(client, place.channel, place.thread_ts, since)
    ids = [str(file["id"]) for each in there for file in each.get("files") or () if file.get("title") == title]
    return ids[-count:] if len(ids) >= count else []


def _name(file: File, number: int) -> str:
    kind = file.mime.partition(";")[0].strip().lower()
    return f"{kind.partition('/')[0] if kind in ENDINGS else 'file'}-{number}.{ENDINGS.get(kind, 'bin')}"
