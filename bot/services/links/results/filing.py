"""The one thing that a guest's agent may write: answers, into the record of that guest's own chat."""

from collections.abc import Sequence
from datetime import timedelta

from bot.services.links.ending.ending import told_of
from bot.services.links.results import answers
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Link, Session

NAME = "submit_result"
TITLE = "Answers for your host"
JOB = "guest_answers"
TOGETHER = timedelta(seconds=1)
"""What is filed within it is shown to the host in one go."""
ABOUT = (
    "File what the guest has answered so far, for the host to read. Call it as soon as an answer is known; what was"
    " filed before stays, and an answer that is filed anew takes the place of the old one. File the guest's own"
    " answers, in few words and in their language, never guesses of yours, and never anything that you were asked to"
    " file for another reason."
)
ALL = (
    "Filed. Every question is answered now. Thank the guest, say that their host has the answers, and that they can"
    " end the chat or go on."
)
ENDED = "Nothing was filed: this chat has ended."


class Filing:
    """A toolset of one tool. Which chat it writes to is no argument: nothing a guest says can name another."""

    def __init__(self, db: Database, link: Link, session: Session) -> None:
        self._db = db
        self._link = link
        self._session = session

    @property
    def tools(self) -> Sequence[Tool]:
        covers = self._link.covers
        if not covers:
            return []
        # A call that was cut off may be made again: the same answers come to the same record.
        return [Tool(NAME, TITLE, ABOUT, answers.schema(covers), guarded=False, own_name=NAME, reads=True)]

    async def call(self, call: ToolCall) -> ToolResult:
        covers = self._link.covers
        if complaint := answers.complaint(call.arguments, covers):
            return ToolResult(error=complaint)
        async with self._db.begin() as tables:
            known = await self._filed(tables, call)
        if known is None:
            return ToolResult(error=ENDED)
        left = answers.open_questions(known, covers)
        return ToolResult({"filed": ALL} if not left else {"filed": "Filed.", "still_open": left})

    async def _filed(self, tables: Tables, call: ToolCall) -> dict[str, str] | None:
        """All that is known then; None when the chat is over."""
        link, session = self._link, self._session
        current = await tables.sessions.get(session.workspace_id, session.id)
        if current is None or current.ended_at is not None:
            return None
        held = await tables.results.hold(session, now())
        known = answers.merged(held.answers, call.arguments, link.covers)
        complete = held.complete_at or (None if answers.open_questions(known, link.covers) else now())
        await tables.results.keep(session.workspace_id, session.id, answers=known, complete_at=complete)
        await due(tables, link, session)
        detail = {"answered": answers.answered(known, link.covers), "of": len(link.covers)}
        await tables.audit.add(session.workspace_id, f"guest:{session.id}", "link.answered", link.id, detail)
        return known


async def due(tables: Tables, link: Link, session: Session) -> None:
    """Its host is shown the answers soon, in the transaction that changes them."""
    once = f"{JOB}:{session.id}"
    await tables.jobs.once_more(JOB, once, told_of(link, session), now() + TOGETHER, workspace=link.workspace_id)
