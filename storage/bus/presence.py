"""Who else works on this database: PostgreSQL serves any number of processes, and is asked who is there."""

import sqlalchemy as sa

from storage.database import Tables


async def others_run(tables: Tables) -> bool:
    """Whether an Usher is running on this PostgreSQL database: each has a connection of its own for the bus."""
    from storage.bus.postgres import NAME  # SQLite can do without

    there = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
    return bool(await tables.session.scalar(sa.text(there), {"name": NAME}))
