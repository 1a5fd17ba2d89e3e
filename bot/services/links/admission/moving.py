"""A guest goes on on another device: a short code moves the chat there, and the device before is logged out."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from bot.services import tokens
from bot.services.limits import rates
from bot.services.limits.rates import HOUR, Bucket
from bot.services.links.admission.values import denied
from bot.services.links.hosting import mirroring
from bot.services.links.values import Guest, Started
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.repositories.work.rates import Limit
from storage.schema import now
from storage.tables import Link, OneTimeCode, Session

LIVES = timedelta(minutes=2)
CHARACTERS = 8
# No letter that passes for another or for a digit; 40 bits, of which nobody guesses one within two minutes.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011")
EVENT = "moved"
TRIES = Limit(burst=10, every_microseconds=HOUR // 20)
_TOLD = {"most": TRIES.burst, "hourly": 20}


class Moving:
    def __init__(self, db: Database, bus: Bus, master_key: bytes) -> None:
        self._db = db
        self._bus = bus
        self._key = tokens.server_key(master_key, "moving")
        self._secrets = tokens.server_key(master_key, "sessions")
        self._rate_key = tokens.server_key(master_key, "rates")

    async def offer(self, guest: Guest) -> str:
        """A code such as «7K3M-Q9TX», in the place of the one before; raises `Refused`."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
        offered = OneTimeCode(
            workspace_id=guest.workspace,
            link_id=guest.link.id,
            session_id=guest.session.id,
            holder=tokens.at_rest(f"move\0{guest.session.id}"),
            code_hash=self._hidden(code),
            expires_at=now() + LIVES,
        )
        async with self._db.begin() as tables:
            await self._charge(tables, "moves of session", guest.session.id)
            await tables.codes.put(offered)
        return f"{code[:4]}-{code[4:]}"

    async def take(self, code: str, idem_key: str, ip: str) -> Started:
        """The chat, by a secret of its own; the same ``idem_key`` gets the same. Raises `Denied`, `Refused`."""
        if ip:  # charged before anything is looked up
            async with self._db.begin() as tables:
                buckets = rates.of_network(self._rate_key, "moves", ip, TRIES, "moves", _TOLD)
                await rates.take_all(tables, buckets)
        hidden = self._hidden(_plain(code))
        async with self._db.begin() as tables:
            used = await tables.codes.taken(hidden, tokens.at_rest(f"move\0{idem_key}"), now())
            session = await tables.sessions.get(used.workspace_id, used.session_id) if used else None
            link = await tables.links.get(used.workspace_id, used.link_id) if used else None
            if session is None or link is None or Guest(link, session).ended:
                raise denied("move_wrong", used=used is None and await tables.codes.was_used(hidden))
            secret = tokens.derive(tokens.Kind.SESSION, self._secrets, link.id, session.id, idem_key)
            await hand_over(tables, link, session, secret)
        await self._bus.tell(f"conversation:{session.conversation_id}")
        return Started(link, session, secret)

    async def _charge(self, tables: Tables, scope: str, whose: str) -> None:
        key = rates.hidden(self._rate_key, scope, whose)
        await rates.take_all(tables, [Bucket(key, TRIES, "moves", _TOLD)])

    def _hidden(self, code: str) -> bytes:
        return hmac.new(self._key, code.encode(), hashlib.sha256).digest()


async def hand_over(tables: Tables, link: Link, session: Session, secret: str) -> None:
    """The ``secret`` opens it from now on; what opened it before does not, and is told so."""
    if await tables.sessions.move(link.workspace_id, session.id, tokens.at_rest(secret)):
        await tables.events.add(link.workspace_id, session.conversation_id, None, EVENT, {})
        await mirroring.due(tables, link, session)
        await tables.audit.add(link.workspace_id, f"guest:{session.id}", "link.handed_off", link.id)


def _plain(code: str) -> str:
    """However it is written, and with what people read wrongly put right."""
    return "".join(each for each in code.upper()[:40].translate(MISREAD) if each in ALPHABET)
