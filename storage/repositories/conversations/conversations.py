"""Conversations: a thread in Slack, or one guest's session on a link."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository, insert_into, table_of
from storage.repositories.workspaces.workspaces import Workspaces
from storage.schema import new_id, now
from storage.tables import Conversation, Workspace

_OF = table_of(Conversation).c
_KEYED = sa.select(*_OF).where(_OF.workspace_id == sa.bindparam("workspace"), _OF.key == sa.bindparam("called"))
_ONE = sa.select(*_OF).where(_OF.workspace_id == sa.bindparam("workspace"), _OF.id == sa.bindparam("conversation"))


@cache
def _made(on_postgres: bool) -> sa.Executable:
    """Of all its values, in a workspace that is known."""
    new = {each.name: sa.bindparam(f"new_{each.name}", type_=each.type) for each in _OF}
    known = sa.exists().where(Workspace.id == new["workspace_id"])
    insert = insert_into(table_of(Conversation), on_postgres).from_select(
        list(new), sa.select(*new.values()).where(known)
    )
    return insert.on_conflict_do_nothing(index_elements=["workspace_id", "key"]).returning(*_OF)


class Conversations(Repository):
    async def open(
        self, workspace: str, member: str, door: str, key: str, place: dict[str, Any], agent_id: str = ""
    ) -> Conversation:
        """The conversation under this key, made when there is none yet, and its workspace where that is new too.

        ``agent_id`` is who answers in a new one; empty: whichever is the default.
        """
        if found := await self.keyed(workspace, key):
            return found
        whose = {"workspace_id": workspace, "member_id": member, "agent_id": agent_id}
        values = {**whose, "door": door, "key": key, "place": place}
        # None: the workspace is new, or somebody else has opened it meanwhile.
        if found := await self._made_in_a_known_workspace(values) or await self.keyed(workspace, key):
            return found
        await Workspaces(self._transaction).ensure(workspace)
        if found := await self._made_in_a_known_workspace(values) or await self.keyed(workspace, key):
            return found
        raise LookupError("a conversation vanished while it was opened")

    async def _made_in_a_known_workspace(self, values: dict[str, Any]) -> Conversation | None:
        at = now()
        whole = {"id": new_id(), "last_seq": 0, "summary": "", "folded": 0, "created_at": at, "last_at": at, **values}
        new = {f"new_{name}": value for name, value in whole.items()}
        return await self._found(Conversation, _made(self._on_postgres), new)

    async def add(self, conversation: Conversation) -> Conversation:
        """A new one whose id is known beforehand; raises `sqlalchemy.exc.IntegrityError` when its key is taken."""
        await self._add(conversation)
        return conversation

    async def keyed(self, workspace: str, key: str) -> Conversation | None:
        return await self._found(Conversation, _KEYED, {"workspace": workspace, "called": key})

    async def get(self, workspace: str, conversation_id: str) -> Conversation | None:
        return await self._found(Conversation, _ONE, {"workspace": workspace, "conversation": conversation_id})

    async def last_numbers(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        """Of the newest event of each, whosever they are."""
        numbers = sa.select(Conversation.id, Conversation.last_seq).where(Conversation.id.in_(conversation_ids))
        return {each: number for each, number in await self._session.execute(numbers)}

    async def hold(self, workspace: str, conversation_id: str) -> Conversation | None:
        """As it is now, and nobody else changes it before the transaction ends."""
        ours = (Conversation.workspace_id == workspace, Conversation.id == conversation_id)
        return await self._session.scalar(sa.select(Conversation).where(*ours).with_for_update(key_share=True))

    async def of_member_in(self, workspace: str, member: str, channel: str) -> list[Conversation]:
        """All that a member holds in a channel's threads."""
        theirs = (Conversation.workspace_id == workspace, Conversation.member_id == member)
        under = Conversation.key.startswith(f"{member}:{channel}:", autoescape=True)
        return await self._rows(sa.select(Conversation).where(*theirs, under))

    async def update(self, workspace: str, conversation_id: str, **values: Any) -> bool:
        ours = (Conversation.workspace_id == workspace, Conversation.id == conversation_id)
        return await self._did(sa.update(Conversation).where(*ours).values(**values))

    async def fold(self, workspace: str, conversation_id: str, summary: str, folded: int) -> bool:
        """Let a summary stand for the first ``folded`` messages; False when it stands for as many already."""
        ours = (Conversation.workspace_id == workspace, Conversation.id == conversation_id)
        change = sa.update(Conversation).where(*ours, Conversation.folded < folded)
        return await self._did(change.values(summary=summary, folded=folded))
