"""Nothing could be taken in, since the disk is full: whoever asked is told so, and nothing is acknowledged as taken."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, before_a_listener, code_of
from bot.slack.edge.payload import Payload, workspace_of
from bot.slack.screens.notices import NO_ROOM, NOT_TAKEN_IN, notice
from storage.engines.room import is_full

log = logging.getLogger(__name__)

MOST = 1_000
AGAIN: dict[str, str | Sequence[str]] = {"Retry-After": ["60"]}


def refusing(client: AsyncWebClient) -> Callable[[Exception, Payload], Awaitable[BoltResponse | None]]:
    """For Bolt, which asks it what to answer when the way to a listener is barred."""
    told: deque[tuple[str, str]] = deque(maxlen=MOST)

    async def refuse(error: Exception, body: Payload) -> BoltResponse | None:
        if not is_full(error):
            return await before_a_listener(error)
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": NO_ROOM})
        if body.get("type") == "view_submission":  # on top of the form: what was typed is still below
            return BoltResponse(status=200, body={"response_action": "push", "view": notice(NO_ROOM)})
        if place := _place(body):
            if "event" not in body:
                await _tell(client, body, {**place, "text": NO_ROOM})
                return BoltResponse(status=200)
            if (mark := (place["channel"], str(body["event"].get("ts")))) not in told:  # Slack brings it thrice
                told.append(mark)
                await _tell(client, body, {**place, "text": NOT_TAKEN_IN})
        return BoltResponse(status=503, headers=AGAIN)

    return refuse


def _place(body: Payload) -> dict[str, Any]:
    """Where whoever asked reads an answer; empty where nobody asked."""
    event = body.get("event")
    if not isinstance(event, dict):
        channel = (body.get("channel") or {}).get("id") or (body.get("user") or {}).get("id")
        return {"channel": channel} if channel else {}
    if event.get("bot_id") or not event.get("user"):
        return {}
    if event.get("type") == "app_mention" or event.get("channel_type") == "im":
        return {"channel": event["channel"], "thread_ts": event.get("thread_ts") or event["ts"]}
    return {}


async def _tell(client: AsyncWebClient, body: Payload, message: dict[str, Any]) -> None:
    user = str((body.get("event") or {}).get("user") or (body.get("user") or {}).get("id"))
    try:
        with acting_for(workspace_of(body)):
            if str(message["channel"]).startswith(("D", "U", "W")):
                await client.chat_postMessage(**message)
            else:
                await client.chat_postEphemeral(user=user, **message)
    except TROUBLE as error:
        log.info("that there is no room could not be told: %s", code_of(error))
