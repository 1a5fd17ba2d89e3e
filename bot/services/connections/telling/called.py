"""What a member and their workspace are called on a page, where they are asked «is this you?»."""

from typing import Protocol

from storage.database import Database
from storage.members import Member


class Named(Protocol):
    @property
    def name(self) -> str: ...


class People(Protocol):
    """Knows what members are called."""

    async def about(self, member: Member) -> Named:
        """Within about a second; without a name when it is not known by then."""


class Called:
    """By name and id: a name alone may be another's, and an id alone is known to nobody."""

    def __init__(self, db: Database, people: People | None) -> None:
        self._db = db
        self._people = people

    async def member(self, member: Member) -> str:
        name = (await self._people.about(member)).name if self._people else ""
        return f"{name} ({member.id})" if name else member.id

    async def workspace(self, member: Member) -> str:
        async with self._db.read() as tables:
            known = await tables.workspaces.get(member.workspace)
        return f"{known.name} ({member.workspace})" if known and known.name else member.workspace
