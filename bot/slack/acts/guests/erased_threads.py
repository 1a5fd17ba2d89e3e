"""What stands in Slack of a chat that was deleted goes too; what is not ours to delete its host is told of."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.erasing.erasing import COPIES
from bot.slack.acts.direct_message import tell
from bot.slack.acts.guests.channels import home_of
from bot.slack.edge.errors import code_of
from bot.slack.screens.guests import erased
from bot.slack.services import Services
from storage.members import Member
from storage.schema import now
from storage.tables import Job, Link, Session

Shown = Mapping[str, Any]
AT_ONCE = 20
"""Messages; Slack takes fifty such calls a minute, and others wait for them too."""
LOOKED_AT, CLOCKS = 200, 60
"""Messages since a chat began; and seconds that Slack's clock may be apart from ours."""
NEXT, IN_TURN = timedelta(seconds=25), timedelta(seconds=5)
GONE = frozenset({"message_not_found", "thread_not_found", "file_not_found", "file_deleted"})
KEPT = frozenset({"cant_delete_message", "compliance_exports_prevent_deletion", "cant_delete_file", "no_permission"})
UNREACHABLE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_scope", "access_denied"})

log = logging.getLogger(__name__)


class ErasedThreads:
    """One thread at a time in this process: a day on which many grow old holds up nothing that people wait for."""

    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services
        self._busy = asyncio.Lock()

    async def clear(self, job: Job) -> None:
        """Some of its thread; the rest comes with the same job once more."""
        if self._busy.locked():
            return await self._later(job, IN_TURN)
        async with self._busy:
            told = job.payload
            async with self._services.db.read() as tables:
                found = await tables.links.with_session(told["workspace"], told["link_id"], told["session_id"])
            if found and found[1] and not await self._cleared(found[0], found[1]):
                await self._later(job, NEXT)

    async def due(self, workspace: str, session_id: str) -> bool:
        """Nothing more of this chat is to come into Slack."""
        async with self._services.db.read() as tables:
            session = await tables.sessions.get(workspace, session_id)
        return session is None or session.erase_asked_by != ""

    async def _cleared(self, link: Link, session: Session) -> bool:
        """Told before the first message goes: without that nobody can find what hangs on it any more."""
        await self._strays(link, session)
        beyond = session.former_channel if session.former_ts and not await self._former(session) else ""
        channel, root = session.thread_channel, session.thread_ts
        if not root:
            await self._tell(link, session, [], beyond)
            return True
        try:
            thread = await self._thread(channel, root)
        except SlackApiError as error:
            if code_of(error) not in UNREACHABLE:
                raise
            log.warning("a deleted chat's thread could not be reached: %s", code_of(error))
            await self._tell(link, session, None, beyond)
            return True
        ours = [each for each in thread if each.get("bot_id") and each["ts"] != root]
        kept = {each["ts"] for each in reversed(ours[-AT_ONCE:]) if not await self._deleted(channel, each)}
        if len(ours) > AT_ONCE and len(kept) < AT_ONCE:
            return False
        left = await self._links(channel, [each for each in thread if _stays(each, kept)])
        await self._tell(link, session, left, beyond)
        # What was on its way into Slack when the chat was deleted may have come meanwhile.
        if thread and len(await self._thread(channel, root)) > len(thread) - len(ours) + len(kept):
            return False
        for each in thread[:1]:
            await self._deleted(channel, each)
        return True

    async def _strays(self, link: Link, session: Session) -> None:
        """What a process put up that died before it could note where: its buttons name the chat."""
        since = str(session.started_at.timestamp() - CLOCKS)
        try:
            channel = session.thread_channel or await home_of(self._client, link)
            found = await self._client.conversations_history(channel=channel, oldest=since, limit=LOOKED_AT)
            for stray in (each for each in found["messages"] if _is_stray(each, session)):
                for each in reversed(await self._thread(channel, stray["ts"])):
                    if each.get("bot_id"):
                        await self._deleted(channel, each)
        except SlackApiError as error:
            if code_of(error) not in UNREACHABLE:
                raise
            log.warning("no stray messages of a deleted chat could be looked for: %s", code_of(error))

    async def _former(self, session: Session) -> bool:
        """Its beginning, in a channel that was lost; False: out of reach, since Usher was not let in again."""
        channel = session.former_channel
        try:
            ours = [each for each in await self._thread(channel, session.former_ts) if each.get("bot_id")]
            return all([await self._deleted(channel, each) for each in reversed(ours)])
        except SlackApiError as error:
            if code_of(error) not in UNREACHABLE:
                raise
            log.warning("the beginning of a deleted chat could not be reached: %s", code_of(error))
            return False

    async def _thread(self, channel: str, root: str) -> list[Shown]:
        """All of it, oldest first; empty when it is gone."""
        messages: list[Shown] = []
        cursor: str | None = None
        while True:
            try:
                answer = await self._client.conversations_replies(channel=channel, ts=root, limit=200, cursor=cursor)
            except SlackApiError as error:
                if code_of(error) in GONE:
                    return messages
                raise
            messages += answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") if answer.get("has_more") else None
            if not cursor:
                return messages

    async def _deleted(self, channel: str, message: Shown) -> bool:
        """With its files, which would outlive it; False when Slack keeps it."""
        try:
            for file in message.get("files") or ():
                await self._gone(self._client.files_delete(file=file["id"]))
            await self._gone(self._client.chat_delete(channel=channel, ts=message["ts"]))
        except SlackApiError as error:
            if code_of(error) not in KEPT:
                raise
            return False
        return True

    async def _gone(self, deleting: Any) -> None:
        try:
            await deleting
        except SlackApiError as error:
            if code_of(error) not in GONE:
                raise

    async def _links(self, channel: str, messages: list[Shown]) -> list[str]:
        """Where each of the first of them stands; what has no address is told by its time."""
        found = []
        for each in messages[: erased.NAMED]:
            answer = await self._client.chat_getPermalink(channel=channel, message_ts=each["ts"])
            found.append(str(answer["permalink"]))
        return found + [""] * (len(messages) - len(found))

    async def _tell(self, link: Link, session: Session, left: list[str] | None, beyond: str) -> None:
        """Once; ``left`` is what could not be deleted, None when nothing could be looked at.

        ``beyond`` is a channel out of reach in which its beginning stands.
        """
        text = erased.told(link, session, left, beyond)
        what = f"{session.workspace_id}:told:{COPIES}:{session.id}"
        if not text:
            return
        async with self._services.db.read() as tables:
            if await tables.handled.is_noted(session.workspace_id, what):
                return
        await tell(self._client, Member(link.workspace_id, link.creator_id), text, of=f"erased:{session.id}")
        async with self._services.db.begin() as tables:
            await tables.handled.first_time(session.workspace_id, what)

    async def _later(self, job: Job, pause: timedelta) -> None:
        async with self._services.db.begin() as tables:
            await tables.jobs.once_more(COPIES, job.once, job.payload, now() + pause, workspace=job.workspace_id)


def _is_stray(message: Shown, session: Session) -> bool:
    named = session.id in json.dumps(message.get("blocks") or [])
    return bool(message.get("bot_id")) and named and message["ts"] not in (session.thread_ts, session.former_ts)


def _stays(message: Shown, kept: set[str]) -> bool:
    return message["ts"] in kept or not (message.get("bot_id") or message.get("subtype") == "tombstone")
