"""A guest's answers stand in their thread once, and are edited there as more come."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.values import Guest
from bot.slack.acts.guests.guest_threads import GuestThreads
from bot.slack.edge.errors import NOTHING_LEFT, code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens.guests import answers as screens
from bot.slack.services import Services
from storage.tables import Job, Result


class GuestAnswers:
    def __init__(self, client: AsyncWebClient, services: Services, threads: GuestThreads) -> None:
        self._client = client
        self._services = services
        self._threads = threads
        self._lanes = KeyedLocks()

    async def show(self, job: Job) -> None:
        """As they are now, whatever was filed since the job was stored."""
        workspace, session_id = job.payload["workspace"], job.payload["session_id"]
        async with self._lanes.turn(session_id):
            async with self._services.db.read() as tables:
                found = await tables.links.with_session(workspace, job.payload["link_id"], session_id)
                result = await tables.results.get(workspace, session_id)
            if found is None or found[1] is None or result is None or not result.answers:
                return
            guest = Guest(found[0], found[1])
            channel, thread = await self._threads.opened(guest)
            if result.message_ts:
                await self._edit(guest, result, channel)
            else:
                await self._post(guest, result, channel, thread)

    async def _post(self, guest: Guest, result: Result, channel: str, thread: str) -> None:
        await self._threads.room_in(channel)
        told: dict[str, Any] = {
            "text": screens.text(guest, result.answers),
            "blocks": screens.shown(guest, result.answers),
        }
        ts = await put_up(self._client, f"answers:{guest.session.id}", channel=channel, thread_ts=thread, **told)
        async with self._services.db.begin() as tables:
            first = await tables.results.shown_as(guest.workspace, guest.session.id, ts)
        if not first:  # another process was
            await self._client.chat_delete(channel=channel, ts=ts)

    async def _edit(self, guest: Guest, result: Result, channel: str) -> None:
        """A message that its host has deleted is let be."""
        text, blocks = screens.text(guest, result.answers), screens.shown(guest, result.answers)
        try:
            await self._client.chat_update(channel=channel, ts=result.message_ts, text=text, blocks=blocks)
        except SlackApiError as error:
            if code_of(error) not in NOTHING_LEFT:
                raise
