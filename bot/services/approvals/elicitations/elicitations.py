"""A server asks something in the middle of a call: the member is asked, and the call goes on with their answer.

The click may reach another process than the one that holds the call: a row and a bell are all that they share.
"""

from datetime import timedelta
from typing import Any

from bot.errors import NotYours
from bot.services.approvals.elicitations.asker import Heard, MemberAsker
from bot.services.approvals.elicitations.outcomes import show_outcome, topic
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Conversation, Elicitation, Turn

LATE = timedelta(seconds=30)
"""In which whoever holds the call closes it by themselves when its time is up."""
SOMEBODY_ELSES = "Only the member who asked can answer this. Tell them that it waits."
OVER = {
    **dict.fromkeys(
        ("answered", "completed", "opened", "went_on"), "This was answered before. See in the thread what came of it."
    ),
    "waited": "The time for the page was up, and the call went on. Ask again if it was not done there by then.",
    "declined": "This was declined before. Ask again if you want it after all.",
    "timed_out": "The time to answer this was up, and the call went on without it. Ask again if you still want it.",
    "gone": "The call that asked this is gone. Ask again if you still want it.",
}


class Elicitations:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def asker(self, turn: Turn, conversation: Conversation) -> MemberAsker:
        """For the calls of one turn in Slack, whose member is asked."""
        member = Member(turn.workspace_id, conversation.member_id)
        return MemberAsker(self._db, self._bus, member, turn, conversation)

    def asker_by_hand(self, member: Member, heard: Heard) -> MemberAsker:
        """For a call that a member makes by hand; ``heard`` is given each question, and again what becomes of it."""
        return MemberAsker(self._db, self._bus, member, heard=heard)

    async def get(self, workspace: str, number: str) -> Elicitation | None:
        async with self._db.read() as tables:
            return await tables.elicitations.get(workspace, number)

    async def open_one(self, member: Member, number: str) -> Elicitation:
        """The question, while it waits for this member; raises `NotYours`."""
        found = await self.get(member.workspace, number)
        if found is None or found.member_id != member.id:
            raise NotYours(SOMEBODY_ELSES)
        if found.state != "asked":
            raise NotYours(OVER[found.state])
        return found

    async def answer(self, member: Member, number: str, content: dict[str, Any] | None) -> Elicitation:
        """``content`` is what the form asks for; None for a page. Raises `NotYours`."""
        return await self._decide(member, number, "answered", content)

    async def decline(self, member: Member, number: str) -> Elicitation:
        return await self._decide(member, number, "declined", None)

    async def go_on(self, member: Member, number: str) -> Elicitation:
        """All is done on the page that was opened. Raises `NotYours`."""
        return await self._decide(member, number, "went_on", None)

    async def asked_in(self, workspace: str, number: str, message: dict[str, Any]) -> None:
        """Note where in Slack it was asked, so that it can be replaced by its outcome."""
        async with self._db.begin() as tables:
            await tables.elicitations.set_message(workspace, number, message)

    async def close_left(self) -> int:
        """Close those whose call is gone, as after a restart; how many."""
        async with self._db.begin() as tables:
            closed = await tables.elicitations.close_left(now(), now() - LATE)
            for each in closed:
                await show_outcome(tables, each)
        if closed:
            await self._bus.tell("jobs")
        return len(closed)

    async def _decide(self, member: Member, number: str, state: str, content: dict[str, Any] | None) -> Elicitation:
        async with self._db.begin() as tables:
            of_mine = (member.workspace, number, member.id)
            if state == "went_on":
                row = await tables.elicitations.go_on(*of_mine)
            else:
                row = await tables.elicitations.answer(*of_mine, state, content)
            if row is not None:
                await show_outcome(tables, row)
                detail = {"server": row.server, "tool": row.tool}
                await tables.audit.add(member.workspace, member.id, f"elicitation.{state}", row.id, detail)
        if row is None:
            await self.close_left()
            await self.open_one(member, number)
            raise NotYours(OVER["gone"])
        await self._bus.tell(topic(number))
        await self._bus.tell("jobs")
        return row
