"""Files that a turn's tools gave are kept with the call's end until its face has shown them, also after a kill."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from bot.services.chats.values import Attached
from mcp_runtime.tools.tools import File
from storage.database import Database, Tables
from storage.tables import Event, Turn, TurnFile

NOTED = "files"
"""In what is noted as shown of a turn: by each call's key, the digest of its files and the face's ids of them."""


class KeptFiles:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def shown(self, turn: Turn, attached: Attached, ids: Sequence[str]) -> bool:
        """Noted, and kept no longer; False when another process has the turn now."""
        noted = {"digest": attached.digest, "ids": list(ids)}
        turn.shown = {**turn.shown, NOTED: {**turn.shown.get(NOTED, {}), attached.call: noted}}

        async def note(tables: Tables, _: Sequence[bool]) -> bool:
            if not await tables.turns.change(turn, shown=turn.shown):
                return False
            await tables.files.drop(turn.workspace_id, turn.id, attached.call)
            return True

        return await self._db.surely(note, patient=True)

    async def left(self, turn: Turn) -> list[Attached]:
        """What its face has not shown yet."""
        async with self._db.read() as tables:
            rows = await tables.files.of_turn(turn.workspace_id, turn.id)
        return [_attached(turn, list(of_call)) for _, of_call in groupby(rows, attrgetter("call"))]


def ids_shown(turn: Turn, attached: Attached) -> list[str]:
    """The face's ids of what this very call has shown, in an earlier attempt maybe; empty when there is nothing."""
    noted = turn.shown.get(NOTED, {}).get(attached.call, {})
    return [str(each) for each in noted.get("ids", [])]


def shown_by_tools(turn: Turn) -> list[str]:
    """The face's ids of all files that its calls gave."""
    return [str(each) for noted in turn.shown.get(NOTED, {}).values() for each in noted.get("ids", [])]


def was_shown(turn: Turn, attached: Attached) -> bool:
    """By this call, just as they are: a read that was run again gave the same."""
    noted = turn.shown.get(NOTED, {}).get(attached.call, {})
    return bool(noted.get("digest") == attached.digest)


async def keep(tables: Tables, turn: Turn, attached: Attached) -> None:
    files = [(each.mime, each.content) for each in attached.files]
    await tables.files.keep(turn.workspace_id, turn.id, attached.call, attached.title, files)


def woven(events: Sequence[Event], files: Sequence[Attached]) -> list[Event | Attached]:
    """Each call's files after the call's last event."""
    by_call = {each.call: each for each in files}
    last = {event.body.get("call"): event.seq for event in events if event.kind == "tool"}
    told: list[Event | Attached] = []
    for event in events:
        told.append(event)
        call = event.body.get("call") if event.kind == "tool" else None
        if call in by_call and last[call] == event.seq:
            told.append(by_call[call])
    return told


def _attached(turn: Turn, rows: Sequence[TurnFile]) -> Attached:
    return Attached(turn.id, rows[0].call, rows[0].title, tuple(File(row.mime, row.content) for row in rows))
