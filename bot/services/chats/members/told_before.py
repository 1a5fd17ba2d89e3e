"""A turn that is run again: what it had told before it was cut off, for a face that shows it anew."""

from collections.abc import Sequence

from bot.services.chats.files import KeptFiles, woven
from bot.services.chats.values import CALL_ENDED, Told
from storage.database import Database
from storage.tables import Event, Turn


async def told_before(db: Database, turn: Turn, besides: Sequence[Event]) -> list[Told]:
    """Calls that had come to their end, with their files, and notices; ``besides`` are told already.

    A call that had not is made again, under the same key, or is not made any more.
    """
    async with db.read() as tables:
        events = await tables.events.of_turn(turn.workspace_id, turn.id)
    known = {each.seq for each in besides}
    ended = {each.body["call"] for each in events if each.kind == "tool" and each.body["state"] in CALL_ENDED}
    told = [
        each
        for each in events
        if each.seq not in known and (each.kind == "notice" or (each.kind == "tool" and each.body["call"] in ended))
    ]
    return [*woven(told, await KeptFiles(db).left(turn))]
