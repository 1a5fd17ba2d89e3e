"""A connection that needs its member asks for them in one message, which says afterwards how it went."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.incoming.unnoted import put_up
from bot.slack.screens.connections import sign_in_notes as screens
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Connection

log = logging.getLogger(__name__)

HELD = timedelta(seconds=30)
"""Longer than telling takes: after that whoever held it is taken for dead."""
LOOKS, LOOK_SECONDS = 20, 0.25


class Busy(Exception):
    """Another process is at the message of this connection."""


class SignInNotes:
    def __init__(self, client: AsyncWebClient, db: Database) -> None:
        self._client = client
        self._db = db
        self._turns = KeyedLocks()

    async def follow(self, job: Mapping[str, Any]) -> None:
        """As the connection is by now, whatever it was when the job was made."""
        # Two changes at once are told one after the other, also where two processes hear of them.
        async with self._turns.turn(job["connection"]), self._alone(job["workspace"], job["connection"]):
            while await self._step(job):
                pass

    @asynccontextmanager
    async def _alone(self, workspace: str, connection_id: str) -> AsyncIterator[None]:
        """One row decides which process tells. Raises `Busy`, for the job to come back, when another is long at it."""
        until = await self._held(workspace, connection_id)
        try:
            yield
        finally:
            if until is not None:
                async with self._db.begin() as tables:
                    await tables.connections.let_note_go(workspace, connection_id, until)

    async def _held(self, workspace: str, connection_id: str) -> datetime | None:
        """Until when; None for a connection that is gone, of which nobody else has anything to tell."""
        for _ in range(LOOKS):
            at = now()
            async with self._db.begin() as tables:
                if await tables.connections.hold_note(workspace, connection_id, at, at + HELD):
                    return at + HELD
                if await tables.connections.get(workspace, connection_id, leaving=True) is None:
                    return None
            await asyncio.sleep(LOOK_SECONDS)
        raise Busy(connection_id)

    async def _step(self, job: Mapping[str, Any]) -> bool:
        """Was there something to say? Then it may have changed meanwhile."""
        async with self._db.read() as tables:
            connection = await tables.connections.get(job["workspace"], job["connection"], leaving=True)
        if connection is None:
            if note := job.get("note"):  # the row has gone, and knew of a message
                await self._close(note, screens.gone(job["title"]))
            return False
        if bool(connection.sign_in_note) == _waits(connection):
            return False
        if _waits(connection):
            await self._keep(connection, await self._ask(connection))
        else:
            ended = screens.gone(connection.title) if connection.leaving_since else screens.well(connection.title)
            await self._close(connection.sign_in_note, ended)
            await self._keep(connection, {})
        return True

    async def _ask(self, connection: Connection) -> dict[str, str]:
        channel = await direct_channel(self._client, Member(connection.workspace_id, connection.member_id))
        told, blocks = screens.asked(connection.title), screens.blocks(connection)
        since = int(connection.failing_since.timestamp()) if connection.failing_since else 0
        name = f"sign_in:{connection.id}:{connection.version}:{since}"
        return {"channel": channel, "ts": await put_up(self._client, name, channel=channel, text=told, blocks=blocks)}

    async def _close(self, note: Mapping[str, str], told: str) -> None:
        try:
            await self._client.chat_update(
                channel=note["channel"], ts=note["ts"], text=told, blocks=screens.closed(told)
            )
        except SlackApiError as error:
            if code_of(error) not in ("message_not_found", "cant_update_message", "channel_not_found"):
                raise
            log.info("a message about signing in again is not there any more: %s", code_of(error))

    async def _keep(self, connection: Connection, note: dict[str, str]) -> None:
        async with self._db.begin() as tables:
            await tables.connections.update(connection.workspace_id, connection.id, sign_in_note=note)


def _waits(connection: Connection) -> bool:
    return connection.status == "sign_in" and connection.leaving_since is None
