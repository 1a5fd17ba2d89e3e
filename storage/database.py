"""The database: a ``with`` block is a transaction, and in it stand all tables."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from storage.engines.engine import READING, is_away, open_engine
from storage.engines.single_reads import SingleReads, ends_anyhow
from storage.engines.walls import WALLED
from storage.repositories.access.requests import ApiRequests
from storage.repositories.access.tokens import AccessTokens
from storage.repositories.agents.agents import Agents
from storage.repositories.agents.grants import Grants
from storage.repositories.conversations.approvals import Approvals
from storage.repositories.conversations.conversations import Conversations
from storage.repositories.conversations.elicitations import Elicitations
from storage.repositories.conversations.events import Events
from storage.repositories.conversations.files import Files
from storage.repositories.conversations.member_files import MemberFiles
from storage.repositories.conversations.messages import Messages
from storage.repositories.conversations.ratings import TurnRatings
from storage.repositories.conversations.showing import Showing
from storage.repositories.conversations.turns import Turns
from storage.repositories.insights.insights import Insights
from storage.repositories.links.codes import OneTimeCodes
from storage.repositories.links.drafts import LinkDrafts
from storage.repositories.links.erasures import Erasures
from storage.repositories.links.figures import Figures
from storage.repositories.links.guest_files import GuestFiles
from storage.repositories.links.links import Links
from storage.repositories.links.openings import Openings
from storage.repositories.links.results import Results
from storage.repositories.links.sessions import Sessions
from storage.repositories.mcp.added_cards import AddedCards
from storage.repositories.mcp.allowed_calls import CallsAllowed
from storage.repositories.mcp.connections import Connections
from storage.repositories.mcp.oauth import OAuth
from storage.repositories.mcp.secret_places import SecretPlaces
from storage.repositories.mcp.secrets import Secrets
from storage.repositories.mcp.standing import Standing
from storage.repositories.mcp.tools import PinnedTools
from storage.repositories.mcp.usage import Usage
from storage.repositories.memories.forgetting import Forgetting
from storage.repositories.memories.memories import Memories
from storage.repositories.memories.notes import Notes
from storage.repositories.memories.vectors import Vectors
from storage.repositories.repository import Repository
from storage.repositories.spending.budgets import Budgets
from storage.repositories.spending.model_usage import ModelUsages
from storage.repositories.work.handled import Handled
from storage.repositories.work.home_tabs import HomeTabs
from storage.repositories.work.jobs import ScheduledJobs
from storage.repositories.work.rates import Rates
from storage.repositories.work.reminders import Reminders
from storage.repositories.work.tickets import Tickets
from storage.repositories.workspaces.audit import Audit
from storage.repositories.workspaces.audit_chain import AuditKeys
from storage.repositories.workspaces.installations import Installations
from storage.repositories.workspaces.outside import Outside
from storage.repositories.workspaces.policies import Policies
from storage.repositories.workspaces.security import Security
from storage.repositories.workspaces.tallies import Tallies
from storage.repositories.workspaces.workspaces import Workspaces
from storage.row_security.entering import Transaction, Walled

Done = TypeVar("Done")
WRITERS_WAIT = 15.0
"""Seconds; SQLite's own patience with another process is as long."""
LOOKED_AFTER = (0.05, 0.3, 1.0, 2.0)
"""Seconds, each after the one before, until a transaction whose answer was lost is looked for."""
# Rows are values: a change by UPDATE is not copied into those held, and what is read is read anew.
AS_VALUES = {"synchronize_session": False, "populate_existing": True}
# PostgreSQL then refuses to write, and shows all reads of a transaction the same moment, as SQLite does.
ONE_LOOK = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Tables:
    """Everything one transaction can reach."""

    def __init__(self, session: AsyncSession, audit_keys: AuditKeys | None = None, *, walled: bool = False) -> None:
        self.session = session
        self.workspaces = Workspaces(session)
        self.installations = Installations(session)
        self.handled = Handled(session)
        self.audit = Audit(session, audit_keys)
        self.tallies = Tallies(session)
        self.security = Security(session)
        self.agents = Agents(session)
        self.grants = Grants(session)
        self.connections = Connections(session)
        self.added_cards = AddedCards(session)
        self.tools = PinnedTools(session)
        self.allowed_calls = CallsAllowed(session)
        self.secrets = Secrets(session)
        self.secret_places = SecretPlaces(session)
        self.usage = Usage(session)
        self.oauth = OAuth(session)
        self.conversations = Conversations(session)
        self.messages = Messages(session)
        self.turns = Turns(session)
        self.events = Events(session)
        self.files = Files(session)
        self.member_files = MemberFiles(session)
        self.ratings = TurnRatings(session)
        self.showing = Showing(session)
        self.approvals = Approvals(session)
        self.elicitations = Elicitations(session)
        self.memories = Memories(session)
        self.vectors = Vectors(session)
        self.notes = Notes(session)
        self.forgetting = Forgetting(session)
        self._of_guests(session)
        self.budgets = Budgets(session)
        self.model_usage = ModelUsages(session)
        self.home_tabs = HomeTabs(session)
        self.jobs = ScheduledJobs(session)
        self.rates = Rates(session)
        self.reminders = Reminders(session)
        self.tickets = Tickets(session)
        self.insights = Insights(session)
        self.policies = Policies(session)
        self.outside = Outside(session)
        self.access_tokens = AccessTokens(session)
        self.api_requests = ApiRequests(session)
        if walled:
            self._ask_from_within(Transaction(session))

    def _of_guests(self, session: AsyncSession) -> None:
        self.links = Links(session)
        self.codes = OneTimeCodes(session)
        self.link_drafts = LinkDrafts(session)
        self.sessions = Sessions(session)
        self.guest_files = GuestFiles(session)
        self.erasures = Erasures(session)
        self.results = Results(session)
        self.openings = Openings(session)
        self.figures = Figures(session)

    def _ask_from_within(self, transaction: Transaction) -> None:
        for name, each in list(vars(self).items()):
            if isinstance(each, Repository):
                setattr(self, name, Walled(each, transaction))


