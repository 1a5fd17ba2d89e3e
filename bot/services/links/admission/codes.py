"""Codes of six digits for the one person a link is for: sent to them, good for minutes, once, in one browser."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from bot.services import tokens
from bot.services.links import host_notes
from bot.services.links.admission import guessing
from bot.services.links.admission.values import Caller, Couriers, NotSent, denied
from storage.database import Database
from storage.schema import now
from storage.tables import Link, OneTimeCode

DIGITS = 6
LIVES = timedelta(minutes=10)
MOST_TRIES = 3


class Codes:
    """``key`` hides codes, ``rate_key`` addresses."""

    def __init__(self, db: Database, key: bytes, rate_key: bytes, couriers: Couriers) -> None:
        self._db = db
        self._key = key
        self._rate_key = rate_key
        self._couriers = couriers

    async def send(self, link: Link, idem_key: str, ip: str, language: str) -> None:
        """A code to whom the link is for, in the place of the one before. Raises `Refused`, `NotSent`."""
        courier = self._couriers.get(link.access)
        if courier is None:
            raise NotSent("code_no_way")
        await self._charge(link, ip)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        async with self._db.begin() as tables:
            await tables.codes.put(self._row(link, idem_key, code))
            await tables.audit.add(link.workspace_id, "guest", "link.code_sent", link.id)
        try:
            await courier(link, code, language)
        except NotSent as error:
            if error.for_good:
                async with self._db.begin() as tables:
                    await host_notes.tell_of_unreachable(tables, link)
            raise

    async def check(self, link: Link, idem_key: str, caller: Caller) -> str:
        """The id of the code that was right, to be spent with the start; raises `Denied`."""
        typed = tokens.digits(caller.code)
        if not typed:
            raise denied("code_needed")
        # Counted before it is compared: many guesses at once are no more than the three.
        async with self._db.begin() as tables:
            kept = await tables.codes.tried(link.id, _holder(link, idem_key), now(), MOST_TRIES)
        if kept and hmac.compare_digest(kept.code_hash, self._hidden(link, idem_key, typed)):
            return kept.id
        async with self._db.begin() as tables:
            used = kept is None and await tables.codes.was_used(self._hidden(link, idem_key, typed))
            await tables.audit.add(link.workspace_id, "guest", "link.code_failed", link.id)
            if await guessing.is_odd(tables, self._rate_key, link.id):
                await host_notes.tell_of_guessing(tables, link)
        raise denied("code_wrong", used=used)

    async def _charge(self, link: Link, ip: str) -> None:
        async with self._db.begin() as tables:
            await guessing.charge_sending(tables, self._rate_key, link.id, ip)

    def _row(self, link: Link, idem_key: str, code: str) -> OneTimeCode:
        return OneTimeCode(
            workspace_id=link.workspace_id,
            link_id=link.id,
            holder=_holder(link, idem_key),
            code_hash=self._hidden(link, idem_key, code),
            expires_at=now() + LIVES,
        )

    def _hidden(self, link: Link, idem_key: str, code: str) -> bytes:
        told = "\0".join(("start", link.id, idem_key, code))
        return hmac.new(self._key, told.encode(), hashlib.sha256).digest()


def _holder(link: Link, idem_key: str) -> bytes:
    """The browser that asked: no other knows its key, so a code that was read over a shoulder opens nothing."""
    return tokens.at_rest(f"start\0{link.id}\0{idem_key}")
