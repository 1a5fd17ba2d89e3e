"""Whether somebody asked a turn to stop."""

import logging

from storage.bus.bus import Bell
from storage.database import Database
from storage.engines.engine import TROUBLE
from storage.tables import Turn

A_WHILE = 60.0
log = logging.getLogger(__name__)


def topic(turn: Turn) -> str:
    return f"stop:{turn.conversation_id}"


async def stop_asked(db: Database, bell: Bell, turn: Turn) -> None:
    """Returns once it was asked to; ``bell`` has followed its topic since before the turn was read.

    A nudge may be lost: whoever renews the turn's lease sees that it was asked, and rings again.
    """
    while True:
        if await bell.wait(A_WHILE) and await _asked(db, turn):
            return


async def _asked(db: Database, turn: Turn) -> bool:
    try:
        async with db.read() as tables:
            current = await tables.turns.get(turn.workspace_id, turn.id)
    except TROUBLE as error:  # the answer goes on, and whoever waits for the stop is served with the next look
        log.warning("could not look whether to stop: %s", type(error).__name__)
        return False
    return current is None or current.stop_asked
