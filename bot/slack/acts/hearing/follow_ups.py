"""Somebody goes on in a thread of a channel without a mention: answered where it is meant for Usher.

Slack brings every message of every channel that Usher is in. Nothing of them is kept, logged or shown to a model: of
a reply it is looked up whether its author has talked with Usher in that very thread, and no more.
"""

import logging
import re
import time
from collections import OrderedDict

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import Payload
from bot.slack.incoming.spoken import own_id, spoken
from bot.slack.screens.talking.follow_ups import GOES_ON, OTHERS_TALK, OUT, sends_away
from bot.slack.services import Services
from storage.members import Member
from storage.tables import Conversation

log = logging.getLogger(__name__)

_TO_OTHERS = re.compile(r"<(?:@|!subteam|!here|!channel|!everyone)")
_BY_NAME = re.compile(r"\W*usher\b", re.IGNORECASE)
MOST_REMEMBERED = 20_000
FOR_SECONDS = 300.0
"""Another process may have been spoken to meanwhile, of which this one hears nothing."""


class Silence:
    """Who has nothing to be told in which thread, as found lately: a busy thread costs one look-up."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def holds(self, *key: str) -> bool:
        return self._until.get(key, 0.0) > time.monotonic()

    def keep(self, *key: str) -> None:
        self._until[key] = time.monotonic() + FOR_SECONDS
        self._until.move_to_end(key)
        if len(self._until) > MOST_REMEMBERED:
            self._until.popitem(last=False)

    def broken(self, *key: str) -> None:
        self._until.pop(key, None)


class FollowUps:
    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services
        self._silence = Silence()
        self._looking = KeyedLocks()

    def mentioned(self, member: Member, channel: str, thread_ts: str) -> None:
        """From now on a reply of theirs in this thread may be meant for us."""
        self._silence.broken(member.workspace, member.id, channel, thread_ts)

    async def sent_away(self, member: Member, body: Payload) -> bool:
        """Told, by name or in a thread of theirs, to stay out of it; whoever says so, it holds for all."""
        event, bot = body["event"], own_id(body)
        channel, thread = event["channel"], event.get("thread_ts")
        words = spoken(event, bot).words
        if thread is None or not sends_away(words, addressed=True):
            return False
        named = sends_away(words, addressed=f"<@{bot}>" in str(event.get("text")))
        following = self._services.chats.following
        mine = await following.conversation(member, channel, thread)
        if not named and mine is None:
            return False
        if await following.stay_out(member.workspace, channel, thread, event["ts"]):
            if mine:
                await self._services.chats.stop(member.workspace, mine.id)
            await self._client.chat_postMessage(channel=channel, thread_ts=thread, text=OUT)
        return True

    async def meant(self, member: Member, body: Payload) -> bool:
        """Whether a reply without a mention is for us; how to go on is told once, where it is not."""
        event, bot = body["event"], own_id(body)
        channel, thread = event["channel"], event["thread_ts"]
        key = (member.workspace, member.id, channel, thread)
        following = self._services.chats.following
        # Of those that come together the first looks for all.
        async with self._looking.turn(key):
            if self._silence.holds(*key):
                return False
            conversation = await following.conversation(member, channel, thread)
            if conversation is None:
                self._silence.keep(*key)
                return False
        words = str(event.get("text"))
        if await following.stays_out(member.workspace, channel, thread) or _TO_OTHERS.search(words):
            return False
        talked = not _BY_NAME.match(words) and await following.others_spoke(
            conversation, event["ts"], self._services.threads, bot
        )
        await self._tell_once(member, conversation, OTHERS_TALK if talked else GOES_ON)
        return not talked

    async def _tell_once(self, member: Member, conversation: Conversation, text: str) -> None:
        """For their eyes alone: others may go on talking."""
        mark = f"follow_up:{conversation.id}:{'others' if text == OTHERS_TALK else 'alone'}"
        async with self._services.db.begin() as tables:
            if not await tables.handled.first_time_ever(member.workspace, mark):
                return
        place = conversation.place
        try:
            await self._client.chat_postEphemeral(
                channel=place["channel"], user=member.id, thread_ts=place["thread_ts"], text=text
            )
        except TROUBLE as error:
            log.info("how to go on in a thread could not be told: %s", code_of(error))
            async with self._services.db.begin() as tables:
                await tables.handled.forget(member.workspace, f"{member.workspace}:{mark}")
