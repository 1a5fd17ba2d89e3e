"""What a member did about a connection, told to whoever has asked them to sign in to it."""

from storage.database import Tables
from storage.schema import new_id, now
from storage.tables import Connection

SIGN_IN_NOTE = "sign_in_note"


async def follow_note(tables: Tables, connection: Connection) -> None:
    """In the transaction of the change; afterwards, ring the jobs. Nothing where nothing is open or wanted."""
    if not connection.sign_in_note and connection.status != "sign_in":
        return
    told = {"connection": connection.id, "title": connection.title, "note": connection.sign_in_note}
    payload = {"workspace": connection.workspace_id, "member": connection.member_id, **told}
    once = f"{SIGN_IN_NOTE}:{connection.id}:{new_id()}"
    await tables.jobs.add(SIGN_IN_NOTE, once, payload, now(), workspace=connection.workspace_id)
