"""From a spec and a secret to an open MCP session, over either transport."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version

import httpx2
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

from mcp_runtime.addresses import Reach, Resolve, system_resolve
from mcp_runtime.oauth.bearer import Bearer, Fixed
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.network.way_out import Verdict
from mcp_runtime.sessions.calls_under_way import CallsUnderWay
from mcp_runtime.sessions.session import Session
from mcp_runtime.sessions.speaks import UNKNOWN, Mode, Speaks, TransportName, declared
from mcp_runtime.sessions.subscribing import subscribed
from mcp_runtime.specs import HttpSpec, Secrets, ServerSpec, StdioSpec
from mcp_runtime.transports.diagnosis import Diagnosis, root_cause
from mcp_runtime.transports.fair_turns import Credit
from mcp_runtime.transports.http import GuardedClient, guarded_client
from mcp_runtime.transports.large.reading import Reading, ReadingProcess
from mcp_runtime.transports.mending.bodies import MAX_EVENT
from mcp_runtime.transports.mending.echoes import Echoes
from mcp_runtime.transports.mending.oddities import Oddities
from mcp_runtime.transports.older_sse import NotOlderSse, OlderSse, speaks_older_sse
from mcp_runtime.transports.session_budgets import SessionBudget
from mcp_runtime.transports.stdio import BoundedStdio
from mcp_runtime.transports.tolerant_answers import TolerantAnswers
from mcp_runtime.transports.watched_streams import Streams, Transport, Watched

log = logging.getLogger(__name__)

BESIDE_CHANGED = (types.ResourceListChangedNotification, types.PromptListChangedNotification)


@dataclass(frozen=True)
class _Wanted:
    spec: ServerSpec
    secrets: Secrets = field(repr=False)
    diagnosis: Diagnosis
    server: str
    call_timeout: float
    auth: httpx2.Auth | None
    refused: Callable[[Verdict], None]
    credit: Credit | None

    def held(self) -> Iterator[str]:
        """All secrets that its server is sent at present."""
        yield from self.secrets.values()
        if isinstance(self.auth, Fixed | Bearer):
            yield self.auth.grant.access
            yield self.auth.grant.refresh or ""


@dataclass(frozen=True)
class Dialler:
    """What an operator allows: addresses to dial, and how programs run."""

    reach: Reach
    sandbox: Sandbox
    resolve: Resolve = system_resolve
    elicits: bool = False
    """Servers are told that they may ask a person something in the middle of a call."""
    process: ReadingProcess = field(default_factory=ReadingProcess)
    """For what is large of what servers say."""

    async def make_ready(self, spec: ServerSpec, *, server: str) -> None:
        """Install what a program needs; it may take longer than any server has to answer. Raises `ProgramFailed`."""
        if isinstance(spec, StdioSpec):
            await self.sandbox.make_ready(spec, server=server)

    @asynccontextmanager
    async def session(
        self,
        spec: ServerSpec,
        secrets: Secrets,
        diagnosis: Diagnosis,
        *,
        server: str,
        call_timeout: float,
        speaks: Speaks = UNKNOWN,
        auth: httpx2.Auth | None = None,
        refused: Callable[[Verdict], None] = lambda _: None,
        credit: Credit | None = None,
    ) -> AsyncIterator[Session]:
        """Enter and leave it in one task. What goes wrong is explained by ``diagnosis``, or raised as it is known.

        ``speaks`` is what worked before: tried first, and left when it works no more. ``auth`` signs each
        request over HTTP; ``refused`` hears of the hosts that a program asked for and may not reach. ``credit`` is its
        member's, for work on what is said.
        """
        diagnosis.token_sent = bool(secrets) or auth is not None
        diagnosis.stdio = isinstance(spec, StdioSpec)
        async with AsyncExitStack() as stack:
            wanted = _Wanted(spec, secrets, diagnosis, server, call_timeout, auth, refused, credit)
            yield await self._opened(stack, wanted, speaks)

    async def _opened(self, stack: AsyncExitStack, wanted: "_Wanted", speaks: Speaks) -> Session:
        """By the first way that works."""
        ways = list(speaks.ways())
        for older, mode in ways:
            budget = SessionBudget(members=wanted.credit)
            reading = Reading(self.process, budget.read_elsewhere)
            oddities = Oddities(budget=budget, reading=reading, echoes=Echoes(wanted.held))
            try:
                return await stack.enter_async_context(self._by(wanted, oddities, older=older, mode=mode))
            except Exception as error:
                probed = mode == "auto"
                another = oddities.older_sse if probed else wanted.diagnosis.may_speak_otherwise(root_cause(error))
                if not another or (older, mode) == ways[-1]:
                    # A refusal is the cause of whatever else it says.
                    wanted.diagnosis.spent = oddities.budget.spent
                    known = None if wanted.diagnosis.refused else oddities.error(wanted.server)
                    raise known or error from None
                wanted.diagnosis.begin_anew()
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _by(self, wanted: "_Wanted", oddities: Oddities, *, older: bool, mode: Mode) -> AsyncIterator[Session]:
        spec, wanted.diagnosis.by_get = wanted.spec, older
        kind: TransportName
        if isinstance(spec, StdioSpec):
            transport, kind = self._stdio(spec, wanted, oddities), "program"
        elif older:
            transport, kind = self._older(spec, wanted, oddities), "sse"
        else:
            transport, kind = self._streamable(spec, wanted, oddities, probing=mode == "auto"), "streamable"
        opening = session_over(transport, wanted.call_timeout, oddities, elicits=self.elicits, mode=mode)
        async with opening as session:
            oddities.opened = True
            oddities.budget.on_spent = partial(_end, session, wanted.diagnosis, oddities.budget)
            client = session.client
            session.speaks = Speaks(kind, client.protocol_version, declared(client.server_capabilities))
            session.of_no_use = self.sandbox.of_no_use(spec) if isinstance(spec, StdioSpec) else {}
            yield session

    @asynccontextmanager
    async def _streamable(
        self, spec: HttpSpec, wanted: "_Wanted", oddities: Oddities, *, probing: bool
    ) -> AsyncIterator[Streams]:
        headers = spec.with_secrets(wanted.secrets)
        try:
            async with (
                self._guarded(wanted.diagnosis, headers, oddities, wanted.auth) as http,
                streamable_http_client(spec.url, http_client=http, max_sse_event_size=MAX_EVENT) as streams,
            ):
                yield streams
        except Exception:
            if probing and oddities.unexplained:  # a client of its own: what it meets is not to be diagnosed
                async with self._guarded(Diagnosis(), headers, Oddities(), wanted.auth) as http:
                    oddities.older_sse = await speaks_older_sse(http, spec.url)
            raise

    @asynccontextmanager
    async def _older(self, spec: HttpSpec, wanted: "_Wanted", oddities: Oddities) -> AsyncIterator[Streams]:
        headers = spec.with_secrets(wanted.secrets)
        try:
            async with (
                self._guarded(wanted.diagnosis, headers, oddities, wanted.auth) as http,
                OlderSse(http, spec.url, oddities.budget) as streams,
            ):
                yield streams
        except NotOlderSse as refused:
            oddities.older_sse = refused.elsewhere
            raise

    def _guarded(
        self, diagnosis: Diagnosis, headers: Mapping[str, str], oddities: Oddities, auth: httpx2.Auth | None
    ) -> GuardedClient:
        resolve = self.resolve
        return guarded_client(self.reach, diagnosis, headers=headers, resolve=resolve, oddities=oddities, auth=auth)

    @asynccontextmanager
    async def _stdio(self, spec: StdioSpec, wanted: "_Wanted", oddities: Oddities) -> AsyncIterator[Streams]:
        launcher = await self.sandbox.launcher(
            spec,
            spec.with_secrets(wanted.secrets),
            server=wanted.server,
            reach=self.reach,
            resolve=self.resolve,
            refused=wanted.refused,
        )
        transport = BoundedStdio(launcher, budget=oddities.budget, reading=oddities.reading)
        try:
            async with transport as streams:
                wanted.diagnosis.pid = transport.pid
                yield streams
        finally:
            wanted.diagnosis.why_ended = transport.why or ""
            if spec.program in PROGRAMS and PROGRAMS[spec.program].says_why:
                wanted.diagnosis.exit_code = transport.exit_code


def _end(session: Session, diagnosis: Diagnosis, budget: SessionBudget) -> None:
    log.warning("a session was closed: %s", budget.spent)
    diagnosis.spent = budget.spent
    session.ended.set()


@cache
def _ourselves() -> types.Implementation:
    """Once: to look up what is installed reads files."""
    return types.Implementation(name="usher", version=version("usher"))


@asynccontextmanager
async def session_over(
    transport: Transport, call_timeout: float, oddities: Oddities, *, elicits: bool = False, mode: Mode = "auto"
) -> AsyncIterator[Session]:
    watched = Watched(transport)
    answers = TolerantAnswers(watched, oddities)
    calls = CallsUnderWay()
    session: Session | None = None

    async def heed(message: object) -> None:
        if session is not None and isinstance(message, types.ToolListChangedNotification):
            session.hear_of_change()
        if session is not None and isinstance(message, BESIDE_CHANGED):
            session.hear_of_change_beside()
        if isinstance(message, types.ElicitCompleteNotification):
            await calls.completed(message.params.elicitation_id)

    client = Client(
        answers,
        mode=mode,
        read_timeout_seconds=call_timeout,
        client_info=_ourselves(),
        message_handler=heed,
        elicitation_callback=calls.elicit if elicits else None,
        cache=None,  # each question is one of now, and a listing that is kept is copied deeply first, in one go
    )
    async with client:
        client.session.validate_tool_result = _unchecked  # type: ignore[method-assign]
        session = Session(client, watched.ended, answers, calls, oddities.budget)
        async with subscribed(session):
            yield session


async def _unchecked(name: str, result: types.CallToolResult) -> None:
    """Instead of the SDK's check of a result by the server's own schema.

    The call has been made, so a misfit is a remark for the model and no failure; and a schema of a stranger, with
    patterns that backtrack for hours or references that double at each step, would stop everybody's event loop.
    """
