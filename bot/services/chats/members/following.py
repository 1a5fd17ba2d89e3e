"""Threads of channels that the agent was called into: which replies are meant for it, and where it is to stay out."""

from bot.services.chats.members.heard_threads import HeardThreads
from bot.services.chats.members.joining import source
from storage.database import Database
from storage.members import Member
from storage.tables import Conversation

LATELY = 5
"""Turns of the thread looked through for the member's last words: some go on from a decision."""


class Following:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def conversation(self, member: Member, channel: str, thread_ts: str) -> Conversation | None:
        """Theirs in this thread; None when they have never called the agent into it."""
        async with self._db.read() as tables:
            return await tables.conversations.keyed(member.workspace, f"{member.id}:{channel}:{thread_ts}")

    async def stays_out(self, workspace: str, channel: str, thread_ts: str) -> bool:
        async with self._db.read() as tables:
            return await tables.handled.noted(workspace, _mark(channel, thread_ts))

    async def stay_out(self, workspace: str, channel: str, thread_ts: str, ts: str) -> bool:
        """Until somebody calls again; False when the message ``ts`` had said so before."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(workspace)
            if not await tables.handled.first_time(workspace, f"{workspace}:out:{source(channel, ts)}"):
                return False
            await tables.handled.first_time_ever(workspace, _mark(channel, thread_ts))
        return True

    async def called(self, workspace: str, channel: str, thread_ts: str) -> None:
        """Somebody has mentioned the agent there."""
        if await self.stays_out(workspace, channel, thread_ts):
            async with self._db.begin() as tables:
                await tables.handled.forget(workspace, f"{workspace}:{_mark(channel, thread_ts)}")

    async def others_spoke(self, conversation: Conversation, ts: str, threads: HeardThreads, ours: str) -> bool:
        """Whether somebody has talked to others since the member last talked to the agent, as far as it was heard.

        ``ours`` is the agent's own id: what mentions it was said to it.
        """
        workspace, place = conversation.workspace_id, conversation.place
        prefix = source(place["channel"], "")
        async with self._db.read() as tables:
            lately = await tables.turns.lately_in(workspace, conversation.id, LATELY)
        said = [each.source.removeprefix(prefix) for each in lately if each.source.startswith(prefix)]
        last = max(said, default="")
        heard = threads.of((workspace, place["channel"], place["thread_ts"]))
        theirs = [each for each in heard if each.author not in (ours, conversation.member_id) and last < each.ts < ts]
        return any(f"@{ours}" not in each.text for each in theirs)


def _mark(channel: str, thread_ts: str) -> str:
    return f"stays_out:{channel}:{thread_ts}"
