"""A connection that needs its member asks for them in one message, which says afterwards how it went."""

import logging
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.errors import code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.screens.connections import sign_in_notes as screens
from storage.database import Database
from storage.members import Member
from storage.tables import Connection

log = logging.getLogger(__name__)


class SignInNotes:
    def __init__(self, client: AsyncWebClient, db: Database) -> None:
        self._client = client
        self._db = db
        self._turns = KeyedLocks()

    async def follow(self, job: Mapping[str, Any]) -> None:
        """As the connection is by now, whatever it was when the job was made."""
        async with self._turns.turn(job["connection"]):  # two changes at once are told one after the other
            while await self._step(job):
                pass

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
        answer = await self._client.chat_postMessage(channel=channel, text=told, blocks=blocks)
        return {"channel": channel, "ts": str(answer["ts"])}

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
