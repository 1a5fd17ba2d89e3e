"""A start that has to be worked for: on links that anybody may open, and only while there is a crowd.

A passcode or a code proves more than work does, and has limits of its own.
"""

from typing import Any

from bot.services import tokens
from bot.services.limits import rates
from bot.services.limits.rates import MINUTE, Bucket
from bot.services.links.admission.crowds import Crowds
from bot.services.links.admission.proofs import LIVES, Proofs, WorkAsked
from bot.services.links.admission.values import ANYONE, Caller, Denied, denied
from storage.database import Database
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import Link

WITHOUT = Limit(burst=3, every_microseconds=MINUTE // 3)
"""Of one link, from browsers that cannot calculate: too few to be worth a robot's while, and nobody is locked out."""
# A minute more than the proof is good for: clocks of processes differ.
_ONCE = Limit(burst=1, every_microseconds=int(LIVES.total_seconds()) * SECOND + MINUTE)


class Work:
    def __init__(self, db: Database, master_key: bytes, choice: str) -> None:
        self._db = db
        self._rate_key = tokens.server_key(master_key, "rates")
        self._proofs = Proofs(tokens.server_key(master_key, "proofs of work"))
        self.crowds = Crowds(db, self._rate_key, choice)

    async def check(self, link: Link, caller: Caller) -> None:
        """Raises `WorkAsked`, or `Refused` for who cannot work and has to wait; nothing is counted before a proof."""
        if link.access != ANYONE or not await self.crowds.here(link):
            return
        if caller.plain:
            await self._let_some_in(link)
            return
        try:
            if not caller.work:
                raise denied("work_needed")
            await self._use_up(await self._proofs.mark(link.id, caller.work))
        except Denied as why:
            raise WorkAsked(why, await self._proofs.challenge(link.id)) from None

    async def _use_up(self, mark: str) -> None:
        async with self._db.begin() as tables:
            if not await rates.has_room(tables, rates.hidden(self._rate_key, "proof of work", mark), _ONCE):
                raise denied("work_used", used=True)

    async def _let_some_in(self, link: Link) -> None:
        key = rates.hidden(self._rate_key, "starts without work", link.id)
        told: dict[str, Any] = {}
        async with self._db.begin() as tables:
            await rates.take_all(tables, [Bucket(key, WITHOUT, "work_plain", told)])
