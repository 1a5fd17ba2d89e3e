"""A link's creator steps into a guest's chat: the agent falls silent, a person speaks, the agent takes over again."""

from datetime import timedelta

from bot.agent.model import Model
from bot.errors import NotYours, UserError
from bot.services import log_entries
from bot.services.approvals import approvals
from bot.services.limits.refusals import refused
from bot.services.links.ending.ending import end_session, ring
from bot.services.links.hosting import mirroring
from bot.services.links.hosting.rewording import Rewording
from bot.services.links.hosting.stretch import ANSWER_NOW
from bot.services.links.hosting.values import (
    AGENT,
    ASKED,
    HOST,
    MOST,
    SOMEBODY,
    TOO_LONG,
    UNANSWERED,
    Host,
    Names,
    Picture,
    Pictures,
    turned,
)
from bot.services.links.results.summaries import Summaries
from bot.services.links.spending import Spending
from bot.services.links.values import Guest
from bot.services.log_entries import Entry
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import Link, Session, Turn

PATIENCE = timedelta(minutes=5)
"""For how long a guest waits for a person before they are told that nobody came."""
OVER = "This chat has ended: nothing reaches the guest any more. Make them a new link to go on."
NOT_YOURS = "Only the person who made the link can speak in its chats. Tell them what you would say."
AGENT_ANSWERS = "The AI assistant answers this guest already: you need do nothing more."
HOST_ANSWERS = "You answer this guest already. Write in this thread."


class Hosting:
    """Each act is one transaction, its moment the session's row: whoever changes that first, came first."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        model: Model,
        names: Names | None = None,
        pictures: Pictures | None = None,
        *,
        named: bool = True,
        spending: Spending | None = None,
    ) -> None:
        """Without ``named`` no guest learns who their host is."""
        self._db = db
        self._bus = bus
        self._model = model
        self._names = names if named else None
        self._pictures = pictures if named else None
        self._named = named
        self.reword = Rewording(db, bus)
        self.summaries = Summaries(db, model, spending or Spending(db))

    async def followed_in(self, workspace: str, channel: str, thread_ts: str) -> Guest | None:
        """Whose chat is shown in this thread of Slack."""
        async with self._db.read() as tables:
            session = await tables.sessions.in_thread(workspace, channel, thread_ts)
            link = await tables.links.get(workspace, session.link_id) if session else None
        return Guest(link, session) if link and session else None

    async def host(self, link: Link) -> Host:
        """Who made it, for its guests."""
        if not self._named:
            return Host()
        async with self._db.read() as tables:
            workspace = await tables.workspaces.get(link.workspace_id)
        about = await self._names.about(Member(link.workspace_id, link.creator_id)) if self._names else None
        pictured = bool(self._pictures and about and about.picture)
        return Host(about.name if about else "", workspace.name if workspace else "", pictured)

    async def picture(self, link: Link) -> Picture | None:
        """What who made it looks like, for its guests; None when that is not known, or not to be shown."""
        return await self._pictures.of(Member(link.workspace_id, link.creator_id)) if self._pictures else None

    async def say(self, host: Member, session_id: str, text: str, source: str) -> bool:
        """A person's words to the guest, once; what the agent was saying is cut. True: it answered until now.

        Raises `NotYours`, `UserError`.
        """
        name = await self._name(host)
        async with self._db.begin() as tables:
            guest = await _open(tables, host, session_id, text)
            taken = await self._take_over(tables, guest, host)
            await _queue(tables, guest, "host", text, source, name, joined=taken)
        await self._ring(guest, stop=taken)
        return taken

    async def take_over(self, host: Member, session_id: str) -> None:
        """Before a word is said: the guest is told who is there now. Raises `NotYours`, `UserError`."""
        name = await self._name(host)
        async with self._db.begin() as tables:
            guest = await _open(tables, host, session_id)
            if not await self._take_over(tables, guest, host):
                raise UserError(HOST_ANSWERS)
            await _queue(tables, guest, "host", "", f"take_over:{new_id()}", name, joined=True)
        await self._ring(guest, stop=True)

    async def hand_back(self, host: Member, session_id: str) -> None:
        """The agent answers again, at once where the guest's last words are open. Raises `NotYours`, `UserError`."""
        name = await self._name(host)
        async with self._db.begin() as tables:
            guest = await _open(tables, host, session_id)
            if await tables.sessions.answered_by(host.workspace, session_id, AGENT, now()) is None:
                raise UserError(AGENT_ANSWERS)
            seq = await self._log(tables, guest, turned("agent", name))
            if await _guest_waits(tables, guest):
                await _queue(tables, guest, "say", ANSWER_NOW, f"hand_back:{session_id}:{seq}", name)
            await _noted(tables, guest, host, "chat.handed_back")
        await self._ring(guest)

    async def whisper(self, host: Member, session_id: str, text: str, source: str) -> bool:
        """To the agent alone; True when it acts on it now, else with its next answer.

        Raises `NotYours`, `UserError`.
        """
        name = await self._name(host)
        async with self._db.begin() as tables:
            guest = await _open(tables, host, session_id, text)
            silent = guest.session.host_state == HOST
            if not silent:
                await _queue(tables, guest, "whisper", text, source, name)
            elif await tables.handled.first_time(host.workspace, f"{host.workspace}:whisper:{source}"):
                await self._log(tables, guest, log_entries.whisper(name, text, source))
        await self._ring(guest)
        return not silent

    async def end(self, host: Member, session_id: str) -> Guest:
        """Raises `NotYours`, `UserError`."""
        async with self._db.begin() as tables:
            guest = await _open(tables, host, session_id)
            await end_session(tables, guest.link, guest.session, "host")
            await _noted(tables, guest, host, "chat.ended")
        await ring(self._bus, [guest.conversation_id])
        return guest

    async def ask_for_person(self, guest: Guest) -> str:
        """The guest wants to talk to a person; what that person is called. Raises `Refused`."""
        name = await self._name(guest.creator)
        async with self._db.begin() as tables:
            if await tables.sessions.person_asked_for(guest.workspace, guest.session.id, now()) is None:
                current = await tables.sessions.get(guest.workspace, guest.session.id)
                over = current is None or current.ended_at is not None
                raise refused("ended") if over else refused("asked")
            await self._log(tables, guest, turned(ASKED, name))
        await self._ring(guest)
        return name

    async def give_up_waiting(self) -> int:
        """Tell the guests to whom nobody came in time; how many."""
        async with self._db.read() as tables:
            waiting = await tables.sessions.asked_in_vain(now() - PATIENCE)
        return sum([await self._given_up(session) for session in waiting])

    async def _given_up(self, session: Session) -> bool:
        async with self._db.begin() as tables:
            link = await tables.links.get(session.workspace_id, session.link_id)
            here = (session.workspace_id, session.id)
            if link is None or not await tables.sessions.given_up(*here, now() - PATIENCE, now()):
                return False
            guest = Guest(link, session)
            name = await self._name(guest.creator)
            await self._log(tables, guest, turned(UNANSWERED, name))
        await self._ring(guest)
        return True

    async def _take_over(self, tables: Tables, guest: Guest, host: Member) -> bool:
        """False when a person answered already. It stands in the log when what the agent was saying does."""
        workspace, session_id = guest.workspace, guest.session.id
        if await tables.sessions.answered_by(workspace, session_id, HOST, now()) is None:
            return False
        await tables.turns.ask_stop(workspace, guest.conversation_id)
        await approvals.lapse(tables, self._model, workspace, guest.conversation_id)
        await _noted(tables, guest, host, "chat.taken_over")
        return True

    async def _log(self, tables: Tables, guest: Guest, entry: Entry) -> int:
        event = await tables.events.add(guest.workspace, guest.conversation_id, None, entry.kind, entry.body)
        await mirroring.due(tables, guest.link, guest.session)
        return event.seq

    async def _ring(self, guest: Guest, *, stop: bool = False) -> None:
        if stop:
            await self._bus.tell(f"stop:{guest.conversation_id}")
        await self._bus.tell("turns")
        await self._bus.tell(f"conversation:{guest.conversation_id}")
        await self._bus.tell("jobs")

    async def _name(self, member: Member) -> str:
        about = await self._names.about(member) if self._names else None
        return (about.name if about else "") or SOMEBODY


