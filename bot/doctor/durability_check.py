"""What a power cut would take along: on PostgreSQL how it is set, on SQLite whether the journal is worked off."""

import sqlalchemy as sa

from bot.doctor.finding import Finding, bad, ok, warn
from storage.database import Database
from storage.engines import journal

SUBJECT = "power cuts"
NEEDED = ("fsync", "full_page_writes")
ASKED = sa.text(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
)


async def durability(db: Database) -> Finding:
    if not db.is_postgres:
        return _journal(db)
    async with db.engine.connect() as connection:
        settings = {name: setting for name, setting in await connection.execute(ASKED)}
    if off := [name for name in NEEDED if settings[name] == "off"]:
        return bad(SUBJECT, f"PostgreSQL runs with {' and '.join(off)} off: one may destroy it", "switch them on")
    if settings["synchronous_commit"] == "off":
        found = "PostgreSQL runs with synchronous_commit off: one takes along what was just taken in"
        return warn(SUBJECT, found, "ALTER ROLE … SET synchronous_commit = on, for the role in DATABASE_URL")
    return ok(SUBJECT, "PostgreSQL keeps what it has confirmed")


def _journal(db: Database) -> Finding:
    if (size := journal.size_of(db.engine)) > journal.LARGE:
        found = f"SQLite's journal has {size >> 20} MB and grows while somebody reads what was before"
        return warn(SUBJECT, found, "end what has the file open beside Usher, such as an sqlite3 or a long backup")
    return ok(SUBJECT, "SQLite keeps what it has confirmed")
