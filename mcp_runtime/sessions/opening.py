"""What it takes to open a connection's session: its secrets or its grant, and somebody who dials."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import httpx2

from mcp_runtime.errors import HostUnreachable, NotPermitted, SecretUnreadable
from mcp_runtime.errors.ours import on_our_side
from mcp_runtime.oauth.bearer import Bearer, Fixed
from mcp_runtime.oauth.grants import FIELD, Grant, grant_from
from mcp_runtime.oauth.keeping import Grants
from mcp_runtime.secrets import CannotOpen, SecretStore, StoreAway
from mcp_runtime.sessions.dialling import Dialler
from mcp_runtime.sessions.handshake import Handshake
from mcp_runtime.sessions.refused_hosts import Hears, RefusedHosts
from mcp_runtime.sessions.session import Session
from mcp_runtime.sessions.speaks import UNKNOWN, Speaks
from mcp_runtime.specs import HttpSpec, Secrets, ServerSpec, from_json
from mcp_runtime.tools.policies.recording import Later
from mcp_runtime.tools.policies.terms import Permits
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.egress import Narrowed
from mcp_runtime.transports.fair_turns import Credit, Credits
from mcp_runtime.transports.http import GuardedClient, guarded_client
from storage.database import Database, Tables
from storage.members import Member
from storage.rules.egress import Egress
from storage.tables import Connection

log = logging.getLogger(__name__)

OUT_OF_REACH = "the store that its token is kept in cannot be reached at the moment"
LARGEST_SIGN_IN = 1 << 18
"""Bytes of a document or an answer of a sign-in server."""

Opened = AbstractAsyncContextManager[Session]


class Opening:
    """``seconds`` bound each call; ``later`` writes what nobody waits for."""

    def __init__(
        self,
        db: Database,
        secrets: SecretStore,
        dialler: Dialler,
        grants: Grants,
        seconds: float,
        later: Later,
        permits: Permits,
    ) -> None:
        self._permits = permits
        self.dialler = dialler
        self._grants = grants
        self._db = db
        self._secrets = secrets
        self._seconds = seconds
        self._refused = RefusedHosts(db, later)
        self._credits = Credits()

    def trial(
        self,
        spec: ServerSpec,
        secrets: Secrets,
        diagnosis: Diagnosis,
        title: str,
        grant: Grant | None,
        by: Member | None,
    ) -> Opened:
        """For a connection that is not there yet, and will be that of ``by``."""
        auth = Fixed(spec.url, grant) if grant is not None and isinstance(spec, HttpSpec) else None
        credit = self._credits.of(by.workspace, by.id) if by else None
        return self._session(spec, secrets, diagnosis, title, auth=auth, credit=credit)

    async def held(self, connection: Connection, greeter: Handshake, diagnosis: Diagnosis) -> Opened:
        """Where it leads by now: a turn may hold its row of before an edit, and a secret goes to its own server alone.

        Raises `SecretUnreadable`, or `HostUnreachable` while the store is away.
        """
        seen = connection

        async def leads_to(tables: Tables) -> ServerSpec:
            nonlocal seen
            seen = await tables.connections.get(connection.workspace_id, connection.id) or connection
            return from_json(seen.spec)

        with on_our_side():
            secrets, spec = await self._found(connection, leads_to)
            greeter.version = seen.version
            if seen.spec != connection.spec and (why := await self._permits(seen)):
                raise NotPermitted(connection.title, why)  # what was asked about before led elsewhere
        return self._with(secrets, connection, spec, greeter.speaks, diagnosis)

    async def of(self, connection: Connection, spec: ServerSpec, speaks: Speaks, diagnosis: Diagnosis) -> Opened:
        """With the secrets that it has, wherever this leads; raises as `held` does."""

        async def as_said(_: Tables) -> ServerSpec:
            return spec

        with on_our_side():
            secrets, _ = await self._found(connection, as_said)
        return self._with(secrets, connection, spec, speaks, diagnosis)

    async def _found(
        self, connection: Connection, leads_to: Callable[[Tables], Awaitable[ServerSpec]]
    ) -> tuple[Secrets, ServerSpec]:
        """Both of one moment, so that the secrets belong to where it leads."""
        member = Member(connection.workspace_id, connection.member_id)
        try:
            return await self._secrets.read_beside(self._db, member, connection.id, leads_to)
        except CannotOpen:
            raise SecretUnreadable(connection.title) from None
        except StoreAway as error:
            log.warning("a connection cannot be opened without its token: %s", error)
            raise HostUnreachable(connection.title, OUT_OF_REACH, "Try again in a minute.") from None

    def _with(
        self, found: Secrets, connection: Connection, spec: ServerSpec, speaks: Speaks, diagnosis: Diagnosis
    ) -> Opened:
        auth = None
        if FIELD in found and isinstance(spec, HttpSpec):
            auth = Bearer(spec.url, connection, grant_from(found[FIELD]), self._grants, diagnosis)
        secrets = {field: found[field] for field in spec.secret_fields if field in found}
        credit, refused = self._credits.of(connection.workspace_id, connection.member_id), self._refused.of(connection)
        return self._session(spec, secrets, diagnosis, connection.title, speaks, auth, refused, credit)

    def _session(
        self,
        spec: ServerSpec,
        secrets: Secrets,
        diagnosis: Diagnosis,
        title: str,
        speaks: Speaks = UNKNOWN,
        auth: httpx2.Auth | None = None,
        refused: Hears = lambda _: None,
        credit: Credit | None = None,
    ) -> Opened:
        return self.dialler.session(
            spec,
            secrets,
            diagnosis,
            server=title,
            call_timeout=self._seconds,
            speaks=speaks,
            auth=auth,
            refused=refused,
            credit=credit,
        )

    def client_for_signing_in(self, egress: Egress) -> GuardedClient:
        """Guarded like the connections' own; what it meets is nobody's diagnosis."""
        reach, resolve = Narrowed.to(egress, self.dialler.reach), self.dialler.resolve
        return guarded_client(reach, Diagnosis(), headers={}, resolve=resolve, max_body=LARGEST_SIGN_IN)