class Database:
    """Hold no transaction across a model call, a tool call, an HTTP call or a ``yield``.

    Change rows in this order: link, budget, session, its result, turn, approval, elicitation, conversation (its
    messages and events), tally, audit.
    PostgreSQL ends one of two transactions that wait for each other's rows.
    """

    def __init__(self, url: str, audit_keys: AuditKeys | None = None) -> None:
        """Without ``audit_keys`` nothing that has to be in the audit can be done, and none of it be verified."""
        self._audit_keys = audit_keys
        self.engine = open_engine(url)
        # SQLite has one writer, and lets the others sleep and look again: here they queue, first come, first served.
        self._writer = None if self.is_postgres else asyncio.Lock()
        self._walled = self.is_postgres
        """Until a connection has told otherwise."""
        if self.is_postgres:
            sa.event.listen(self.engine.sync_engine, "connect", self._learn)
        self._writing = async_sessionmaker(self.engine, expire_on_commit=False, execution_options=AS_VALUES)
        self.standing = Standing(SingleReads(self.engine))
        reading = self.engine.execution_options(**{READING: True}, **(ONE_LOOK if self.is_postgres else {}))
        self._reading = async_sessionmaker(reading, expire_on_commit=False, execution_options=AS_VALUES)

    def _learn(self, _connection: object, record: ConnectionPoolEntry) -> None:
        self._walled = bool(record.info.get(WALLED))

    @property
    def is_postgres(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tables]:
        """One transaction that may write: committed on success, rolled back on any error."""
        async with self._turn(), self._writing.begin() as session:
            yield Tables(session, self._audit_keys, walled=self._walled)

    async def surely(self, act: Callable[[Tables, Sequence[Done]], Awaitable[Done]], *, patient: bool = False) -> Done:
        """What ``act`` gives, in a transaction as of `begin`; where the answer to COMMIT is lost, done once more.

        That answer is neither yes nor no. So ``act`` is given what it gave in the tries that nobody answered: it looks
        whether one of these is stored, and does nothing then. ``patient``: also what surely was not done is done again.
        """
        unanswered: list[Done] = []
        for pause in (*LOOKED_AFTER, None):
            given: list[Done] = []
            try:
                async with self.begin() as tables:
                    given.append(await act(tables, unanswered))
                    tables.session.expunge_all()  # else what was read here is forgotten with a transaction that fails
                return given[0]
            except Exception as error:
                unanswered += given
                if pause is None or not is_away(error) or not (patient or unanswered):
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last try gives or raises")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Raises TimeoutError when the writers before do not end, as SQLite itself would."""
        if self._writer is None:
            yield
            return
        async with asyncio.timeout(WRITERS_WAIT):
            await self._writer.acquire()
        try:
            yield
        finally:
            self._writer.release()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tables]:
        """For looking only; on SQLite it neither waits for a writer nor holds one up."""
        with ends_anyhow() as looked:
            async with self._reading.begin() as session:
                yield Tables(session, self._audit_keys, walled=self._walled)
                looked()

    async def ping(self) -> None:
        """Raises what a question would: it is away, locked, or full."""
        async with self._reading.begin() as session:
            await session.execute(sa.select(1))

    async def settle_file(self) -> None:
        """SQLite keeps what was deleted in its journal until that is worked off; PostgreSQL sees to it by itself.

        Readers may hold a part of it: then the next time.
        """
        if self._writer is not None:
            async with self._turn(), self.engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.ask("PRAGMA wal_checkpoint(TRUNCATE)", ())  # type: ignore[union-attr]

    async def close(self) -> None:
        await self.engine.dispose()
