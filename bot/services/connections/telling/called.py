"""What a member and their workspace are called on a page, where they are asked «is this you?»."""

from typing import Protocol

from bot.services.links.hosting.values import Picture, Pictures
from storage.database import Database
from storage.members import Member

NO_WORKSPACE = "their Slack workspace"


class Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def picture(self) -> str: ...


class People(Protocol):
    """Knows what members are called."""

    async def about(self, member: Member) -> Named:
        """Within about a second; without a name when it is not known by then."""


class Called:
    """By name and picture: an id is known to nobody. That it is they is proved by the code, not by this."""

    def __init__(self, db: Database, people: People | None, pictures: Pictures | None = None) -> None:
        self._db = db
        self._people = people
        self._pictures = pictures

    async def member(self, member: Member) -> str:
        """Empty where Slack does not tell at the moment."""
        return (await self._people.about(member)).name if self._people else ""

    async def pictured(self, member: Member) -> bool:
        return bool(self._pictures and self._people and (await self._people.about(member)).picture)

    async def picture(self, member: Member) -> Picture | None:
        return await self._pictures.of(member) if self._pictures else None

    async def workspace(self, member: Member) -> str:
        async with self._db.read() as tables:
            known = await tables.workspaces.get(member.workspace)
        return known.name if known and known.name else NO_WORKSPACE
