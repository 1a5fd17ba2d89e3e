"""A message is posted once: where Slack's answer is lost, it is asked whether the message stands there.

Slack knows no key by which it would refuse the second of two, so each message has a mark; those that have none get one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.edge.calls.marked import KIND, mark, marked, posted_since
from bot.slack.edge.errors import AWAY
from storage.schema import new_id, now

POST = "chat.postMessage"
LOOKED_AFTER = (0.5, 1.0, 2.0)
"""Seconds, each after the try before: then Slack is asked whether it stands there."""
BY_ITSELF: ContextVar[bool] = ContextVar("by_itself", default=False)
"""The call is made again here, and by nobody else."""

Call = Callable[..., Awaitable[AsyncSlackResponse]]


async def posted(client: AsyncWebClient, call: Call, arguments: dict[str, Any]) -> AsyncSlackResponse:
    """What ``call`` answers to this message, or would have answered. Raises what it raises the last time."""
    message: dict[str, Any] = {**arguments.get("json", {})}
    if (message.get("metadata") or {}).get("event_type") != KIND:
        message["metadata"] = mark(new_id())
    since, before = now(), BY_ITSELF.set(True)
    try:
        for pause in LOOKED_AFTER:
            try:
                return await call(POST, **{**arguments, "json": message})
            except (SlackApiError, *AWAY) as error:
                if not _lost(error):
                    raise
            await asyncio.sleep(pause)
            of = str(message["metadata"]["event_payload"]["of"])
            channel, thread = str(message["channel"]), message.get("thread_ts")
            for ts in marked(await posted_since(client, channel, thread, since), of):
                return _answered(client, channel, ts)
        return await call(POST, **{**arguments, "json": message})
    finally:
        BY_ITSELF.reset(before)


def _lost(error: BaseException) -> bool:
    """Nobody knows whether it was done: of a no that Slack says itself, everybody does."""
    return not isinstance(error, SlackApiError) or getattr(error.response, "status_code", 200) >= 500


def _answered(client: AsyncWebClient, channel: str, ts: str) -> AsyncSlackResponse:
    told = {"ok": True, "channel": channel, "ts": ts}
    return AsyncSlackResponse(
        client=client, http_verb="POST", api_url=POST, req_args={}, data=told, headers={}, status_code=200
    )
