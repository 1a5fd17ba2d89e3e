"""What came of a link's chats, given out in the form that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import NotYours
from bot.services.links.results.markdown import markdown
from bot.services.links.results.structured import structured
from bot.services.links.transcript import written
from bot.services.links.values import Guest
from bot.services.tickets import READING, Issued, TicketGone, Tickets, use
from bot.words import Words, of
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Event, Result, Ticket

AT_ONCE = 1_000
ENGLISH = of("en")
"""For hosts, who read it in Slack."""
NOT_YOURS = "Only the person who made the link can read its chats."


@dataclass(frozen=True)
class Form:
    ending: str
    mime: str


FORMS: Mapping[str, Form] = {
    "text": Form("txt", "text/plain"),
    "markdown": Form("md", "text/markdown"),
    "json": Form("json", "application/json"),
}


class Outcomes:
    """``tickets`` are for pages where guests reach theirs."""

    def __init__(self, db: Database, tickets: Tickets) -> None:
        self._db = db
        self._tickets = tickets

    async def log(self, guest: Guest) -> list[Event]:
        """All of it, however long."""
        async with self._db.read() as tables:
            return await _log(tables, guest)

    async def transcript(
        self, guest: Guest, form: str = "text", words: Words = ENGLISH, *, for_host: bool = False
    ) -> str:
        """In a form of `FORMS`; empty when nothing was said. ``for_host``: with what was filed."""
        async with self._db.read() as tables:
            events = await _log(tables, guest)
            result = await _result(tables, guest) if for_host else None
        if not any(event.kind == "message" for event in events):
            return ""
        if form == "json":
            return structured(guest.link, guest.session, events, result)
        write = markdown if form == "markdown" else written
        return write(guest.link.title, events, words)

    async def export(self, member: Member, session_id: str, form: str) -> tuple[Guest, str]:
        """The chat of one of the member's links, for themselves: an entry in the audit. Raises `NotYours`."""
        guest = await self.own(member, session_id)
        text = await self.transcript(guest, form, for_host=True)
        await self.noted(member, guest, form)
        return guest, text

    async def page(self, member: Member, session_id: str) -> Issued:
        """Where the member may read it once. Raises `NotYours`."""
        guest = await self.own(member, session_id)
        return await self._tickets.issue(member, {"session": guest.session.id}, purpose=READING)

    async def to_be_read(self, ticket: str) -> Guest | None:
        """Whose chat this page would show; looking uses nothing up. None: it shows nothing any more."""
        found = await self._tickets.look(ticket, READING)
        return await self._of(found) if found else None

    async def read_once(self, ticket: str) -> Guest:
        """Use the page up. Raises `TicketGone`, also when the chat is."""
        found = await self._tickets.look(ticket, READING)
        guest = await self._of(found) if found else None
        if found is None or guest is None:
            raise TicketGone
        async with self._db.begin() as tables:
            await use(tables, found)
        await self.noted(guest.creator, guest, "page")
        return guest

    async def _of(self, ticket: Ticket) -> Guest | None:
        try:
            return await self.own(Member(ticket.workspace_id, ticket.member_id), str(ticket.payload["session"]))
        except NotYours:
            return None

    async def own(self, member: Member, session_id: str) -> Guest:
        """Raises `NotYours`."""
        async with self._db.read() as tables:
            session = await tables.sessions.get(member.workspace, session_id)
            link = await tables.links.get(member.workspace, session.link_id) if session else None
        if session is None or link is None or link.creator_id != member.id:
            raise NotYours(NOT_YOURS)
        return Guest(link, session)

    async def noted(self, member: Member, guest: Guest, form: str) -> None:
        async with self._db.begin() as tables:
            detail = {"session": guest.session.id, "form": form}
            await tables.audit.add(member.workspace, member.id, "link.exported", guest.link.id, detail)


async def _log(tables: Tables, guest: Guest) -> list[Event]:
    events: list[Event] = []
    while True:
        after = events[-1].seq if events else 0
        more = await tables.events.after(guest.workspace, guest.conversation_id, after, AT_ONCE)
        events += more
        if len(more) < AT_ONCE:
            return events


async def _result(tables: Tables, guest: Guest) -> Result:
    found = await tables.results.get(guest.workspace, guest.session.id)
    return found or Result(answers={}, summary="")
