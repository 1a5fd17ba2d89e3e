"""One-time codes: each try is counted before it is looked at, and one UPDATE decides who has used it."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository, values_of
from storage.schema import new_id
from storage.tables import OneTimeCode


class OneTimeCodes(Repository):
    async def put(self, code: OneTimeCode) -> None:
        """In the place of the one that its holder had before."""
        new = {"session_id": ""} | values_of(code) | {"id": new_id(), "tries": 0, "spent_by": None}
        anew = {name: new[name] for name in ("code_hash", "session_id", "tries", "expires_at", "spent_by", "link_id")}
        insert = self._insert(OneTimeCode).values(**new)
        await self._session.execute(insert.on_conflict_do_update(index_elements=["holder"], set_=anew))

    async def tried(self, link_id: str, holder: bytes, now: datetime, most: int) -> OneTimeCode | None:
        """The holder's code, one more try counted; None when it is over, used, or was tried ``most`` times."""
        mine = OneTimeCode.link_id == link_id, OneTimeCode.holder == holder, OneTimeCode.spent_by.is_(None)
        change = sa.update(OneTimeCode).where(*mine, OneTimeCode.expires_at > now, OneTimeCode.tries < most)
        return await self._session.scalar(change.values(tries=OneTimeCode.tries + 1).returning(OneTimeCode))

    async def spend(self, code_id: str, by: bytes) -> bool:
        """False when it was used before."""
        change = sa.update(OneTimeCode).where(OneTimeCode.id == code_id, OneTimeCode.spent_by.is_(None))
        return await self._did(change.values(spent_by=by))

    async def taken(self, code_hash: bytes, by: bytes, now: datetime) -> OneTimeCode | None:
        """The code of a chat that moves, used by this request, also when it comes twice; None when it is over."""
        unused = sa.or_(OneTimeCode.spent_by.is_(None), OneTimeCode.spent_by == by)
        moves = OneTimeCode.code_hash == code_hash, OneTimeCode.session_id != "", OneTimeCode.expires_at > now
        change = sa.update(OneTimeCode).where(*moves, unused)
        return await self._session.scalar(change.values(spent_by=by).returning(OneTimeCode))

    async def was_used(self, code_hash: bytes) -> bool:
        """By whomever; a code that is over and was never used was not."""
        query = sa.select(OneTimeCode.id).where(OneTimeCode.code_hash == code_hash, OneTimeCode.spent_by.is_not(None))
        return await self._session.scalar(query.limit(1)) is not None

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(OneTimeCode, most, OneTimeCode.expires_at < before)
