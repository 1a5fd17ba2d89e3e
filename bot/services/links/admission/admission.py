"""At the door of a link: what whoever presses Start has to know is asked for, and guessing is made slow."""

from dataclasses import dataclass

from bot.errors import UserError
from bot.services.links import host_notes
from bot.services.links.admission import guessing, passcodes
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import PASSCODE
from storage.database import Database
from storage.tables import Link

NEEDED = "This chat needs a passcode. The person who sent you the link knows it."
WRONG = "That is not the passcode of this chat. Look at it once more, or ask the person who sent you the link."


class Denied(UserError):
    """What was given is not what opens the link."""


@dataclass(frozen=True)
class Caller:
    """Who presses Start: the passcode they give, and the prefix of their address, which is never stored."""

    ip: str = ""
    passcode: str = ""


class Admission:
    """``rate_key`` hides addresses."""

    def __init__(self, db: Database, rate_key: bytes) -> None:
        self._db = db
        self._rate_key = rate_key
        self._hashing = Passcodes()

    async def check(self, link: Link, caller: Caller) -> None:
        """Raises `Denied` for who may not start, `Refused` for who has tried too often."""
        if link.access == PASSCODE:
            await self._check_passcode(link, caller)

    async def _check_passcode(self, link: Link, caller: Caller) -> None:
        typed = passcodes.told(caller.passcode)
        if not typed:
            raise Denied(NEEDED)
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
        raise Denied(WRONG)
