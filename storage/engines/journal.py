"""What SQLite has promised and not yet worked into its file lies in its journal, beside it (``-wal``).

Whoever is told that something was taken in relies on it, after a power cut too: a message that Slack will not bring
again, a call that must not be made twice. So each commit waits until the disk has it (``synchronous=FULL``); with
``NORMAL`` those of the last half minute would be gone, though the file stays whole. Sources: sqlite.org/wal.html,
sqlite.org/pragma.html#pragma_synchronous.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    from storage.engines.sqlite_connection import SqliteConnection

SYNCHRONOUS = "FULL"
WORKED_OFF_AT = 1_000
"""Pages: the commit that finds so many in the journal works them into the file."""
KEPT = 16 << 20
"""Bytes that the journal keeps of the disk once it has been worked off."""
LARGE = 64 << 20
"""Bytes: it grows on while anybody's reading transaction needs what lies in it."""
READERS_WAIT = 500
"""Milliseconds for which those who read are waited for. No longer: meanwhile nobody may write."""
USUALLY_WAIT = 15_000


def pragmas() -> Sequence[str]:
    """For each connection."""
    # What is deleted is written over: a copy of the file must not give back what a guest wanted gone.
    return (
        "journal_mode=WAL",
        f"synchronous={SYNCHRONOUS}",
        f"wal_autocheckpoint={WORKED_OFF_AT}",
        f"journal_size_limit={KEPT}",
        "secure_delete=ON",
    )


async def work_off(engine: AsyncEngine) -> None:
    """Into the file, as far as nobody reads what was before. The caller keeps other writers out."""
    async with engine.connect() as connection:
        driver: SqliteConnection = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
        await driver.ask(f"PRAGMA busy_timeout={READERS_WAIT}", ())
        try:
            await driver.ask("PRAGMA wal_checkpoint(TRUNCATE)", ())
        finally:
            await driver.ask(f"PRAGMA busy_timeout={USUALLY_WAIT}", ())


def size_of(engine: AsyncEngine) -> int:
    """Bytes; 0 where there is none."""
    with suppress(OSError):
        return Path(f"{engine.url.database}-wal").stat().st_size
    return 0
