"""At the door of a link: what whoever presses Start has to know is asked for, and guessing is made slow."""

from bot.services import tokens
from bot.services.links import host_notes
from bot.services.links.admission import guessing, passcodes
from bot.services.links.admission.codes import Codes
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import ADDRESSED, PASSCODE, Caller, Couriers, denied
from storage.database import Database
from storage.tables import Link


class Admission:
    """``rate_key`` hides addresses."""

    def __init__(self, db: Database, master_key: bytes, couriers: Couriers) -> None:
        self._db = db
        self._rate_key = tokens.server_key(master_key, "rates")
        self._hashing = Passcodes()
        self.codes = Codes(db, tokens.server_key(master_key, "codes"), self._rate_key, couriers)

    async def check(self, link: Link, idem_key: str, caller: Caller) -> str:
        """The id of the code to be spent with the start; empty where the link needs none.

        Raises `Denied` for who may not start, `Refused` for who has tried too often.
        """
        if link.access == PASSCODE:
            await self._check_passcode(link, caller)
        return await self.codes.check(link, idem_key, caller) if link.access in ADDRESSED else ""

    async def _check_passcode(self, link: Link, caller: Caller) -> None:
        typed = passcodes.told(caller.passcode)
        if not typed:
            raise denied("passcode_needed")
        # Charged before anything is compared: a thousand guesses at once pass as few as a thousand in a row.
        async with self._db.begin() as tables:
            await guessing.charge(tables, self._rate_key, link.id, caller.ip)
        if len(typed) <= passcodes.LONGEST and await self._hashing.matches(typed, link.passcode_hash or b""):
            async with self._db.begin() as tables:
                await guessing.give_back(tables, self._rate_key, link.id, caller.ip)
            return
        async with self._db.begin() as tables:
            await tables.audit.add(link.workspace_id, "guest", "link.passcode_failed", link.id)
            if await guessing.is_odd(tables, self._rate_key, link.id):
                await host_notes.tell_of_guessing(tables, link)
        raise denied("passcode_wrong")
