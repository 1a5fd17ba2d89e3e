"""The message that counts a link's guests is put up with the first of them, and edited there as things change."""

import hashlib
import json
from collections import OrderedDict
from datetime import timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.hosting.counting import JOB, Counted, Counting
from bot.slack.acts.guests.channels import home_of
from bot.slack.acts.guests.guest_threads import Pace
from bot.slack.edge.errors import NOTHING_LEFT, code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.guests import counted as screens
from bot.slack.services import Services
from storage.schema import now
from storage.tables import Job

APART = 5.0
"""Seconds between two edits of one: however much happens, Slack takes about fifty a minute of all."""
MOST_KNOWN = 10_000
_PUTTING_UP = KeyedLocks()


class GuestsCounted:
    def __init__(self, client: AsyncWebClient, services: Services, pace: Pace, apart: float | None = None) -> None:
        """``pace`` is that of messages; edits have one of their own."""
        self._client = client
        self._services = services
        self._counting = Counting(services.db)
        self._messages = pace
        self._edits = Pace(APART if apart is None else apart)
        self._links: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def soon(self, workspace: str, link_id: str) -> None:
        await self._counting.soon(workspace, link_id)

    async def draw(self, job: Job) -> None:
        """As it is now, whatever has happened since the job was stored."""
        workspace, link_id = job.payload["workspace"], job.payload["link_id"]
        async with _PUTTING_UP.turn(link_id):
            counted = await self._counting.of(workspace, link_id)
            if counted is None:
                return
            if wait := self._edits.take(link_id):
                return await self._later(job, wait)
            blocks = screens.shown(counted, await self._threads(counted), now())
            drawn = hashlib.sha256(json.dumps(blocks).encode()).hexdigest()
            if not counted.link.count_ts:
                await self._put_up(counted, blocks, drawn)
            elif drawn != counted.link.count_drawn:
                await self._edit(counted, blocks, drawn)

    async def _put_up(self, counted: Counted, blocks: list[Block], drawn: str) -> None:
        link = counted.link
        channel = await home_of(self._client, link)
        await self._messages.wait(channel)
        told = screens.text(counted)
        ts = await put_up(self._client, f"count:{link.id}", channel=channel, text=told, blocks=blocks)
        if not await self._counting.shown(link, channel, ts, drawn):  # another process was first
            await self._client.chat_delete(channel=channel, ts=ts)

    async def _edit(self, counted: Counted, blocks: list[Block], drawn: str) -> None:
        """One that its host has deleted is let be."""
        link, told = counted.link, screens.text(counted)
        try:
            await self._client.chat_update(channel=link.count_channel, ts=link.count_ts, text=told, blocks=blocks)
        except SlackApiError as error:
            if code_of(error) not in NOTHING_LEFT:
                raise
        await self._counting.shown(link, link.count_channel, link.count_ts, drawn)

    async def _threads(self, counted: Counted) -> dict[str, str]:
        """Where each guest who is called by name is followed; empty where that is nowhere any more."""
        named = [session for session, _ in counted.guests[: screens.NAMED] if session.thread_ts]
        return {each.id: await self._link(each.thread_channel, each.thread_ts) for each in named}

    async def _link(self, channel: str, ts: str) -> str:
        if (channel, ts) not in self._links:
            try:
                answer = await self._client.chat_getPermalink(channel=channel, message_ts=ts)
                self._links[channel, ts] = str(answer["permalink"])
            except SlackApiError as error:
                if code_of(error) not in NOTHING_LEFT:
                    raise
                self._links[channel, ts] = ""
            if len(self._links) > MOST_KNOWN:
                self._links.popitem(last=False)
        return self._links[channel, ts]

    async def _later(self, job: Job, seconds: float) -> None:
        due = now() + timedelta(seconds=seconds)
        async with self._services.db.begin() as tables:
            await tables.jobs.once_more(JOB, job.once, job.payload, due, workspace=job.workspace_id)
