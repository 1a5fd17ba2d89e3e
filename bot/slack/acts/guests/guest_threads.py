"""Each guest's chat goes on in a thread: in its host's direct message, or in the channel that they chose for it."""

import asyncio
import logging
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.hosting import Mirroring, Part
from bot.services.links.hosting.mirroring import AT_ONCE, JOB
from bot.services.links.values import Guest
from bot.slack.acts.guests.channels import home_of
from bot.slack.edge.errors import NOTHING_LEFT, TROUBLE, code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.incoming.unnoted import put_up, stands_there
from bot.slack.screens.guests import guest_threads as screens
from bot.slack.services import Services
from storage.schema import now
from storage.tables import Job, Link

APART = 1.1
"""Seconds between two messages in one conversation: https://docs.slack.dev/apis/web-api/rate-limits."""
MOST_KEPT = 10_000
FILE = "chat.txt"
_OPENING = KeyedLocks()
"""One for all of this process; another process is met by the row."""

log = logging.getLogger(__name__)


class Pace:
    """When the next message may go into which channel: turns are kept in the order in which they were asked for."""

    def __init__(self, apart: float | None = None) -> None:
        self._apart = APART if apart is None else apart
        self._free_at: OrderedDict[str, float] = OrderedDict()
        self._turns: OrderedDict[tuple[str, str], float] = OrderedDict()

    def take(self, channel: str, whose: str = "") -> float:
        """0 when it may go now, and then it counts; else the seconds until the turn that is kept for ``whose``."""
        now_at = time.monotonic()
        turn = self._turns.pop((channel, whose), None)
        if turn is None:
            turn = max(now_at, self._free_at.get(channel, 0.0))
            _keep(self._free_at, channel, turn + self._apart)
        if turn <= now_at:
            return 0.0
        _keep(self._turns, (channel, whose), turn)
        return turn - now_at

    async def wait(self, channel: str, whose: str = "") -> None:
        """Until the next message may go there."""
        rest = self.take(channel, whose)
        while rest > 0:
            await asyncio.sleep(rest)
            rest = self.take(channel, whose)


def _keep(times: OrderedDict[Any, float], key: Any, at: float) -> None:
    times[key] = at
    times.move_to_end(key)
    if len(times) > MOST_KEPT:
        times.popitem(last=False)


