"""Members' grants: sealed beside their other secrets, and renewed by one at a time, in all processes."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import timedelta

from mcp_runtime.oauth.errors import SignInRefused, SignInServerAway
from mcp_runtime.oauth.grants import FIELD, LONGEST_SCOPE, Grant, as_json, grant_from, rights, union
from mcp_runtime.oauth.sign_ins import SignIns
from mcp_runtime.secrets import SecretStore
from storage.database import Database
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import Connection

LEASE = timedelta(seconds=30)
LOOK_EVERY = 0.1
"""Seconds between looks at what another process is renewing."""
AWAY_FOR = 5.0
"""Seconds for which a sign-in server that gave no answer is not asked again."""

log = logging.getLogger(__name__)


class Grants:
    """One renewal at a time, here and in other processes: a token that renews another is often good once.

    It goes on when those who wait for it are gone: an answer that nobody takes would be the end of the grant.
    """

    def __init__(self, db: Database, secrets: SecretStore, sign_ins: SignIns) -> None:
        self._db = db
        self._secrets = secrets
        self._sign_ins = sign_ins
        self._under_way: dict[tuple[str, str], asyncio.Task[Grant | None]] = {}
        self._away: dict[str, tuple[float, SignInServerAway]] = {}

    async def of(self, connection: Connection) -> Grant | None:
        """Raises `CannotOpen`, `StoreAway`."""
        kept = await self._secrets.read(self._db, _member(connection), connection.id, FIELD)
        return grant_from(kept) if kept is not None else None

    async def renewed(self, connection: Connection, used: Grant) -> Grant | None:
        """A grant with another access token than this one; None when its member has to sign in again.

        Raises `SignInServerAway` when that is not known now: the grant is kept, and good for another try.
        """
        key = (connection.id, used.access)
        if (task := self._under_way.get(key)) is None:
            task = self._under_way[key] = asyncio.create_task(self._in_turn(connection, used), name="renew a grant")
            task.add_done_callback(lambda done: self._over(key, done))
        return await asyncio.shield(task)

    async def close(self, within: float) -> None:
        """What is under way may end."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=within)

    def _over(self, key: tuple[str, str], task: "asyncio.Task[Grant | None]") -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # nobody may be left to ask for it

    async def _in_turn(self, connection: Connection, used: Grant) -> Grant | None:
        holder = new_id()
        while not await self._lease(connection, holder):
            known = await self.of(connection)
            if known is None or known.access != used.access:
                return known  # whoever holds the lease has seen to it
            await asyncio.sleep(LOOK_EVERY)
        try:
            return await self._renew(connection, used)
        finally:
            await self._give_back(connection, holder)

    async def _renew(self, connection: Connection, used: Grant) -> Grant | None:
        """Under the lease: what was done before it was ours is known by now."""
        known = await self.of(connection)
        if known is None or known.access != used.access:
            return known
        if known.refresh is None:
            return None
        self._mind_the_outage(connection)
        try:
            renewed = await self._sign_ins.refresh(connection.title, known, connection.workspace_id)
        except SignInRefused as refused:
            await self._keep(connection, spent(known, refused))
            log.info("connection %s has to be signed in to again: its grant is not renewed any more", connection.id)
            return None
        except SignInServerAway as away:
            self._away[connection.id] = (time.monotonic() + AWAY_FOR, away)
            raise
        self._away.pop(connection.id, None)
        await self._keep(connection, renewed)
        return renewed

    async def wants_more(self, connection: Connection, scope: str) -> None:
        """Ask for these rights as well when its member signs in the next time, which is shown to them."""
        async with self._db.begin() as tables:
            known = await tables.connections.get(connection.workspace_id, connection.id)
            wanted = union(known.wants_rights, rights(scope)) if known else ""
            if known is not None and wanted != known.wants_rights and len(wanted) <= LONGEST_SCOPE:
                await tables.connections.update(connection.workspace_id, connection.id, wants_rights=wanted)

    async def _keep(self, connection: Connection, grant: Grant) -> None:
        """Unless the member has signed in anew, or out, meanwhile: their word is newer than the server's.

        One that is leaving may be kept, or is to be ended at the service: the old token would do for neither.
        """
        async with self._db.begin() as tables:
            there = await tables.connections.get(connection.workspace_id, connection.id, leaving=True)
            if there is not None and there.version == connection.version:
                await self._secrets.put(tables, _member(connection), connection.id, as_json(grant), FIELD)

    def _mind_the_outage(self, connection: Connection) -> None:
        until, away = self._away.get(connection.id, (0.0, None))
        if away is not None and time.monotonic() < until:
            raise away.with_traceback(None)

    async def _lease(self, connection: Connection, holder: str) -> bool:
        async with self._db.begin() as tables:
            moment = now()
            return await tables.oauth.take_lease(
                connection.workspace_id, connection.id, holder, moment, until=moment + LEASE
            )

    async def _give_back(self, connection: Connection, holder: str) -> None:
        async with self._db.begin() as tables:
            await tables.oauth.give_back_lease(connection.workspace_id, connection.id, holder)


def _member(connection: Connection) -> Member:
    return Member(connection.workspace_id, connection.member_id)


def spent(grant: Grant, refused: SignInRefused) -> Grant:
    """It renews nothing any more; who we were there is kept for the next sign-in, unless that was the trouble."""
    client = replace(grant.client, until=0.0) if refused.code == "invalid_client" else grant.client
    return replace(grant, refresh=None, client=client)
