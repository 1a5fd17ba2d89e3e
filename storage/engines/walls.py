"""What a connection to PostgreSQL is told, where row-level security holds for the role that it was opened as."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

SETTING = "usher.workspace"
ALL = "*"
"""For what is about nobody's rows. Nothing said is nothing seen."""
WALLED = "usher_walled"
# For this transaction only (the third argument): a connection goes on to whoever comes next.
ENTER = sa.text(f"SELECT set_config('{SETTING}', :workspace, true)")


def look(connection: Any, record: Any) -> None:
    """SQLAlchemy's hook for a new connection: does the wall hold for the role that it was opened as?"""
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT coalesce(row_security_active(to_regclass('workspaces')), false)")
        record.info[WALLED] = cursor.fetchone()[0]
    finally:
        cursor.close()
        connection.rollback()  # or its first transaction would go on in this one, which may write


async def is_walled(connection: AsyncConnection) -> bool:
    return bool((await connection.get_raw_connection()).info.get(WALLED))
