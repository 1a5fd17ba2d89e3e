"""What a process had put up in a thread when it died before it could note where: known by its mark, or by being empty.

A streamed message takes no mark, but is opened without words, which follow once it is noted.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Place
from bot.slack.edge.errors import TROUBLE, code_of

log = logging.getLogger(__name__)

KIND = "usher_posted"
CLOCKS = 10.0
"""Seconds that Slack's clock may be behind ours."""
MOST = 100

Messages = list[Mapping[str, Any]]


def mark(of: str) -> dict[str, Any]:
    """Beside a message: Slack shows it to nobody, and gives it back. An id, since others' programs may read it too."""
    return {"event_type": KIND, "event_payload": {"of": of}}


async def posted_since(client: AsyncWebClient, place: Place, since: datetime) -> Messages:
    """By programs, in this thread; nothing where Slack does not let us look."""
    if place.thread_ts is None:
        return []
    oldest = f"{since.timestamp() - CLOCKS:.6f}"
    try:
        answer = await client.conversations_replies(
            channel=place.channel, ts=place.thread_ts, oldest=oldest, limit=MOST, include_all_metadata=True
        )
    except TROUBLE as error:
        log.info("what was left of a turn could not be looked for: %s", code_of(error))
        return []
    return [each for each in answer["messages"] if each.get("bot_id")]


def marked(messages: Iterable[Mapping[str, Any]], of: str) -> list[str]:
    """Their timestamps."""
    return [str(each["ts"]) for each in messages if each.get("metadata") == mark(of)]


def wordless(messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Their timestamps. Of other programs too, whose messages Slack does not let us delete."""
    return [str(each["ts"]) for each in messages if not any(each.get(what) for what in ("text", "blocks", "files"))]
