"""Whether somebody asked a turn to stop."""

import logging

from storage.bus.bus import Bus
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.tables import Turn

LOOK_SECONDS = 5.0  # a nudge may be lost
log = logging.getLogger(__name__)


async def stop_asked(db: Database, bus: Bus, turn: Turn) -> None:
    """Returns once it was asked to."""
    with bus.follow(f"stop:{turn.conversation_id}") as bell:
        while not await _asked(db, turn):
            await bell.wait(LOOK_SECONDS)


async def _asked(db: Database, turn: Turn) -> bool:
    try:
        async with db.read() as tables:
            current = await tables.turns.get(turn.workspace_id, turn.id)
    except TROUBLE as error:  # the answer goes on, and whoever waits for the stop is served with the next look
        log.warning("could not look whether to stop: %s", type(error).__name__)
        return False
    return current is None or current.stop_asked