async def _noted(tables: Tables, guest: Guest, host: Member, action: str) -> None:
    await tables.audit.add(guest.workspace, host.id, action, guest.link.id, {"session": guest.session.id})


async def _open(tables: Tables, host: Member, session_id: str, text: str | None = None) -> Guest:
    """A chat of this creator that goes on; ``text`` is what is to be said in it."""
    session = await tables.sessions.get(host.workspace, session_id)
    link: Link | None = await tables.links.get(host.workspace, session.link_id) if session else None
    if session is None or link is None or link.creator_id != host.id:
        raise NotYours(NOT_YOURS)
    guest = Guest(link, session)
    if guest.ended:
        raise UserError(OVER)
    if text is not None and len(text) > MOST:
        raise UserError(TOO_LONG)
    return guest


async def _queue(
    tables: Tables, guest: Guest, kind: str, text: str, source: str, name: str, *, joined: bool = False
) -> None:
    """Its place is behind what runs and waits there: a person's words come when the agent has fallen silent."""
    turn = Turn(
        workspace_id=guest.workspace,
        conversation_id=guest.conversation_id,
        source=source,
        kind=kind,
        text=text,
        shown={"name": name, "joined": joined},
    )
    await tables.turns.queue(turn)


async def _guest_waits(tables: Tables, guest: Guest) -> bool:
    """Whether the last word was the guest's."""
    said = await tables.events.last_of_kind(guest.workspace, guest.conversation_id, "message")
    return said is not None and said.body["author"] == "guest"
