"""The database: a ``with`` block is a transaction, and in it stand all tables."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from storage.engines import journal
from storage.engines.endings import Ending, InDoubt, ending_of, was_carried_out
from storage.engines.engine import READING, is_away, open_engine
from storage.engines.one_transaction import opened
from storage.engines.postgres import UNHURRIED, Patience
from storage.engines.prepared import PreparedStatements
from storage.engines.room import Room
from storage.engines.single_reads import SingleReads, ends_anyhow
from storage.engines.walls import WALLED
from storage.repositories.mcp.standing import Standing
from storage.repositories.work.rates import Limit
from storage.repositories.workspaces.audit_chain import AuditKeys
from storage.transaction import Tables

__all__ = ["Database", "Tables"]

Done = TypeVar("Done")
TRIED = "room"
"""A row that is written to see whether there is any."""
WRITERS_WAIT = 15.0
"""Seconds; SQLite's own patience with another process is as long."""
LOOKED_AFTER = (0.05, 0.3, 1.0, 2.0)
"""Seconds, each after the one before, until a transaction whose answer was lost is looked for."""
# PostgreSQL then refuses to write, and shows all reads of a transaction the same moment, as SQLite does.
ONE_LOOK = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """Hold no transaction across a model call, a tool call, an HTTP call or a ``yield``.

    Change rows in this order: link, budget, session, its result, turn, approval, elicitation, conversation (its
    messages and events), tally, audit.
    PostgreSQL ends one of two transactions that wait for each other's rows.
    """

    def __init__(self, url: str, audit_keys: AuditKeys | None = None, patience: Patience | None = None) -> None:
        """Without ``audit_keys`` nothing that has to be in the audit can be done, and none of it be verified.

        ``patience`` is for PostgreSQL: how long its silence is borne.
        """
        self._audit_keys = audit_keys
        self.engine = open_engine(url, patience=patience)
        self.room = Room()
        """On the disk."""
        # SQLite has one writer, and lets the others sleep and look again: here they queue, first come, first served.
        self._writer = None if self.is_postgres else asyncio.Lock()
        self._queued = 0
        """Who waits for that."""
        self._walled = self.is_postgres
        """Until a connection has told otherwise."""
        if self.is_postgres:
            sa.event.listen(self.engine.sync_engine, "connect", self._learn)
        self._prepared = PreparedStatements(self.engine.dialect)
        self.standing = Standing(SingleReads(self.engine))
        self._reading = self.engine.execution_options(**{READING: True}, **(ONE_LOOK if self.is_postgres else {}))

    def _learn(self, _connection: object, record: ConnectionPoolEntry) -> None:
        self._walled = bool(record.info.get(WALLED))

    @property
    def is_postgres(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tables]:
        """One transaction that may write: committed on success, rolled back on any error.

        Where the answer to COMMIT is lost, what became of it is found out: it ends well, or raises, as it happened;
        `InDoubt` where nobody can say.
        """
        ending: Ending | None = None
        try:
            async with self._begun() as tables:
                yield tables
                if self.is_postgres and tables.transaction.has_asked:
                    ending = await ending_of(tables.transaction)
                    tables.transaction.forget()  # else what was read here is forgotten with a transaction that fails
        except Exception as error:
            if ending is None or not is_away(error):
                raise
            if (done := await was_carried_out(self.engine, ending, LOOKED_AFTER)) is None:
                raise InDoubt from error
            if not done:
                raise

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[Tables]:
        """The same, where the answer to COMMIT is left to whoever asked."""
        try:
            async with self._turn(), opened(self.engine, self._prepared) as transaction:
                yield Tables(transaction, self._audit_keys, walled=self._walled)
        except BaseException as error:
            self.room.failed(error)
            raise

    async def surely(self, act: Callable[[Tables, Sequence[Done]], Awaitable[Done]], *, patient: bool = False) -> Done:
        """What ``act`` gives, in a transaction as of `begin`; where the answer to COMMIT is lost, done once more.

        That answer is neither yes nor no, and is not found out here, where turns go by, as in `begin`: that costs a
        question each time. So ``act`` is given what it gave in the tries that nobody answered: it looks whether one of
        these is stored, and does nothing then. ``patient``: also what surely was not done is done again.
        """
        unanswered: list[Done] = []
        for pause in (*LOOKED_AFTER, None):
            given: list[Done] = []
            try:
                async with self._begun() as tables:
                    given.append(await act(tables, unanswered))
                    tables.transaction.forget()
                return given[0]
            except Exception as error:
                unanswered += given
                if pause is None or not is_away(error) or not (patient or unanswered):
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last try gives or raises")

    @asynccontextmanager
    async def unhurried(self) -> AsyncIterator[Tables]:
        """As `begin`, for what may take minutes, as to delete all of a workspace: no statement of it is given up."""
        if not self.is_postgres:
            async with self.begin() as tables:
                yield tables
            return
        engine = open_engine(self.engine.url.render_as_string(hide_password=False), patience=UNHURRIED)
        try:
            async with opened(engine, self._prepared) as transaction:
                yield Tables(transaction, self._audit_keys, walled=self._walled)
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Raises TimeoutError when the writers before do not end, as SQLite itself would."""
        if self._writer is None:
            yield
            return
        await self._wait_for(self._writer)
        try:
            yield
        finally:
            self._writer.release()

    async def _wait_for(self, writer: asyncio.Lock) -> None:
        if not (self._queued or writer.locked()):
            await writer.acquire()  # at once
            return
        self._queued += 1
        try:
            async with asyncio.timeout(WRITERS_WAIT):
                await writer.acquire()
        finally:
            self._queued -= 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tables]:
        """For looking only; on SQLite it neither waits for a writer nor holds one up."""
        with ends_anyhow() as looked:
            async with opened(self._reading, self._prepared) as transaction:
                yield Tables(transaction, self._audit_keys, walled=self._walled)
                looked()

    async def ping(self) -> None:
        """Raises what a question would: it is away, locked, or full."""
        async with self._reading.begin() as connection:
            await connection.execute(sa.select(1))

    async def has_room(self) -> bool:
        """Whether what is kept finds room on the disk; where it did not, that is tried anew."""
        if not self.room.lacks.is_set():
            return True
        with suppress(Exception):  # whatever else is wrong, it is not known that there is room
            async with self.begin() as tables:
                await tables.rates.take(TRIED, Limit(1, 1), time.time_ns() // 1_000)
            self.room.written()
        return not self.room.lacks.is_set()

    async def settle_file(self) -> int:
        """SQLite keeps what was deleted in its journal until that is worked off; PostgreSQL sees to it by itself.

        Readers may hold a part of it: then the next time. Gives how many bytes the journal has afterwards.
        """
        if self._writer is None:
            return 0
        if journal.size_of(self.engine):
            async with self._turn():
                await journal.work_off(self.engine)
        return journal.size_of(self.engine)

    async def close(self) -> None:
        await self.engine.dispose()
