"""What came of a link's chats, given out in the form that is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import NotYours
from bot.services.links.results.markdown import markdown
from bot.services.links.results.structured import structured
from bot.services.links.results.tables import of_guests, of_links
from bot.services.links.results.usage import DAYS, KEPT, Usage, by_day, of_link
from bot.services.links.transcript import written
from bot.services.links.values import Guest
from bot.services.tickets import READING, Issued, TicketGone, Tickets, use
from bot.words import Words, of
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.links.figures import Counts
from storage.schema import now
from storage.tables import Event, GuestFile, Link, Result, Ticket

AT_ONCE = 1_000
FILES_WITHIN = timedelta(minutes=15)
"""Of a chat that was read once: so long its files are given to the browser that has read it."""
ENGLISH = of("en")
"""For hosts, who read it in Slack."""
NOT_YOURS = "Only the person who made the link can read its chats. Ask them."


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
        """In a form of `FORMS`; when nothing was said, JSON that says so. ``for_host``: with what was filed."""
        async with self._db.read() as tables:
            events = await _log(tables, guest)
            result = await _result(tables, guest) if for_host else None
        if form == "json":
            return structured(guest.link, guest.session, events, result)
        if not any(event.kind == "message" for event in events):
            return ""
        write = markdown if form == "markdown" else written
        return write(guest.link.title, events, words)

    async def looked(self, seen: Mapping[str, tuple[int, int]]) -> None:
        """So often people and machines looked at these links."""
        async with self._db.begin() as tables:
            for link_id, (people, machines) in sorted(seen.items()):
                await tables.openings.count(link_id, now(), people=people, machines=machines)

    async def usage(self, member: Member, link_id: str) -> Usage:
        """Of a link of this member, also when it has ended. Raises `NotYours`."""
        async with self._db.read() as tables:
            link = await tables.links.get(member.workspace, link_id)
            if link is None or link.creator_id != member.id:
                raise NotYours(NOT_YOURS)
            return await of_link(tables, link)

    async def recent(self, member: Member) -> list[Link]:
        """The member's links that live or have ended lately, newest first."""
        async with self._db.read() as tables:
            return await tables.figures.recent(member.workspace, member.id, now() - KEPT)

    async def counts(self, member: Member, links: Sequence[Link]) -> Mapping[str, Counts]:
        async with self._db.read() as tables:
            return await tables.figures.counts(member.workspace, [link.id for link in links])

    async def starts(self, member: Member) -> list[tuple[date, int]]:
        """How many guests began on each of the last days, all links of this member together."""
        async with self._db.read() as tables:
            starts = await tables.figures.starts(member.workspace, member.id, now() - timedelta(days=DAYS))
        return by_day([at.date() for at in starts])

    async def csv_of(self, member: Member, link_id: str) -> tuple[Link, str]:
        """One row a guest. Raises `NotYours`."""
        usage = await self.exported(member, link_id, "csv")
        return usage.link, of_guests(usage)

    async def exported(self, member: Member, link_id: str, form: str) -> Usage:
        """What guests answered leaves Usher in this form: an entry in the audit. Raises `NotYours`."""
        usage = await self.usage(member, link_id)
        async with self._db.begin() as tables:
            await tables.audit.add(member.workspace, member.id, "link.exported", link_id, {"form": form})
        return usage

    async def csv_of_all(self, member: Member) -> str:
        """One row a link, of those that live or have ended lately."""
        usages = [await self.usage(member, link.id) for link in await self.recent(member)]
        async with self._db.begin() as tables:
            await tables.audit.add(member.workspace, member.id, "links.exported", member.id, {"links": len(usages)})
        return of_links(usages)

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

    async def file_of(self, ticket: str, file_id: str) -> GuestFile | None:
        """With its content: one that was sent in the chat that was just read on this ticket's page."""
        found = await self._tickets.used(ticket)
        late = found is None or found.used_at is None or found.used_at + FILES_WITHIN < now()
        if found is None or late or found.purpose != READING or (guest := await self._of(found)) is None:
            return None
        async with self._db.read() as tables:
            file = await tables.guest_files.get(guest.workspace, guest.session.id, file_id)
        return file if file and file.turn_id else None

    async def was_read(self, ticket: str) -> bool:
        """The page did its work before."""
        return await self._tickets.used(ticket) is not None

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
