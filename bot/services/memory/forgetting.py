"""What is to be forgotten goes: a conversation, all of a member's memory, what has been silent for too long."""

import logging
from datetime import timedelta

from bot.errors import NotYours
from bot.services.memory.values import Gone
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Job

FORGET_JOB, TIDY_JOB = "forget_conversation", "tidy_memory"
LOOKED_AGAIN = timedelta(seconds=2)
"""While the answer in it is still being shown."""

log = logging.getLogger(__name__)


class Forgetting:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def conversation(self, member: Member, conversation_key: str) -> Gone:
        """Forget it as soon as nothing runs in it any more; how much is remembered of it. Raises `NotYours`.

        What stands in Slack stays there.
        """
        async with self._db.begin() as tables:
            found = await tables.conversations.keyed(member.workspace, conversation_key)
            if found is None or found.member_id != member.id or found.door != "slack":
                raise NotYours("There is no conversation of yours here. Say it in the thread that I shall forget.")
            count = await tables.memories.count_of(member.workspace, found.id)
            payload = {"workspace": member.workspace, "conversation": found.id, "member": member.id}
            await self._due(tables, payload)
        await self._bus.tell("jobs")
        return Gone(count)

    async def at_last(self, job: Job) -> None:
        """The job: while an answer runs there, or is still being shown, it is looked at again."""
        payload = job.payload
        workspace, conversation_id = payload["workspace"], payload["conversation"]
        async with self._db.begin() as tables:
            gone = await tables.forgetting.conversation(workspace, conversation_id)
            if gone is False:
                await self._due(tables, payload)
            elif gone:
                await self._untidy(tables)
                await tables.audit.add(workspace, payload["member"], "memory.conversation_forgotten", conversation_id)
                await tables.home_tabs.changed(workspace, payload["member"])
        if gone:
            await self._bus.tell("jobs")

    async def everything(self, member: Member) -> Gone:
        """Memories, vectors, notes and files of a member; their conversations go on, without what was in files."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            await tables.forgetting.remember_no_more(member.workspace, member.id)
            gone = Gone(await tables.memories.forget(member), await tables.notes.forget(member))
            files = await tables.member_files.forget(member)
            await self._untidy(tables)
            detail = {"memories": gone.memories, "notes": gone.notes, "files": files}
            await tables.audit.add(member.workspace, member.id, "memory.all_forgotten", member.id, detail)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")
        return gone

    async def tidy(self, _: Job) -> None:
        """The job after each deletion: what was deleted leaves SQLite's index and file too."""
        async with self._db.begin() as tables:
            await tables.memories.optimize()
        await self._db.settle_file()

    async def _due(self, tables: Tables, payload: dict[str, str]) -> None:
        once = f"{FORGET_JOB}:{payload['conversation']}"
        await tables.jobs.once_more(FORGET_JOB, once, payload, now() + LOOKED_AGAIN, workspace=payload["workspace"])

    async def _untidy(self, tables: Tables) -> None:
        if not self._db.is_postgres:
            await tables.jobs.once_more(TIDY_JOB, TIDY_JOB, {}, now())
