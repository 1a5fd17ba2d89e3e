"""How answers were rated: counts, and which turns did not help."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import TurnRating


class Unhelpful(NamedTuple):
    turn_id: str
    at: datetime


class TurnRatings(Repository):
    async def put(self, workspace: str, turn_id: str, member: str, helped: bool) -> None:
        row = {"workspace_id": workspace, "turn_id": turn_id, "member_id": member, "helped": helped, "at": now()}
        insert = self._insert(TurnRating).values(row)
        changed = {"helped": insert.excluded.helped, "at": insert.excluded.at}
        ours, key = TurnRating.workspace_id == workspace, ["turn_id", "member_id"]
        await self._session.execute(insert.on_conflict_do_update(index_elements=key, set_=changed, where=ours))

    async def counts(self, workspace: str, since: datetime) -> tuple[int, int]:
        """How many helped, and how many did not."""
        lately = (TurnRating.workspace_id == workspace, TurnRating.at >= since)
        query = sa.select(TurnRating.helped, sa.func.count()).where(*lately).group_by(TurnRating.helped)
        found = {bool(helped): number for helped, number in await self._session.execute(query)}
        return found.get(True, 0), found.get(False, 0)

    async def did_not_help(self, workspace: str, since: datetime, most: int) -> Sequence[Unhelpful]:
        """Each turn once, the newest first."""
        lately = (TurnRating.workspace_id == workspace, TurnRating.at >= since, TurnRating.helped.is_(False))
        last = sa.func.max(TurnRating.at, type_=TurnRating.at.type).label("last")
        query = sa.select(TurnRating.turn_id, last).where(*lately).group_by(TurnRating.turn_id)
        found = await self._session.execute(query.order_by(last.desc()).limit(most))
        return [Unhelpful(turn_id, at) for turn_id, at in found]
