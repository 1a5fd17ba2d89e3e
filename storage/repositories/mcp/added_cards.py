"""Cards that administrators added for their workspace, and how many members lean on each."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.repositories.work.home_tabs import HomeTabs
from storage.schema import now
from storage.tables import AddedCard, Connection


class Leaning(NamedTuple):
    members: int = 0
    connections: int = 0


class AddedCards(Repository):
    async def add(self, card: AddedCard) -> AddedCard:
        await self._add(card)
        return card

    async def of(self, workspace: str) -> list[AddedCard]:
        """By title."""
        query = sa.select(AddedCard).where(AddedCard.workspace_id == workspace)
        return sorted(await self._rows(query), key=lambda card: (card.title.casefold(), card.id))

    async def all(self) -> list[AddedCard]:
        return await self._rows(sa.select(AddedCard).order_by(AddedCard.id))

    async def get(self, workspace: str, card_id: str) -> AddedCard | None:
        return await self._session.scalar(sa.select(AddedCard).where(*_one(workspace, card_id)))

    async def change(self, workspace: str, card_id: str, version: int, **values: Any) -> bool:
        """False when it is gone, or was changed by somebody else since that version."""
        change = sa.update(AddedCard).where(*_one(workspace, card_id), AddedCard.version == version)
        return await self._did(change.values(**values, version=version + 1, changed_at=now()))

    async def remove(self, workspace: str, card_id: str) -> AddedCard | None:
        return await self._session.scalar(sa.delete(AddedCard).where(*_one(workspace, card_id)).returning(AddedCard))

    async def leaning(self, workspace: str) -> dict[str, Leaning]:
        """By the name of the card: ours, the installation's and the workspace's."""
        members = sa.func.count(sa.distinct(Connection.member_id))
        query = sa.select(Connection.card, members, sa.func.count()).group_by(Connection.card)
        stays = query.where(Connection.workspace_id == workspace, Connection.leaving_since.is_(None))
        return {card: Leaning(people, number) for card, people, number in await self._session.execute(stays)}

    async def tell_members(self, workspace: str, card_id: str) -> None:
        """Show anew what those see who have connected it: what may be done with it has changed."""
        theirs = sa.select(Connection.member_id).where(Connection.workspace_id == workspace, Connection.card == card_id)
        for member in set(await self._session.scalars(theirs)):
            await HomeTabs(self._transaction).changed(workspace, member)


def _one(workspace: str, card_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return AddedCard.workspace_id == workspace, AddedCard.id == card_id
