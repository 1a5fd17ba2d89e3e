"""A guest presses Start: one session, however often the press arrives."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.services import tokens
from bot.services.limits import rates
from bot.services.limits.rates import Whose
from bot.services.limits.refusals import refused
from bot.services.links.admission.admission import Admission
from bot.services.links.admission.crowds import AUTO
from bot.services.links.admission.returning import Returning
from bot.services.links.admission.values import ADDRESSED, Caller, Couriers, Denied
from bot.services.links.admission.work import Work
from bot.services.links.ending.ending import told_of
from bot.services.links.spending import Spending
from bot.services.links.values import NAMELESS, Started, has_room, place_of
from storage.database import Database, Tables
from storage.schema import new_id, now
from storage.tables import Conversation, Link, Session

NAME = 80
KEY_LENGTH = range(16, 201)
TOGETHER = timedelta(seconds=2)
"""Until the creator is told of a guest: those who come meanwhile are told of in the same message."""


class Starting:
    """``master_key`` makes session secrets, and hides addresses and codes."""

    def __init__(
        self,
        db: Database,
        returning: Returning,
        master_key: bytes,
        couriers: Couriers,
        spending: Spending,
        work: str = AUTO,
    ) -> None:
        self._db = db
        self._returning = returning
        self._key = tokens.server_key(master_key, "sessions")
        self._rate_key = tokens.server_key(master_key, "rates")
        self._spending = spending
        self._admission = Admission(db, master_key, couriers)
        self._work = Work(db, master_key, work)
        self.crowds = self._work.crowds

    async def send_code(self, link: Link, idem_key: str, ip: str, language: str) -> bool:
        """To the one whom the link is for; False when it takes no more. Raises `Refused`, `NotSent`."""
        if link.access not in ADDRESSED or len(idem_key) not in KEY_LENGTH:
            return False
        if not has_room(link, now()) and not await self._returning.awaits(link):
            return False
        await self._admission.codes.send(link, idem_key, ip, language)
        return True

    async def start(
        self, link: Link, idem_key: str, name: str, consent: dict[str, Any] | None, caller: Caller, language: str
    ) -> Started | None:
        """None when the link gives out no more.

        Raises `Denied` for who may not start, `Refused` without consent, or over a limit.
        """
        if len(idem_key) not in KEY_LENGTH:
            return None
        secret = tokens.derive(tokens.Kind.SESSION, self._key, link.id, idem_key)
        if before := await self._before(link, secret):
            return Started(link, before, secret) if before.ended_at is None else None
        room = has_room(link, now())
        if not room and not await self._returning.awaits(link):
            return None
        if room and consent is None:
            raise refused("consent")
        # No secret is made for anybody who has not proven that they may start.
        try:
            await self._work.check(link, caller)
            code_id = await self._admission.check(link, idem_key, caller)
        except Denied:
            # The same press, twice at once: the other has used the code up meanwhile.
            if before := await self._before(link, secret):
                return Started(link, before, secret)
            raise
        if not room or consent is None:
            back = await self._returning.bring(link, code_id, _hashed(idem_key), secret)
            return back or await self._still(link, secret)
        session = _new(link, idem_key, secret, name, consent, language)
        return await self._begin(link, session, secret, code_id, caller)

    async def _begin(self, link: Link, session: Session, secret: str, code_id: str, caller: Caller) -> Started | None:
        async def begin(tables: Tables, unanswered: Sequence[Session]) -> Session:
            if unanswered and (before := await tables.sessions.get(link.workspace_id, session.id)):
                return before
            stored = await _insert(tables, link, session, code_id)
            if stored.id == session.id:
                await self._spending.may_begin(tables, link)
                whose = Whose(link.workspace_id, link.creator_id, link.id, prefix=caller.ip)
                await rates.pace(tables, self._rate_key, "start", rates.starts(link.max_sessions), whose)
                await self._work.crowds.count(tables, link)
            return stored

        try:
            stored = await self._db.surely(begin)
        except _NoneLeft:
            return None
        # Another secret: the master key was changed between two presses, and the first cookie is the one that opens.
        return Started(link, stored, secret) if tokens.matches(secret, stored.secret_hash) else None

    async def _still(self, link: Link, secret: str) -> Started | None:
        """What the same press has brought back, where both had shown the code before either had used it up."""
        before = await self._before(link, secret)
        return Started(link, before, secret) if before and before.ended_at is None else None

    async def _before(self, link: Link, secret: str) -> Session | None:
        """What the same press has begun."""
        async with self._db.read() as tables:
            return await tables.sessions.by_secret(link.id, tokens.at_rest(secret))


class _NoneLeft(Exception):
    """Rolls the transaction back."""


async def _insert(tables: Tables, link: Link, session: Session, code_id: str) -> Session:
    stored = await tables.sessions.insert(session)
    if stored.id != session.id:  # the same press, twice at once
        return stored
    if code_id and not await tables.codes.spend(code_id, session.idem_hash):
        raise _NoneLeft
    if not await tables.links.take_session(link.workspace_id, link.id, now()):
        raise _NoneLeft
    await tables.conversations.add(
        Conversation(
            id=stored.conversation_id,
            workspace_id=link.workspace_id,
            member_id=link.creator_id,
            door="link",
            key=f"session:{stored.id}",
            place=place_of(link, stored.id),
        )
    )
    once = f"guest_started:{stored.id}"
    await tables.jobs.add("guest_started", once, told_of(link, stored), now() + TOGETHER, workspace=link.workspace_id)
    await tables.audit.add(link.workspace_id, f"guest:{stored.id}", "link.started", link.id)
    return stored


def _new(link: Link, idem_key: str, secret: str, name: str, consent: dict[str, Any], language: str) -> Session:
    return Session(
        id=new_id(),
        workspace_id=link.workspace_id,
        link_id=link.id,
        conversation_id=new_id(),
        idem_hash=_hashed(idem_key),
        secret_hash=tokens.at_rest(secret),
        guest_name=" ".join(name.split())[:NAME] or NAMELESS,
        language=language,
        consent=consent,
    )


def _hashed(idem_key: str) -> bytes:
    return hashlib.sha256(idem_key.encode()).digest()
