"""Somebody goes on in a thread of a channel without a mention: told once how to go on.

Slack brings every message of every channel that Usher is in. Nothing of them is kept, logged or shown to a model: of
a reply it is looked up whether its author has talked with Usher in that very thread, and no more.
"""

import logging
import time
from collections import OrderedDict

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.screens.follow_ups import HOW_TO_GO_ON
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)

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

    def mentioned(self, member: Member, channel: str, thread_ts: str) -> None:
        """From now on a reply of theirs in this thread may be meant for us."""
        self._silence.broken(member.workspace, member.id, channel, thread_ts)

    async def heard(self, member: Member, channel: str, thread_ts: str) -> None:
        key = (member.workspace, member.id, channel, thread_ts)
        if self._silence.holds(*key):
            return
        self._silence.keep(*key)
        async with self._services.db.read() as tables:
            conversation = await tables.conversations.keyed(member.workspace, f"{member.id}:{channel}:{thread_ts}")
        if conversation is not None and await self._first(member, conversation.id):
            await self._tell(member, channel, thread_ts, conversation.id)

    async def _first(self, member: Member, conversation_id: str) -> bool:
        async with self._services.db.begin() as tables:
            return await tables.handled.first_time_ever(member.workspace, _mark(conversation_id))

    async def _tell(self, member: Member, channel: str, thread_ts: str, conversation_id: str) -> None:
        """For their eyes alone: others may go on talking."""
        try:
            await self._client.chat_postEphemeral(
                channel=channel, user=member.id, thread_ts=thread_ts, text=HOW_TO_GO_ON
            )
        except TROUBLE as error:
            log.info("how to go on in a thread could not be told: %s", code_of(error))
            self._silence.broken(member.workspace, member.id, channel, thread_ts)
            async with self._services.db.begin() as tables:
                await tables.handled.forget(member.workspace, f"{member.workspace}:{_mark(conversation_id)}")


def _mark(conversation_id: str) -> str:
    return f"follow_up:{conversation_id}"
