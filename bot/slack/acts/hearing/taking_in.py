"""What somebody said is taken in: stored with its turn, and what it closes or becomes is told."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.services.agents import asking
from bot.services.chats import Place
from bot.services.chats.members.joining import source
from bot.slack.acts.approvals import close_all
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload
from bot.slack.incoming.spoken import Spoken
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.talking.taken_up import TOLD
from bot.slack.screens.talking.welcome import ASK
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)

LOOK_ABOVE = "(The member said nothing but your name: they mean what was said in this thread before.)"


class TakingIn:
    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services

    async def say(self, member: Member, place: Place, event: Payload, said: Spoken) -> None:
        """Once, however often it comes; who may say it was judged before."""
        text = said.whole or ("" if place.private or place.thread_ts == event["ts"] else LOOK_ABOVE)
        if not text:
            await self.answer(place, ASK)
            return
        try:
            if named := await asking.asked(self._services.db, member, place.channel, said.words):
                kept = {**place.stored(), "name": ""}
                await asking.begin(self._services.db, member, f"{member.id}:{place.key}", kept, named.agent)
                text = named.words + text.removeprefix(said.words)
            first = source(place.channel, event["ts"])
            heard = await self._services.chats.say(member, place, text, source=first, files=said.files)
        except UserError as error:
            await self.answer(place, unmarked(str(error)))
            return
        await close_all(self._client, self._services.chats, heard.lapsed)
        if taken := await self._services.chats.taken_up(member.workspace, heard, said.words):
            await self._whisper(member, place, TOLD[taken])

    async def answer(self, place: Place, text: str) -> None:
        await self._client.chat_postMessage(
            channel=place.channel, thread_ts=place.thread_ts, text=text, unfurl_links=False, unfurl_media=False
        )

    async def _whisper(self, member: Member, place: Place, text: str) -> None:
        """Best effort: the answer comes in any case."""
        try:
            await self._client.chat_postEphemeral(
                channel=place.channel, user=member.id, thread_ts=place.thread_ts, text=text
            )
        except TROUBLE as error:
            log.info("what becomes of a message could not be told: %s", code_of(error))
