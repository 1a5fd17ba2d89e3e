"""Whoever holds a call asks its member, and looks for the answer until there is one or the time is up."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.services.approvals.elicitations.outcomes import show, show_outcome, topic
from mcp_runtime.tools.asking.elicitation import Action, ElicitationReply, ElicitationRequest, Hold
from storage.bus.bus import Bell, Bus
from storage.database import Database, Tables
from storage.engines.engine import TROUBLE
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import Conversation, Elicitation, Turn

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)
HELD = timedelta(seconds=15)
"""How long a call that is part of no turn counts as held after the last look; a turn's is held by its lease."""
LOOK_SECONDS = 2.0  # a nudge may be lost
CLOSING_WITHIN = 0.4
"""Seconds for the row of a call that is broken off; else the next look at open questions closes it."""
ACTIONS: dict[str, Action] = {
    **dict.fromkeys(("answered", "completed", "went_on", "waited"), "accept"),
    "declined": "decline",
}
"""What the server hears; all else is that the question was cancelled."""

Heard = Callable[[Elicitation], None]


@dataclass(frozen=True)
class MemberAsker:
    """For the calls of one turn, or for one made by hand; ``heard`` is given each question, in each of its states."""

    db: Database
    bus: Bus
    member: Member
    turn: Turn | None = None
    conversation: Conversation | None = None
    heard: Heard = lambda row: None

    @property
    def private(self) -> bool:
        return self.conversation is None or bool(self.conversation.place["private"])

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        row = self._row(request)
        with self.bus.follow(topic(row.id)) as bell:
            try:
                await self.db.surely(partial(_ask, row), patient=True)
                self.heard(row)
                await self.bus.tell("jobs")
                ended = await self._ended(row, bell, request.hold)
            except BaseException:
                await self._given_up(row)
                raise
        action = ACTIONS.get(ended.state, "cancel") if ended else "cancel"
        return ElicitationReply(action, ended.answer if ended and action == "accept" else None)

    async def completed(self, connection_id: str, number: str) -> None:
        async with self.db.begin() as tables:
            done = await tables.elicitations.completed(self.member.workspace, connection_id, number)
            for each in done:
                await show_outcome(tables, each)
        for each in done:
            await self.bus.tell(topic(each.id))
        await self.bus.tell("jobs")

    def _row(self, request: ElicitationRequest) -> Elicitation:
        return Elicitation(
            id=new_id(),
            workspace_id=self.member.workspace,
            conversation_id=self.conversation.id if self.conversation else None,
            turn_id=self.turn.id if self.turn else None,
            attempt=self.turn.attempts if self.turn else 0,
            held_until=None if self.turn else now() + HELD,
            member_id=self.member.id,
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
        current = row
        while True:
            before, found = current, await self._look(current)
            if found is None:
                return None
            current = found
            if current.state != before.state:
                self.heard(current)
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
            if self.turn is None:
                async with self.db.begin() as tables:
                    await tables.elicitations.hold(row.workspace_id, row.id, now() + HELD)
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
                await show_outcome(tables, closed)
        await self.bus.tell("jobs")

    async def _given_up(self, row: Elicitation) -> None:
        """The call was broken off: by a stop, by its turn's end, or with the process."""
        closing = asyncio.create_task(self._close(row, "gone"))
        done, _ = await asyncio.wait({closing}, timeout=CLOSING_WITHIN)
        if closing in done and (error := closing.exception()) is not None:
            log.warning("a server's question is closed later: %s", type(error).__name__)


async def _ask(row: Elicitation, tables: Tables, unanswered: Sequence[None]) -> None:
    if not (unanswered and await tables.elicitations.get(row.workspace_id, row.id)):
        await tables.elicitations.add(row)
        await show(tables, row)
