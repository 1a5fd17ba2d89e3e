"""The way to PostgreSQL: does it carry notifications, is a pooler on it, how far apart are the clocks at its ends?"""

import asyncio

import sqlalchemy as sa

from bot.doctor.finding import Finding, ok, warn
from storage.clock import CLOCK
from storage.database import Database
from storage.engines.address import Address
from storage.engines.postgres import Connection, connect
from storage.schema import new_id

HEARD_WITHIN = 2.0
APART = 2.0
"""Seconds, from which on somebody should look."""
LIMITS = "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')"
SEE = "see docs/operations.md, “How DATABASE_URL is written”"


async def way(db: Database, url: str, listen_url: str | None) -> list[Finding]:
    """Of one that answers."""
    address = Address.of(url)
    connection = await connect(address)
    try:
        # A pooler names itself as who serves us; the server behind it knows itself by another number.
        behind = await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid()
    finally:
        connection.terminate()
    found = [_pooler() if behind and not address.is_pooled else None, await _limits(db)]
    return [*filter(None, found), await _notifications(db, address, listen_url), _clock()]


def _pooler() -> Finding:
    cure = f"add statement_cache_size=0 to it, unless the pooler keeps a connection for one client; {SEE}"
    return warn("pooler", "DATABASE_URL goes through one and does not say so", cure)


async def _limits(db: Database) -> Finding | None:
    async with db.engine.connect() as connection:
        unset = "0" in tuple((await connection.execute(sa.text(LIMITS))).one())
    if not unset:
        return None
    cure = f"ALTER ROLE … SET statement_timeout and idle_in_transaction_session_timeout = '15s'; {SEE}"
    return warn("time limits", "through a pooler Usher sets none on the server, and its role has none", cure)


async def _notifications(db: Database, address: Address, listen_url: str | None) -> Finding:
    """LISTEN by the one way, NOTIFY by the other, as two processes would."""
    name = "DATABASE_LISTEN_URL" if listen_url else "DATABASE_URL"
    channel, heard = f"usher_doctor_{new_id()[:8]}", asyncio.Event()
    connection: Connection = await connect(Address.of(listen_url) if listen_url else address)
    try:
        await connection.add_listener(channel, lambda *_: heard.set())
        async with db.engine.begin() as asking:
            await asking.execute(sa.text("SELECT pg_notify(:channel, '')"), {"channel": channel})
        async with asyncio.timeout(HEARD_WITHIN):
            await heard.wait()
    except TimeoutError:
        found = f"do not arrive by {name}: each process looks for the others' news every few seconds"
        return warn("notifications", found, f"name the way past the pooler in DATABASE_LISTEN_URL; {SEE}")
    finally:
        connection.terminate()
    return ok("notifications", "arrive: processes hear of each other's news at once")


def _clock() -> Finding:
    ahead = CLOCK.wall_is_ahead()
    if abs(ahead) < APART:
        return ok("clock", "goes with the database's")
    found = f"this machine's is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the database's"
    return warn(
        "clock", found, "set both by NTP: Usher goes by the database's, logs and certificates by this machine's"
    )
