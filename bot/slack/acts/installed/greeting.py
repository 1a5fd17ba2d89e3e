"""What a member finds in the direct message with Usher: one welcome ever, and suggestions that fit."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.screens.talking import welcome
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)


class Greeting:
    """``known`` spares the database for members who were greeted, or need no greeting any more."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: set[Member] = set()

    async def welcome(self, client: AsyncWebClient, member: Member, channel: str) -> None:
        """Once a member, and to none who has begun already."""
        if not await self._first(member) or await self._services.connections.of(member):
            return
        try:
            await client.chat_postMessage(
                channel=channel,
                text=f"{welcome.HELLO} {welcome.FIRST}",
                blocks=welcome.welcome(),
                unfurl_links=False,
                unfurl_media=False,
            )
        except TROUBLE:
            await self._take_back(member)
            raise

    async def met(self, member: Member) -> None:
        """They have spoken first: a welcome would come on top of the answer."""
        await self._first(member)

    async def _first(self, member: Member) -> bool:
        if member in self._known:
            return False
        async with self._services.db.begin() as tables:
            first = await tables.handled.first_time_ever(member.workspace, _mark(member))
        self._known.add(member)
        return first

    async def _take_back(self, member: Member) -> None:
        self._known.discard(member)
        async with self._services.db.begin() as tables:
            await tables.handled.forget(member.workspace, f"{member.workspace}:{_mark(member)}")


def _mark(member: Member) -> str:
    return f"welcome:{member.id}"


async def suggest(client: AsyncWebClient, services: Services, member: Member, channel: str = "") -> None:
    """Without ``thread_ts``, with which the call fails silently in an agent app."""
    try:
        fit = welcome.prompts(await services.connections.of(member), await services.cards_for(member))
        await client.assistant_threads_setSuggestedPrompts(
            channel_id=channel or await direct_channel(client, member), prompts=[dict(prompt) for prompt in fit]
        )
    except TROUBLE as error:
        log.info("no suggested prompts here: %s", code_of(error))