class GuestThreads:
    def __init__(self, client: AsyncWebClient, services: Services, pace: Pace | None = None) -> None:
        self._client = client
        self._services = services
        self._mirroring = Mirroring(services.db, services.chats.content.relayed)
        self._pace = pace or Pace()
        self._lanes = KeyedLocks()

    async def follow(self, job: Job) -> None:
        """Tell one part; what is left, or has no room yet, comes with the same job once more."""
        told = job.payload
        async with self._lanes.turn(told["session_id"]):
            part = await self._mirroring.next_part(told["workspace"], told["link_id"], told["session_id"])
            if part is None:
                return
            channel = await self._channel(part)
            whose = part.session.id
            if wait := self._pace.take(channel, whose):
                await self._later(job, wait)
            elif not part.session.thread_ts:  # what its thread hangs on is a message too
                await self.opened(Guest(part.link, part.session))
                await self._later(job, self._pace.take(channel, whose))
            elif await self._tell(part, channel):
                await self._later(job, self._pace.take(channel, whose))

    async def catch_up(self, workspace: str, link_id: str, session_id: str) -> Guest | None:
        """Tell all that is left, since the chat is over; None when the link is gone."""
        async with self._lanes.turn(session_id):
            while part := await self._mirroring.next_part(workspace, link_id, session_id):
                channel = await self._channel(part)
                await self._pace.wait(channel, session_id)
                await self._tell(part, channel)
        async with self._services.db.read() as tables:
            link, session = await tables.links.with_session(workspace, link_id, session_id) or (None, None)
        return Guest(link, session) if link and session else None

    async def room_in(self, channel: str) -> None:
        """Returns when another message may go there."""
        await self._pace.wait(channel)

    async def opened(self, guest: Guest) -> tuple[str, str]:
        """Channel and ts of the message that its thread hangs on, put up when there is none."""
        # What tells of a guest's coming, of what was said and of a question may all come first, and at once.
        async with _OPENING.turn(guest.session.id):
            if not await self._known(guest):
                await self._open(guest)
        return guest.session.thread_channel, guest.session.thread_ts

    async def _open(self, guest: Guest) -> None:
        channel = await home_of(self._client, guest.link)
        told: dict[str, Any] = {"text": screens.root_text(guest), "blocks": screens.root(guest)}
        ts = await put_up(self._client, f"guest:{guest.session.id}", channel=channel, **told)
        if await self._mirroring.opened(guest.session, channel, ts):
            guest.session.thread_channel, guest.session.thread_ts = channel, ts
        elif await self._known(guest):  # another process was first
            await self._client.chat_delete(channel=channel, ts=ts)

    async def _known(self, guest: Guest) -> bool:
        """Whether it hangs somewhere, as the database has it now."""
        if not guest.session.thread_ts:
            async with self._services.db.read() as tables:
                stored = await tables.sessions.get(guest.workspace, guest.session.id)
            if stored:
                guest.session.thread_channel, guest.session.thread_ts = stored.thread_channel, stored.thread_ts
        return bool(guest.session.thread_ts)

    async def redraw(self, guest: Guest) -> None:
        """Who answers has changed; a message that its host has deleted is let be."""
        if not guest.session.thread_ts:
            return
        try:
            await self._client.chat_update(
                channel=guest.session.thread_channel,
                ts=guest.session.thread_ts,
                text=screens.root_text(guest),
                blocks=screens.root(guest),
            )
        except SlackApiError as error:
            if code_of(error) not in NOTHING_LEFT:
                raise

    async def tell(self, link: Link, text: str, *, of: str) -> None:
        """Where its guests are followed, in a message of its own."""
        await put_up(self._client, of, channel=await home_of(self._client, link), text=text)

    async def close(self, guest: Guest, text: str, *, of: str) -> None:
        """That it is over, and what came of it: in its thread and seen above; without one, in the same place."""
        thread = guest.session.thread_ts
        channel = guest.session.thread_channel or await home_of(self._client, guest.link)
        await put_up(
            self._client, of, channel=channel, thread_ts=thread or None, reply_broadcast=bool(thread), text=text
        )

    async def attach(self, guest: Guest, transcript: str) -> None:
        """All that was said, as a file to keep; a Slack that takes none has it in the thread all the same."""
        there = (guest.session.thread_channel, guest.session.thread_ts)
        try:
            if await stands_there(self._client, *there, FILE):
                return
            await self._client.files_upload_v2(
                content=transcript,
                filename=FILE,
                title=f"{guest.link.title}: {guest.name}",
                channel=there[0],
                thread_ts=there[1],
            )
        except (*TROUBLE, SlackRequestError) as error:
            log.warning("a transcript was not put into its thread: %s", code_of(error))

    async def _channel(self, part: Part) -> str:
        return part.session.thread_channel or await home_of(self._client, part.link)

    async def _tell(self, part: Part, channel: str) -> bool:
        """Held while it is told, and noted then. True: there is more."""
        guest = Guest(part.link, part.session)
        _, thread = await self.opened(guest)
        whole, held = len(part.events), await self._mirroring.held(part, lambda events: screens.part(events)[1])
        if held is None:
            return True
        part, blocks = held, screens.part(held.events)[0]
        try:
            if screens.changes_root(part.events):
                await self.redraw(guest)
            if blocks:
                told: dict[str, Any] = {"text": screens.part_text(part.events), "blocks": blocks}
                told |= {"reply_broadcast": screens.asks_for_person(part.events)}
                name = f"part:{part.session.id}:{part.upto}"
                await put_up(self._client, name, doubt=part.in_doubt, channel=channel, thread_ts=thread, **told)
        except BaseException:  # also when it is cut off by the end of the process
            await self._mirroring.let_go(part)
            raise
        await self._mirroring.told(part)
        return len(part.events) < whole or whole == AT_ONCE

    async def _later(self, job: Job, seconds: float) -> None:
        due = now() + timedelta(seconds=seconds)
        async with self._services.db.begin() as tables:
            await tables.jobs.once_more(JOB, job.once, job.payload, due, workspace=job.workspace_id)
