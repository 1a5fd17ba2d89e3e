"""A guest's files: counted before they are read, looked into, made anew, kept until they are sent or taken back."""

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.services.files import checking
from bot.services.files.kinds import MEGABYTE, TEXT
from bot.services.limits import rates
from bot.services.limits.rates import UPLOADS, Whose
from bot.services.limits.refusals import refused
from bot.services.links.uploads.values import AT_ONCE, Allowed, FileTerms, allowed
from bot.services.links.values import Guest
from storage.clock import microseconds
from storage.database import Database, Tables
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import GuestFile

KEPT = timedelta(hours=6)
"""What was attached and never sent."""
KIB, DAY = 1024, 86_400 * SECOND
LONGEST_NAME = 255

Screen = Callable[[str], str]
"""What is written passes it, and may come back changed; raises `Refused`."""


class Uploads:
    """``key`` hides whose a rate limit is."""

    def __init__(self, db: Database, terms: FileTerms, key: bytes) -> None:
        self._db = db
        self._terms = terms
        self._key = key

    def allowed(self, guest: Guest) -> Allowed | None:
        """What this guest may send; None: nothing."""
        return allowed(guest.link, self._terms)

    def required(self, guest: Guest) -> Allowed:
        """Raises `Refused`."""
        if (found := self.allowed(guest)) is None:
            raise refused("files_off")
        return found

    async def charge(self, guest: Guest, size: int, prefix: str) -> None:
        """Before a byte is read: one more upload, and so many bytes of the day. Raises `Refused`."""
        may = self.required(guest)
        if size > may.bytes:
            raise refused("file_size", most=may.megabytes)
        whose = Whose(guest.workspace, guest.creator.id, guest.link.id, guest.session.id, prefix)
        day = self._terms.day_megabytes
        async with self._db.begin() as tables:
            if await tables.guest_files.count(guest.workspace, guest.session.id) >= may.count:
                raise refused("file_count", most=may.count)
            await rates.pace(tables, self._key, "upload", UPLOADS, whose)
            await self._weigh(tables, f"session:{guest.session.id}", max(day / 10, may.megabytes * 2), size)
            await self._weigh(tables, f"workspace:{guest.workspace}", max(day, may.megabytes * 2), size)

    async def take(self, guest: Guest, name: str, content: bytes, screen: Screen) -> GuestFile:
        """Kept beside what the guest writes, to be sent with it; raises `Refused`."""
        may = self.required(guest)
        if not content:
            raise refused("file_empty")
        if len(content) > may.bytes:
            raise refused("file_size", most=may.megabytes)
        kind = checking.kind_of(content)
        may.check(kind)
        found = await checking.checked(name[:LONGEST_NAME], content, kind, guest.link.id)
        said = await asyncio.to_thread(_screened, found, screen)
        file = GuestFile(
            workspace_id=guest.workspace,
            session_id=guest.session.id,
            name=found.name,
            kind=found.kind,
            mime=found.mime,
            size=len(said),
            tokens=found.tokens,
            width=found.width,
            height=found.height,
            content=said,
        )
        async with self._db.begin() as tables:
            if not await tables.guest_files.hold(guest.workspace, guest.session.id):
                raise refused("ended")
            if await tables.guest_files.count(guest.workspace, guest.session.id) >= may.count:
                raise refused("file_count", most=may.count)
            await tables.guest_files.add(file)
        return file

    async def waiting(self, guest: Guest) -> list[GuestFile]:
        """Attached and not sent, for a page that is loaded anew."""
        if self.allowed(guest) is None:
            return []
        async with self._db.read() as tables:
            return await tables.guest_files.waiting(guest.workspace, guest.session.id)

    async def remove(self, guest: Guest, file_id: str) -> bool:
        """Before it was sent; False when it was, or is not there."""
        async with self._db.begin() as tables:
            return await tables.guest_files.remove(guest.workspace, guest.session.id, file_id)

    async def get(self, guest: Guest, file_id: str) -> GuestFile | None:
        """With its content."""
        async with self._db.read() as tables:
            return await tables.guest_files.get(guest.workspace, guest.session.id, file_id)

    async def _weigh(self, tables: Tables, whose: str, megabytes: float, size: int) -> None:
        burst = math.ceil(megabytes * MEGABYTE / KIB)
        key = rates.hidden(self._key, "upload:bytes", whose)
        limit = Limit(burst, max(1, DAY // burst))
        verdict = await tables.rates.take(key, limit, microseconds(), max(1, math.ceil(size / KIB)))
        if not verdict.allowed:
            raise refused("uploads_day", retry_after=verdict.retry_after)


async def attached(tables: Tables, guest: Guest, ids: Sequence[str]) -> list[GuestFile]:
    """What a message comes with, in the order it was attached; raises `Refused`."""
    if not ids:
        return []
    if len(ids) > AT_ONCE:
        raise refused("file_each", most=AT_ONCE)
    waiting = await tables.guest_files.waiting(guest.workspace, guest.session.id)
    found = [each for each in waiting if each.id in ids]
    if len(found) != len(set(ids)):
        raise refused("file_gone")
    return found


async def sent(tables: Tables, guest: Guest, files: Sequence[GuestFile], turn_id: str) -> None:
    """With this message, each once. Raises `Refused`: roll back then."""
    if not files:
        return
    ids = [each.id for each in files]
    if await tables.guest_files.send(guest.workspace, guest.session.id, ids, turn_id) != len(ids):
        raise refused("file_gone")


def _screened(found: checking.Checked, screen: Screen) -> bytes:
    """Its name, and what is written in a text."""
    screen(found.name)
    return screen(found.content.decode()).encode() if found.kind == TEXT else found.content
