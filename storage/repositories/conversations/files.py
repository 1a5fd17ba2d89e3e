"""Files that tools gave, kept until they are shown."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.schema import now
from storage.tables import Turn, TurnFile


def _of_call(workspace: str, turn_id: str, call: str) -> tuple[sa.ColumnElement[bool], ...]:
    return TurnFile.workspace_id == workspace, TurnFile.turn_id == turn_id, TurnFile.call == call


class Files(Repository):
    async def keep(
        self, workspace: str, turn_id: str, call: str, title: str, files: Iterable[tuple[str, bytes]]
    ) -> None:
        """Each as its media type and content; they take the place of what the same call gave in an earlier attempt."""
        await self.drop(workspace, turn_id, call)
        of_call = {"workspace_id": workspace, "turn_id": turn_id, "call": call, "title": title, "created_at": now()}
        await self._add(
            *(
                TurnFile(**of_call, position=position, mime=mime, content=content)
                for position, (mime, content) in enumerate(files)
            )
        )

    async def of_turn(self, workspace: str, turn_id: str) -> list[TurnFile]:
        """What has yet to be shown of it, call by call."""
        query = sa.select(TurnFile).where(TurnFile.workspace_id == workspace, TurnFile.turn_id == turn_id)
        return await self._rows(query.order_by(TurnFile.created_at, TurnFile.call, TurnFile.position))

    async def drop(self, workspace: str, turn_id: str, call: str) -> int:
        return await self._count(sa.delete(TurnFile).where(*_of_call(workspace, turn_id, call)))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """What nobody will show any more: its turn's end was told without it, or it is that old."""
        told = sa.select(Turn.id).where(Turn.id == TurnFile.turn_id, Turn.told).correlate(TurnFile)
        return await self._purged(TurnFile, most, sa.or_(told.exists(), TurnFile.created_at < before))
