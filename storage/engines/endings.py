"""How a transaction ended when the answer to its COMMIT was lost: PostgreSQL is asked, by the transaction's number.

SQLite needs none of it: a COMMIT that fails there has been undone (its log is worked off behind it, in silence).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    from storage.engines.one_transaction import OneTransaction

log = logging.getLogger(__name__)

LOOK_TAKES = 2.0
"""Seconds at most."""
# A server that crashed may give the numbers of what it forgot once more; its figures begin anew then.
SINCE = "pg_stat_get_bgwriter_stat_reset_time()"
ASK = sa.text(f"SELECT CAST(pg_current_xact_id_if_assigned() AS text), {SINCE}")
LOOK = sa.text(f"SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8)), {SINCE}")


class InDoubt(SQLAlchemyError):
    """It may have been carried out: nobody can say. The cause is what hid the answer."""


@dataclass(frozen=True)
class Ending:
    """``number`` is None for what has written nothing."""

    number: str | None
    since: datetime


async def ending_of(transaction: "OneTransaction") -> Ending:
    """In which all has been said but COMMIT."""
    await transaction.flush()
    number, since = (await transaction.connection.execute(ASK)).one()
    return Ending(number, since)


async def was_carried_out(engine: AsyncEngine, ending: Ending, pauses: Sequence[float]) -> bool | None:
    """None: it could not be found out, with a look after each of these pauses."""
    if ending.number is None:
        return True
    for pause in pauses:
        await asyncio.sleep(pause)
        state, since = await _looked_up(engine, ending.number)
        if state == "aborted":
            return False
        if state == "committed":
            return True if since == ending.since else None
    return None


async def _looked_up(engine: AsyncEngine, number: str) -> tuple[Any, Any]:
    """What has become of it, if that can be heard now; "in progress" while the server has not noticed our end."""
    at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with asyncio.timeout(LOOK_TAKES), at_once.connect() as connection:
            state, since = (await connection.execute(LOOK, {"number": number})).one()
            return state, since
    except (SQLAlchemyError, OSError) as error:
        log.warning("how a transaction ended could not be looked up: %s", type(error).__name__)
        return None, None
