"""What both who ask and who answer do with a question that has ended: tell whoever shows it, and whoever waits."""

from storage.database import Tables
from storage.schema import now
from storage.tables import Elicitation

ASKED, CLOSED = "elicitation_asked", "elicitation_closed"
"""Jobs for whoever shows questions."""


async def show(tables: Tables, row: Elicitation) -> None:
    """That it is asked."""
    await _job(tables, row, ASKED, f"{ASKED}:{row.id}")


async def show_outcome(tables: Tables, row: Elicitation) -> None:
    """In the transaction of the outcome itself; a page that is done with is told once more."""
    await _job(tables, row, CLOSED, f"{CLOSED}:{row.id}:{row.state}")


async def _job(tables: Tables, row: Elicitation, kind: str, once: str) -> None:
    payload = {"workspace": row.workspace_id, "id": row.id}
    await tables.jobs.add(kind, once, payload, now(), workspace=row.workspace_id)


def topic(number: str) -> str:
    return f"elicitation:{number}"
