"""What is met while a server is asked, told upwards: a job for whoever shows the member's connections."""

from storage.database import Tables
from storage.schema import now
from storage.tables import Connection

CHANGED = "connection_changed"


async def tell_of_change(tables: Tables, connection: Connection, what: str) -> None:
    """In the transaction of the change itself. ``what`` keeps two different changes from being taken for one."""
    await tables.home_tabs.changed(connection.workspace_id, connection.member_id)
    payload = {"workspace": connection.workspace_id, "member": connection.member_id, "connection": connection.id}
    once = f"{CHANGED}:{connection.id}:{what}"
    await tables.jobs.add(CHANGED, once, payload, now(), workspace=connection.workspace_id)
