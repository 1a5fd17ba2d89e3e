"""Files that a guest sent stand in their host's thread, each after the message that it came with."""

import logging
from datetime import timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.files.checking import tidy
from bot.services.files.kinds import TEXT
from bot.services.links.hosting.mirroring import FILES_JOB
from bot.services.links.values import Guest
from bot.slack.acts.guests.guest_threads import GuestThreads
from bot.slack.edge.errors import code_of
from bot.slack.incoming.unnoted import put_up, stands_there
from bot.slack.screens.guests.guest_threads import not_put
from bot.slack.services import Services
from storage.schema import now
from storage.tables import GuestFile, Job

AFTER_ITS_WORDS = timedelta(seconds=1)
NEVER = frozenset(
    {
        "missing_scope",
        "not_allowed_token_type",
        "file_uploads_disabled",
        "file_upload_size_restricted",
        "storage_limit_reached",
    }
)
"""What Slack says of every file of ours: to try again is in vain, so the host is told."""
TRIES = 5
"""Of one that is refused for whatever else: then the host is told too, and those behind it have their turn."""

log = logging.getLogger(__name__)


class GuestFilesInThreads:
    def __init__(self, client: AsyncWebClient, services: Services, threads: GuestThreads) -> None:
        self._client = client
        self._services = services
        self._threads = threads

    async def put(self, job: Job) -> None:
        """One of them; the next comes with the same job once more. Noted once it stands there."""
        told = job.payload
        async with self._services.db.read() as tables:
            link, session = await tables.links.with_session(*_names(told)) or (None, None)
            if link is None or session is None or session.erase_asked_by:
                return
            file = await tables.guest_files.next_to_relay(link.workspace_id, session.id)
            said = await tables.events.of_turn(link.workspace_id, file.turn_id) if file else []
        if file is None:
            return
        if any(event.kind == "message" and event.seq > session.mirrored_seq for event in said[:1]):
            return await self._later(job)
        await self._put(Guest(link, session), file, last=job.attempts >= TRIES)
        await self._later(job)

    async def _put(self, guest: Guest, file: GuestFile, *, last: bool) -> None:
        channel, thread = await self._threads.opened(guest)
        await self._threads.room_in(channel)
        await self._upload(channel, thread, guest.name, file, last=last)
        async with self._services.db.begin() as tables:
            await tables.guest_files.set_relayed(file.workspace_id, file.id)

    async def _upload(self, channel: str, thread: str, name: str, file: GuestFile, *, last: bool) -> None:
        content, relayed = file.content, self._services.chats.content.relayed
        if file.kind == TEXT:  # as its words are: no passwords in Slack
            content = relayed(content.decode()).encode()
        shown = relayed(file.name)
        filename = tidy(shown, file.name.rpartition(".")[2])
        try:
            if await stands_there(self._client, channel, thread, filename, len(content)):
                return
            await self._client.files_upload_v2(
                content=content,
                filename=filename,
                title=relayed(f"From {name}"),
                alt_txt=shown,
                channel=channel,
                thread_ts=thread,
            )
        except SlackApiError as error:
            if code_of(error) not in NEVER and not last:
                raise
            log.warning("Slack does not take a guest's file: %s", code_of(error))
            await put_up(self._client, f"not_put:{file.id}", channel=channel, thread_ts=thread, text=not_put(shown))

    async def _later(self, job: Job) -> None:
        async with self._services.db.begin() as tables:
            await tables.jobs.once_more(
                FILES_JOB, job.once, job.payload, now() + AFTER_ITS_WORDS, workspace=job.workspace_id
            )


def _names(told: dict[str, str]) -> tuple[str, str, str]:
    return told["workspace"], told["link_id"], told["session_id"]
