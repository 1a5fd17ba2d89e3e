"""Whether Usher may be sent traffic, and a sign by which this very Usher is known."""

import hashlib
import hmac
import logging

import sqlalchemy as sa

from bot.slack.edge.socket_mode import Socket
from storage.database import Database

log = logging.getLogger("usher")


class Signs:
    """What only those can make who hold the same master key: so `usher doctor` and a running Usher know each other."""

    def __init__(self, master_key: bytes) -> None:
        self._key = hmac.digest(master_key, b"usher doctor's signs", hashlib.sha256)

    def question(self, nonce: str) -> str:
        return self._sign("question", nonce)

    def answer(self, nonce: str, question: str) -> str | None:
        """None: whoever asks does not belong to this installation, and learns nothing."""
        asked = hmac.compare_digest(question.encode(errors="replace"), self.question(nonce).encode())
        return self.expected(nonce) if asked else None

    def expected(self, nonce: str) -> str:
        return self._sign("answer", nonce)

    def _sign(self, what: str, nonce: str) -> str:
        return hmac.new(self._key, f"{what}:{nonce}".encode(errors="replace"), hashlib.sha256).hexdigest()


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
