"""A message was deleted or changed: its answer is stopped, or answers the new words as long as it has not begun."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats.joining import source
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, workspace_of
from bot.slack.incoming.spoken import by_a_person, own_id, spoken
from bot.slack.incoming.thread import said_in
from bot.slack.services import Services

log = logging.getLogger(__name__)

TOO_LATE = (
    "I am answering your message as it was when I read it. To ask with the new words, stop me and send them again as a"
    " message of their own."
)


class SecondThoughts:
    def __init__(self, services: Services, client: AsyncWebClient) -> None:
        self._services = services
        self._client = client

    async def had(self, body: Payload) -> None:
        event = body["event"]
        before = event.get("previous_message") or {}
        if event["subtype"] == "message_deleted":
            ts = str(event.get("deleted_ts") or before.get("ts") or "")
            self._services.threads.forget(_thread(body, before, ts), ts)
            await self._services.chats.taken_back(workspace_of(body), source(event["channel"], ts))
            return
        after = event.get("message") or {}
        note(self._services, body, after)
        # A preview of a link, or a reply that came below, is no change of the person's.
        if after.get("edited") and by_a_person(after) and after.get("text") != before.get("text"):
            await self._changed(body, after)

    async def _changed(self, body: Payload, message: Payload) -> None:
        channel = body["event"]["channel"]
        text = spoken(message, own_id(body)).whole
        if not text or await self._services.chats.reworded(workspace_of(body), source(channel, message["ts"]), text):
            return
        try:
            await self._client.chat_postEphemeral(
                channel=channel,
                user=message["user"],
                thread_ts=message.get("thread_ts") or message["ts"],
                text=TOO_LATE,
            )
        except TROUBLE as error:
            log.info("that a message was changed too late could not be told: %s", code_of(error))


def note(services: Services, body: Payload, message: Payload | None = None) -> None:
    """Of a thread in which Usher was mentioned, what was said is kept for a while; of others nothing is."""
    message = message or body["event"]
    ts = str(message.get("ts") or "")
    if ts and message.get("subtype") not in ("message_replied", "tombstone"):
        services.threads.hear(_thread(body, message, ts), said_in(message))


def _thread(body: Payload, message: Payload, ts: str) -> tuple[str, str, str]:
    return workspace_of(body), body["event"]["channel"], str(message.get("thread_ts") or ts)
