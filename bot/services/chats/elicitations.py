"""A server asks something in the middle of a call: the member is asked, and the call goes on with their answer.

The click may reach another process than the one that holds the call: a row and a bell are all that they share.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import NotYours
from mcp_runtime.tools.elicitation import Action, ElicitationReply, ElicitationRequest, Hold
from storage.bus.bus import Bell, Bus
from storage.database import Database, Tables
from storage.engines.engine import TROUBLE
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import Conversation, Elicitation, Turn

log = logging.getLogger(__name__)

ASKED, CLOSED = "elicitation_asked", "elicitation_closed"
"""Jobs for whoever shows questions."""
PATIENCE = timedelta(minutes=5)
LATE = timedelta(seconds=30)
"""In which whoever holds the call closes it by themselves when its time is up."""
LOOK_SECONDS = 2.0  # a nudge may be lost
CLOSING_WITHIN = 0.4
"""Seconds for the row of a call that is broken off; else the next look at open questions closes it."""
ACTIONS: dict[str, Action] = {
    **dict.fromkeys(("answered", "completed", "went_on", "waited"), "accept"),
    "declined": "decline",
}
"""What the server hears; all else is that the question was cancelled."""
SOMEBODY_ELSES = "Only the member who asked can answer this."
OVER = {
    **dict.fromkeys(("answered", "completed", "opened", "went_on"), "This was answered before."),
    "waited": "The time for the page was up, and the call went on. Ask again if it was not done there by then.",
    "declined": "This was declined before.",
    "timed_out": "The time to answer this was up, and the call went on without it. Ask again if you still want it.",
    "gone": "The call that asked this is gone. Ask again if you still want it.",
}


class Elicitations:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def asker(self, turn: Turn, conversation: Conversation) -> "TurnAsker":
        """For the calls of one turn in Slack, whose member is asked."""
        return TurnAsker(self._db, self._bus, turn, conversation)

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
                await _show_outcome(tables, each)
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
                await _show_outcome(tables, row)
                detail = {"server": row.server, "tool": row.tool}
                await tables.audit.add(member.workspace, member.id, f"elicitation.{state}", row.id, detail)
        if row is None:
            await self.close_left()
            await self.open_one(member, number)
            raise NotYours(OVER["gone"])
        await self._bus.tell(_topic(number))
        await self._bus.tell("jobs")
        return row


@dataclass(frozen=True)
class TurnAsker:
    db: Database
    bus: Bus
    turn: Turn
    conversation: Conversation

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        row = self._row(request)
        with self.bus.follow(_topic(row.id)) as bell:
            try:
                async with self.db.begin() as tables:
                    await tables.elicitations.add(row)
                    payload = {"workspace": row.workspace_id, "id": row.id}
                    await tables.jobs.add(ASKED, f"{ASKED}:{row.id}", payload, now(), workspace=row.workspace_id)
                await self.bus.tell("jobs")
                ended = await self._ended(row, bell, request.hold)
            except BaseException:
                await self._given_up(row)
                raise
        action = ACTIONS.get(ended.state, "cancel") if ended else "cancel"
        return ElicitationReply(action, ended.answer if ended and action == "accept" else None)

    async def completed(self, connection_id: str, number: str) -> None:
        async with self.db.begin() as tables:
            done = await tables.elicitations.completed(self.turn.workspace_id, connection_id, number)
            for each in done:
                await _show_outcome(tables, each)
        for each in done:
            await self.bus.tell(_topic(each.id))
        await self.bus.tell("jobs")

    def _row(self, request: ElicitationRequest) -> Elicitation:
        return Elicitation(
            id=new_id(),
            workspace_id=self.turn.workspace_id,
            conversation_id=self.conversation.id,
            turn_id=self.turn.id,
            attempt=self.turn.attempts,
            member_id=self.conversation.member_id,
            connection_id=request.connection_id,
            server=request.server,
            tool=request.tool,
            text=request.message,
            form=request.schema,
            url=request.url,
            number=request.number,
            hold_seconds=request.hold.seconds if request.hold else 0.0,
            expires_at=now() + PATIENCE,
        )

    async def _ended(self, row: Elicitation, bell: Bell, hold: Hold | None) -> Elicitation | None:
        """None when it was forgotten with all that is the workspace's."""
        while True:
            current = await self._look(row)
            if current is None:
                return None
            if not current.waits:
                await self._take(current)
                return current
            left = (current.expires_at - now()).total_seconds()
            if current.state == "opened" and hold is not None and hold.done.is_set():  # before it was known as opened
                await self.completed(row.connection_id, row.number)
            elif left <= 0:
                await self._close(row, "timed_out" if current.state == "asked" else "waited")
            else:
                await bell.wait(min(left, LOOK_SECONDS))

    async def _look(self, row: Elicitation) -> Elicitation | None:
        try:
            async with self.db.read() as tables:
                return await tables.elicitations.get(row.workspace_id, row.id)
        except TROUBLE as error:
            log.warning("could not look for the answer to a server's question: %s", type(error).__name__)
            return row

    async def _take(self, current: Elicitation) -> None:
        if current.answer is not None:
            async with self.db.begin() as tables:
                await tables.elicitations.taken(current.workspace_id, current.id)

    async def _close(self, row: Elicitation, state: str) -> None:
        async with self.db.begin() as tables:
            if closed := await tables.elicitations.close(row.workspace_id, row.id, state):
                await _show_outcome(tables, closed)
        await self.bus.tell("jobs")

    async def _given_up(self, row: Elicitation) -> None:
        """The call was broken off: by a stop, by its turn's end, or with the process."""
        closing = asyncio.create_task(self._close(row, "gone"))
        done, _ = await asyncio.wait({closing}, timeout=CLOSING_WITHIN)
        if closing in done and (error := closing.exception()) is not None:
            log.warning("a server's question is closed later: %s", type(error).__name__)


async def _show_outcome(tables: Tables, row: Elicitation) -> None:
    """In the transaction of the outcome itself; a page that is done with is told once more."""
    once = f"{CLOSED}:{row.id}:{row.state}"
    await tables.jobs.add(
        CLOSED, once, {"workspace": row.workspace_id, "id": row.id}, now(), workspace=row.workspace_id
    )


def _topic(number: str) -> str:
    return f"elicitation:{number}"
