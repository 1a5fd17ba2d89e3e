"""Whether Usher may be sent traffic."""

import logging

import sqlalchemy as sa

from bot.slack.edge.socket_mode import Socket
from storage.database import Database

log = logging.getLogger("usher")


class Ready:
    """What `/readyz` answers: each part by name, "ok" or what is wrong with it."""

    def __init__(self, db: Database, door: Socket | None) -> None:
        self._db = db
        self._door = door

    async def __call__(self) -> dict[str, str]:
        # Without a model's key there would be no start.
        return {"database": await self._database(), "slack": await self._slack(), "model": "ok"}

    async def _database(self) -> str:
        try:
            async with self._db.read() as tables:
                await tables.session.execute(sa.select(1))
        except Exception:
            log.exception("the database does not answer")
            return "does not answer"
        return "ok"

    async def _slack(self) -> str:
        """In HTTP mode it is Slack that comes to us."""
        return "ok" if self._door is None or await self._door.connected() else "not connected"
