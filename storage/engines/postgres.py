"""Connections to PostgreSQL that no silence can hold up: each wait for the other side has an end.

A server whose machine is gone without a word, a firewall that forgot a connection, a disk that hangs: all look alike
from here. How long each is borne is said by a `Patience`.
"""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DisconnectionError

from storage.clock import CLOCK
from storage.engines.address import CACHES, SYSTEM, TLS, Address

FRESH = "usher_fresh"
GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
NAME = "usher"
ASKS = "SELECT clock_timestamp()"
# Of a connection on which nothing comes back: asked after so many seconds, this often, then it is given up.
IDLE, BETWEEN, ASKED = 15, 5, 3


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    connect: float = 10.0
    """For each host."""
    command: float | None = 20.0
    """Until a statement is given up here. None: as long as it takes, for whoever changes tables."""
    on_server: float | None = 15.0
    """Until the server gives it up: before us, so that it says so. As long it lets a transaction stand idle."""
    ping: float = 3.0
    parting: float = 0.5


USUAL = Patience()
UNHURRIED = Patience(command=None, on_server=None)


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """Knows when to let go."""

    parting = USUAL.parting
    pool: "Pooled | None" = None

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        if (held := transport.get_extra_info("socket")) is not None:
            keep_alive(held)

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  as the driver has it
        """Politely, or at once: what answers no farewell is not waited for."""
        if self.pool is not None and self.pool.is_silent:  # of ten that are closed, one is enough to find it out
            self.terminate()
            return
        try:
            await super().close(timeout=self.parting if timeout is None else min(timeout, self.parting))
        except TimeoutError:  # it is closed all the same
            if self.pool is not None:
                self.pool.is_silent = True


def keep_alive(held: Any) -> None:
    """So that the system notices when the other side is gone; what it cannot be told is left as it is."""
    if held.family not in (socket.AF_INET, socket.AF_INET6):
        return
    held.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    wanted = {"TCP_KEEPIDLE": IDLE, "TCP_KEEPINTVL": BETWEEN, "TCP_KEEPCNT": ASKED}
    # Of what was sent and not acknowledged: without it the system tries again for a quarter of an hour.
    wanted["TCP_USER_TIMEOUT"] = (IDLE + BETWEEN * ASKED) * 1_000
    for name, value in wanted.items():
        if (option := getattr(socket, name, None)) is not None:
            held.setsockopt(socket.IPPROTO_TCP, option, value)


async def connect(address: Address, patience: Patience = USUAL, *, name: str = "") -> Connection:
    """To the first host that answers and may be written to; raises what the last one said."""
    options = address.options
    given: dict[str, Any] = {"user": address.user, "password": address.password, "database": address.database}
    given["server_settings"] = _said_at_once(options, name)
    attributes = options.get("target_session_attrs", "primary" if len(address.hosts) > 1 else "any")
    seconds = float(options.get("connect_timeout", 0)) or patience.connect
    how: dict[str, Any] = {"timeout": seconds, "command_timeout": patience.command, "target_session_attrs": attributes}
    how |= {"connection_class": Connection, **_cache(address), **_tls(options)}
    *first, last = address.hosts or ((None, None),)
    for host, port in first:
        with contextlib.suppress(*GONE):
            return await _made(patience, address, host=host, port=port, **given, **how)
    return await _made(patience, address, host=last[0], port=last[1], **given, **how)


async def _made(patience: Patience, address: Address, **how: Any) -> Connection:
    connection: Connection = await asyncpg.connect(**how)
    try:
        connection.parting = patience.parting
        if not address.is_pooled:
            # Not as it connects: poolers refuse what they do not know. One that gives a connection to others after
            # each transaction would give them these along: there the role has to have them (docs/operations.md).
            limit = round((patience.on_server or 0) * 1_000)
            limits = f"statement_timeout = {limit}; SET idle_in_transaction_session_timeout = {limit}"
            await connection.execute(f"SET jit = off; SET {limits}" if limit else "SET jit = off")
        await tell_time(connection, patience.connect)
    except BaseException:
        connection.terminate()
        raise
    return connection


def _said_at_once(options: Any, name: str) -> dict[str, str]:
    said = {"application_name": name or options.get("application_name", NAME)}
    return said | ({"options": options["options"]} if "options" in options else {})


def _cache(address: Address) -> dict[str, Any]:
    size = "0" if address.is_pooled else address.options.get(CACHES[0])
    return {} if size is None else {CACHES[0]: int(size)}


def _tls(options: Any) -> dict[str, Any]:
    """The driver takes most of it from a URL alone, so one is made of nothing else."""
    if options.get("sslrootcert") == SYSTEM:
        context = ssl.create_default_context()
        if "sslcert" in options:
            context.load_cert_chain(options["sslcert"], options.get("sslkey"), options.get("sslpassword"))
        return {"ssl": context}
    asked = sa.URL.create("postgresql", query={name: options[name] for name in TLS if name in options})
    return {"dsn": asked.render_as_string()} if asked.query else {}


async def tell_time(connection: Connection, within: float) -> None:
    """Whether it answers, and what time it is there: one way there and back."""
    sent = CLOCK.ticks()
    CLOCK.heard(await connection.fetchval(ASKS, timeout=within), sent)


class Pooled:
    """SQLAlchemy's hooks for an engine whose connections are made, tried and given up here."""

    def __init__(self, address: Address, patience: Patience) -> None:
        self._address = address
        self._patience = patience
        self.is_silent = False
        """One did not answer its farewell, and none was made since."""

    async def connect(self, **_: Any) -> Connection:
        connection = await connect(self._address, self._patience)
        connection.pool, self.is_silent = self, False
        return connection

    def made(self, _connection: Any, record: Any) -> None:
        record.info[FRESH] = True

    def taken(self, connection: Any, record: Any, _proxy: Any) -> None:
        """Before it is given out: the pool makes another in the place of one that does not answer."""
        if not record.info.pop(FRESH, False):
            connection.run_async(self._ping)

    async def _ping(self, connection: Connection) -> None:
        try:
            await tell_time(connection, self._patience.ping)
        except GONE as error:
            connection.terminate()
            raise DisconnectionError("it does not answer") from error

    def failed(self, context: ExceptionContext) -> None:
        """A statement that was not answered in time leaves a connection of which nobody knows how far it is."""
        if isinstance(context.original_exception, TimeoutError) and context.connection is not None:
            held: Any = context.connection.connection.driver_connection
            held.terminate()
            context.is_disconnect = True
