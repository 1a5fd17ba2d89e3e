"""Whether Usher may be sent traffic, and a sign by which this very Usher is known."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from storage.bus.bus import Bus
from storage.database import Database

if TYPE_CHECKING:  # the doctor, who needs the signs alone, can do without Slack's door
    from bot.slack.edge.socket_mode import Socket

DEAF = "none arrive, so other processes' news is looked for every few seconds: see DATABASE_LISTEN_URL"
WITHIN = 1.5
"""Seconds for each part: whoever asks is told within two, whatever hangs."""

log = logging.getLogger("usher")


def lesser(bus: Bus, trouble: str) -> dict[str, str]:
    """What does less than it could, and how; ``trouble`` says why memory cannot be searched by meaning."""
    deaf = {} if bus.hears else {"notifications": DEAF}
    return deaf | ({"memory": f"by words alone: {trouble}"} if trouble else {})


class Signs:
    """What only those can make who hold the same master key: so `usher doctor` and a running Usher know each other."""

    def __init__(self, master_key: bytes) -> None:
        self._key = hmac.digest(master_key, b"usher doctor's signs", hashlib.sha256)

    @property
    def key(self) -> bytes:
        """For what has to be known again by this installation alone."""
        return hmac.digest(self._key, b"callers", hashlib.sha256)

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
    """What `/readyz` answers: each part by name, "ok" or what is wrong with it.

    ``warm`` makes the model's client, once; it raises when there can be none. ``lesser`` are parts that do less than
    they could, and how: Usher may be sent traffic all the same.
    """

    def __init__(
        self,
        db: Database,
        door: "Socket | None",
        warm: Callable[[], Awaitable[None]],
        lesser: Callable[[], Mapping[str, str]] = dict,
        patience: float = WITHIN,
    ) -> None:
        self._db = db
        self._lesser = lesser
        self._door = door
        self._warm = warm
        self._patience = patience
        self._asked: dict[str, asyncio.Future[str]] = {}

    async def __call__(self) -> dict[str, str]:
        database, slack, model = await asyncio.gather(
            self._within(self._database, "does not answer"),
            self._within(self._slack, "not connected"),
            self._within(self.model, "cannot be asked"),
        )
        parts = {"database": database, "slack": slack, "model": model}
        return parts | {name: f"ok, {how}" for name, how in self._lesser().items()}

    async def _within(self, ask: Callable[[], Awaitable[str]], silent: str) -> str:
        """Its answer, or that there is none yet. One that hangs is asked no second time until it has answered."""
        name = ask.__name__
        if name not in self._asked:
            self._asked[name] = asyncio.ensure_future(ask())
            self._asked[name].add_done_callback(lambda _: self._asked.pop(name))
        done, _ = await asyncio.wait({asked := self._asked[name]}, timeout=self._patience)
        return asked.result() if done else silent

    async def _database(self) -> str:
        try:
            await self._db.ping()
        except Exception:
            log.exception("the database does not answer")
            return "does not answer"
        return "ok" if await self._db.has_room() else "has no room left on its disk"

    async def model(self) -> str:
        """Can it be asked? Whether it answers is not asked: that is for `usher doctor`, and would cost at each look."""
        try:
            await self._warm()
        except Exception as error:
            # By its kind alone: what a library says of a proxy or an address may quote a password.
            log.warning("the model's client cannot be made: %s", type(error).__name__)
            return "cannot be asked"
        return "ok"

    async def _slack(self) -> str:
        """In HTTP mode it is Slack that comes to us."""
        return "ok" if self._door is None or await self._door.connected() else "not connected"
