"""A message was deleted or changed: its answer is stopped, or answers the new words as long as it has not begun."""

import logging
import time

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats.members.joining import source
from bot.services.chats.members.overtaken import BROUGHT_WITHIN
from bot.services.limits.outside.questions import KeptQuestions
from bot.services.links.hosting.rewording import Rewritten
from bot.services.links.values import Guest
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import Payload, workspace_of
from bot.slack.incoming.spoken import by_a_person, own_id, spoken
from bot.slack.incoming.thread import said_in
from bot.slack.listeners import hosting
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)

TOO_LATE = (
    "I am answering your message as it was when I read it. To ask with the new words, stop me and send them again as a"
    " message of their own."
)


class SecondThoughts:
    def __init__(self, services: Services, client: AsyncWebClient, lanes: KeyedLocks) -> None:
        """``lanes`` keep the messages of each guest's thread in order."""
        self._services = services
        self._client = client
        self._lanes = lanes
        self._questions = KeptQuestions(services.db)

    async def had(self, body: Payload) -> None:
        event = body["event"]
        before = event.get("previous_message") or {}
        if event["subtype"] == "message_deleted":
            ts = str(event.get("deleted_ts") or before.get("ts") or "")
            self._services.threads.forget(_thread(body, before, ts), ts)
            await self._taken_back(body, before, source(event["channel"], ts))
            return
        after = event.get("message") or {}
        note(self._services, body, after)
        # A preview of a link, or a reply that came below, is no change of the person's.
        if after.get("edited") and by_a_person(after) and after.get("text") != before.get("text"):
            await self._changed(body, after)

    async def _taken_back(self, body: Payload, before: Payload, first: str) -> None:
        if guest := await self._guest(body, before):
            async with self._lanes.turn(guest.session.id):
                if await self._services.hosting.reword(guest.creator, guest, Rewritten(first, "")):
                    return
        await self._kept(body, before, None)
        taken_back = await self._services.chats.taken_back(workspace_of(body), first)
        if not taken_back and not await self._overtook(body, before, first, None):
            await self._services.chats.taken_back(workspace_of(body), first)  # it may have come meanwhile

    async def _changed(self, body: Payload, message: Payload) -> None:
        channel, said = body["event"]["channel"], spoken(message, own_id(body))
        first = source(channel, message["ts"])
        if guest := await self._guest(body, message):
            host = Member(workspace_of(body), message["user"])
            async with self._lanes.turn(guest.session.id):
                told = await hosting.edited(self._services, host, guest, said, first)
            if told is None and not await self._overtook(body, message, first, said.words):
                told = await hosting.edited(self._services, host, guest, said, first)
        elif not said.whole or await self._overtook(body, message, first, said.whole):
            return
        else:
            await self._kept(body, message, said.whole)
            in_time = await self._services.chats.reworded(workspace_of(body), first, said.whole)
            told = "" if in_time else TOO_LATE
        if told:
            await self._answer(channel, message, told)

    async def _kept(self, body: Payload, message: Payload, words: str | None) -> None:
        """A question that waits for an admin's word is answered as it reads then, or not at all."""
        if user := message.get("user"):
            member = Member(workspace_of(body), str(user))
            await self._questions.reworded(member, body["event"]["channel"], str(message.get("ts") or ""), words)

    async def _overtook(self, body: Payload, message: Payload, first: str, words: str | None) -> bool:
        """Whether it came before the message. Of what others say to each other nothing is kept."""
        event, ts = body["event"], first.rpartition(":")[2]
        edited = str(event.get("event_ts") or "")
        called = f"<@{own_id(body)}>" in str(message.get("text")) or event.get("channel_type") in ("im", "mpim")
        ours = called or self._services.threads.follows(_thread(body, message, ts)) or await self._guest(body, message)
        if not ours or time.time() - float(ts or 0) > BROUGHT_WITHIN.total_seconds():
            return False
        return await self._services.chats.overtaking.note(workspace_of(body), first, words, edited)

    async def _guest(self, body: Payload, message: Payload) -> Guest | None:
        """In whose thread it stands."""
        thread = message.get("thread_ts")
        if thread is None:
            return None
        return await self._services.hosting.followed_in(workspace_of(body), body["event"]["channel"], thread)

    async def _answer(self, channel: str, message: Payload, text: str) -> None:
        try:
            await self._client.chat_postEphemeral(
                channel=channel,
                user=message["user"],
                thread_ts=message.get("thread_ts") or message["ts"],
                text=text,
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
