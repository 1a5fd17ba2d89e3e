"""Turns that are asked to stop, or taken from whoever has them: several at once, in the order of their line."""

import sqlalchemy as sa

from storage.repositories.conversations.claims import Claims, live_in
from storage.repositories.conversations.in_line import QUEUED, RUNNING, place
from storage.tables import Conversation, Turn


class Stopping(Claims):
    async def ask_stop_of(self, workspace: str, source: str) -> str | None:
        """Ask the turn of one message to stop; its conversation, when it runs or waits."""
        live = (Turn.workspace_id == workspace, Turn.source == source, Turn.status.in_(["queued", "running"]))
        ask = sa.update(Turn).where(*live).values(stop_asked=True).returning(Turn.conversation_id)
        return await self._session.scalar(ask)

    async def ask_stop_under(self, workspace: str, member: str, prefix: str) -> set[str]:
        """Ask all of a member's turns to stop whose conversation's key begins so; their conversations."""
        live = sa.select(Turn.id).join(Conversation, Conversation.id == Turn.conversation_id)
        theirs = live.where(
            Turn.workspace_id == workspace,
            Turn.status.in_(["queued", "running"]),
            Conversation.member_id == member,
            Conversation.key.startswith(prefix, autoescape=True),
        )
        ids = [*await self._session.scalars(_one_by_one(theirs))]
        ask = sa.update(Turn).where(Turn.id.in_(ids)).values(stop_asked=True).returning(Turn.conversation_id)
        return set(await self._session.scalars(ask)) if ids else set()

    async def ask_stop(self, workspace: str, conversation_id: str) -> list[str]:
        """Ask all of the agent's that run or wait to stop; their ids, also of those that were asked before."""
        agents = (*live_in(workspace, conversation_id, "queued", "running"), Turn.kind != "host")
        ids = list(await self._session.scalars(_one_by_one(sa.select(Turn.id).where(*agents))))
        if ids:
            await self._session.execute(sa.update(Turn).where(Turn.id.in_(ids)).values(stop_asked=True))
        return ids

    async def turn_aside(self, workspace: str, conversation_id: str) -> tuple[Turn, bool] | None:
        """Ask what runs to stop, unless it is just changing something; the turn, and whether it was.

        None: nothing runs.
        """
        running = sa.select(Turn).where(*live_in(workspace, conversation_id, "running"), Turn.kind != "host")
        turn = await self._session.scalar(running.with_for_update())
        if turn is None:
            return None
        if turn.doing:
            return turn, False
        return turn, await self._did(sa.update(Turn).where(Turn.id == turn.id).values(stop_asked=True))

    async def seize(self, workspace: str, owner: str) -> list[Turn]:
        """Take all that run or wait from whoever has them; in the order in which they would have run."""
        live = sa.select(Turn.id).where(Turn.workspace_id == workspace, Turn.status.in_((QUEUED, RUNNING)))
        theirs = sa.update(Turn).where(Turn.id.in_(_one_by_one(live)))
        taken = theirs.values(attempts=Turn.attempts + 1, lease_owner=owner, lease_until=sa.null()).returning(Turn)
        return sorted(await self._rows(taken), key=lambda turn: (turn.kind != "resume", turn.created_at, turn.id))


def _one_by_one(turns: sa.Select[str]) -> sa.Select[str]:
    """Held in the order of the line, or two who are at the same turns could each wait for a row of the other's."""
    return turns.order_by(Turn.conversation_id, *place(Turn)).with_for_update(of=Turn)
