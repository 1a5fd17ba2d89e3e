"""Messages of ours are known again by a mark, and a streamed one that was just opened by being empty."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

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


async def posted_since(client: AsyncWebClient, channel: str, thread_ts: str | None, since: datetime) -> Messages:
    """By programs, in this thread, or outside of threads; nothing where Slack does not let us look."""
    oldest = f"{since.timestamp() - CLOCKS:.6f}"
    asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": MOST, "include_all_metadata": True}
    try:
        if thread_ts is None:
            answer = await client.conversations_history(**asked)
        else:
            answer = await client.conversations_replies(**asked, ts=thread_ts)
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
